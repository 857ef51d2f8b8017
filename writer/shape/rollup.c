#include "writer/shape/rollup.h"

#include <stdlib.h>

#include "base/clock.h"
#include "writer/shape/pack.h"

#define NAME_SIZE      64
#define TIME_MAX_NS    (INT64_MAX / 2) /* of a saved window's start, either side of 1970 */
#define STEPS_BACK_MAX UINT32_MAX

struct window {
    const char *measurement;
    int64_t length_ns;
    int64_t start_ns; /* INT64_MIN: none open */
    struct rollup_figures figures[ROLLUP_SOURCES];
};

struct rollup {
    unsigned count;
    uint64_t steps_back;
    char names[ROLLUP_SOURCES][NAME_SIZE];
    struct window windows[2];
};

struct rollup *rollup_new(void)
{
    struct rollup *rollup = calloc(1, sizeof *rollup);
    if (!rollup)
        return NULL;
    rollup->windows[0] = (struct window){
        .measurement = "ingest_rollup", .length_ns = 10 * CLOCK_NS_PER_S, .start_ns = INT64_MIN};
    rollup->windows[1] = (struct window){.measurement = "ingest_rollup_5m",
                                         .length_ns = 300 * CLOCK_NS_PER_S,
                                         .start_ns = INT64_MIN};
    return rollup;
}

void rollup_free(struct rollup *rollup)
{
    free(rollup);
}

unsigned rollup_slot(struct rollup *rollup, struct text source)
{
    if (source.len >= NAME_SIZE)
        source.len = NAME_SIZE - 1;
    for (unsigned i = 0; i < rollup->count; i++)
        if (text_equal(text_of(rollup->names[i]), source))
            return i;
    if (rollup->count == ROLLUP_SOURCES - 1)
        source = TEXT("other");
    else if (rollup->count == ROLLUP_SOURCES)
        return ROLLUP_SOURCES - 1;
    memcpy(rollup->names[rollup->count], source.at, source.len);
    rollup->names[rollup->count][source.len] = '\0';
    return rollup->count++;
}

static bool figures_empty(const struct rollup_figures *f)
{
    return f->events == 0 && f->points == 0 && f->rejected == 0 && f->bytes == 0;
}

static void window_emit(const struct rollup *rollup, const struct window *window, unsigned slot,
                        const struct rollup_sink *sink)
{
    const struct rollup_figures *f = &window->figures[slot];
    struct point point;
    point_clear(&point);
    point.measurement = text_of(window->measurement);
    point.timed = true;
    point.time_ns = window->start_ns + (int64_t)rollup->steps_back;
    enum err e = point_tag(&point, TEXT("source"), text_of(rollup->names[slot]));
    e = e ? e : point_integer(&point, TEXT("events"), (int64_t)f->events);
    e = e ? e : point_integer(&point, TEXT("points"), (int64_t)f->points);
    e = e ? e : point_integer(&point, TEXT("rejected"), (int64_t)f->rejected);
    e = e ? e : point_integer(&point, TEXT("bytes"), (int64_t)f->bytes);
    if (e == ERR_OK)
        sink->point(sink->context, &point);
}

static void window_close(const struct rollup *rollup, struct window *window,
                         const struct rollup_sink *sink)
{
    for (unsigned i = 0; i < rollup->count; i++)
        if (!figures_empty(&window->figures[i]))
            window_emit(rollup, window, i, sink);
    memset(window->figures, 0, sizeof window->figures);
}

static int64_t window_start(const struct window *window, int64_t arrival_ns)
{
    int64_t rest = arrival_ns % window->length_ns;
    return arrival_ns - (rest < 0 ? rest + window->length_ns : rest);
}

void rollup_advance(struct rollup *rollup, int64_t arrival_ns, const struct rollup_sink *sink)
{
    struct window *shortest = &rollup->windows[0];
    if (arrival_ns >= shortest->start_ns && arrival_ns - shortest->length_ns < shortest->start_ns)
        return; /* nearly always */
    bool back = arrival_ns < shortest->start_ns;
    for (size_t i = 0; i < 2; i++) {
        struct window *window = &rollup->windows[i];
        int64_t start = window_start(window, arrival_ns);
        if (window->start_ns == start && !back)
            continue;
        if (window->start_ns != INT64_MIN)
            window_close(rollup, window, sink);
        window->start_ns = start;
    }
    if (back)
        rollup->steps_back++;
}

void rollup_count(struct rollup *rollup, unsigned slot, struct rollup_figures figures)
{
    for (size_t i = 0; i < 2; i++) {
        struct rollup_figures *f = &rollup->windows[i].figures[slot];
        f->events += figures.events;
        f->points += figures.points;
        f->rejected += figures.rejected;
        f->bytes += figures.bytes;
    }
}

void rollup_save(const struct rollup *rollup, struct buf *out)
{
    pack_number(out, rollup->count);
    pack_number(out, rollup->steps_back);
    for (unsigned i = 0; i < rollup->count; i++)
        pack_text(out, text_of(rollup->names[i]));
    for (size_t w = 0; w < 2; w++) {
        pack_number(out, (uint64_t)rollup->windows[w].start_ns);
        for (unsigned i = 0; i < rollup->count; i++) {
            const struct rollup_figures *f = &rollup->windows[w].figures[i];
            pack_number(out, f->events);
            pack_number(out, f->points);
            pack_number(out, f->rejected);
            pack_number(out, f->bytes);
        }
    }
}

static bool window_load(struct window *window, unsigned count, struct text *rest)
{
    uint64_t start;
    if (!pack_take_number(rest, &start))
        return false;
    window->start_ns = (int64_t)start;
    if (window->start_ns != INT64_MIN &&
        (window->start_ns > TIME_MAX_NS || window->start_ns < -TIME_MAX_NS))
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct rollup_figures *f = &window->figures[i];
        if (!pack_take_number(rest, &f->events) || !pack_take_number(rest, &f->points) ||
            !pack_take_number(rest, &f->rejected) || !pack_take_number(rest, &f->bytes))
            return false;
    }
    return true;
}

bool rollup_load(struct rollup *rollup, struct text *rest)
{
    uint64_t count;
    if (!pack_take_number(rest, &count) || count > ROLLUP_SOURCES ||
        !pack_take_number(rest, &rollup->steps_back) || rollup->steps_back > STEPS_BACK_MAX)
        return false;
    rollup->count = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct text name;
        if (!pack_take_text(rest, &name) || name.len >= NAME_SIZE)
            return false;
        memcpy(rollup->names[i], name.at, name.len);
        rollup->names[i][name.len] = '\0';
    }
    rollup->count = (unsigned)count;
    return window_load(&rollup->windows[0], rollup->count, rest) &&
           window_load(&rollup->windows[1], rollup->count, rest);
}
