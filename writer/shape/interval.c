#include "writer/shape/interval.h"

#include <stdlib.h>

#include "writer/shape/held.h"
#include "writer/shape/pack.h"
#include "writer/shape/recent.h"

struct interval {
    int64_t span_ns;
    struct recent *windows; /* in the order in which they began */
    size_t kept_bytes;
    struct buf scratch;
};

struct interval *interval_new(int64_t span_ns)
{
    struct interval *interval = calloc(1, sizeof *interval);
    if (!interval)
        return NULL;
    interval->span_ns = span_ns;
    interval->windows = recent_new(INTERVAL_WINDOWS, sizeof(struct interval_window));
    if (!interval->windows) {
        free(interval);
        return NULL;
    }
    return interval;
}

static void drop_kept(struct interval *interval, struct interval_window *window)
{
    interval->kept_bytes -= window->kept_len;
    free(window->kept);
    window->kept = NULL;
    window->kept_len = 0;
}

void interval_free(struct interval *interval)
{
    if (!interval)
        return;
    uint64_t key;
    for (struct interval_window *window = recent_oldest(interval->windows, &key); window;
         window = recent_newer(interval->windows, window, &key))
        free(window->kept);
    recent_free(interval->windows);
    buf_free(&interval->scratch);
    free(interval);
}

void interval_begin(struct interval *interval, uint64_t key, int64_t now_ns)
{
    if (recent_count(interval->windows) < INTERVAL_WINDOWS)
        *(struct interval_window *)recent_touch(interval->windows, key) =
            (struct interval_window){.began_ns = now_ns};
}

struct interval_window *interval_find(struct interval *interval, uint64_t key)
{
    return recent_find(interval->windows, key);
}

static bool keep(struct interval *interval, struct interval_window *window, struct text packed)
{
    char *kept = interval->kept_bytes + packed.len <= INTERVAL_BYTES ? malloc(packed.len) : NULL;
    if (!kept)
        return false;
    memcpy(kept, packed.at, packed.len);
    window->kept = kept;
    window->kept_len = packed.len;
    interval->kept_bytes += packed.len;
    return true;
}

bool interval_keep(struct interval *interval, struct interval_window *window,
                   const struct shaped *shaped, uint64_t whole)
{
    drop_kept(interval, window);
    buf_reset(&interval->scratch);
    held_pack(shaped, &interval->scratch);
    window->whole = whole;
    return !interval->scratch.failed && keep(interval, window, buf_view(&interval->scratch));
}

/* A clock that was set back ends every window: how much of it is left cannot be told. */
static bool is_over(const struct interval *interval, const struct interval_window *window,
                    int64_t now_ns)
{
    return now_ns < window->began_ns || now_ns - window->began_ns >= interval->span_ns;
}

struct interval_window *interval_due(const struct interval *interval, int64_t now_ns,
                                     uint64_t *ret_key)
{
    struct interval_window *window = recent_oldest(interval->windows, ret_key);
    return window && is_over(interval, window, now_ns) ? window : NULL;
}

/* Windows stay in the order of their beginnings: those that are over are asked for at each record,
 * so none began between the end of this one and now. */
void interval_end(struct interval *interval, uint64_t key, int64_t now_ns, bool again)
{
    struct interval_window *window = recent_find(interval->windows, key);
    drop_kept(interval, window);
    again = again && now_ns >= window->began_ns;
    window->began_ns += again ? interval->span_ns : 0;
    if (again && !is_over(interval, window, now_ns))
        recent_touch(interval->windows, key);
    else
        recent_remove(interval->windows, key);
}

void interval_save(const struct interval *interval, struct buf *out)
{
    uint64_t key;
    pack_number(out, recent_count(interval->windows));
    for (const struct interval_window *window = recent_oldest(interval->windows, &key); window;
         window = recent_newer(interval->windows, window, &key)) {
        pack_number(out, key);
        pack_number(out, (uint64_t)window->began_ns);
        pack_number(out, window->whole);
        pack_text(out, (struct text){window->kept, window->kept_len});
    }
}

bool interval_load(struct interval *interval, struct text *rest)
{
    uint64_t count, key, began, whole;
    struct text kept;
    if (!pack_take_number(rest, &count))
        return false;
    for (; count > 0; count--) {
        if (!pack_take_number(rest, &key) || !pack_take_number(rest, &began) ||
            !pack_take_number(rest, &whole) || !pack_take_text(rest, &kept) ||
            recent_find(interval->windows, key))
            return false;
        interval_begin(interval, key, (int64_t)began);
        struct interval_window *window = interval_find(interval, key);
        if (!window || (kept.len > 0 && !keep(interval, window, kept)))
            return false;
        window->whole = whole;
    }
    return true;
}
