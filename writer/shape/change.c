#include "writer/shape/change.h"

#include <stdlib.h>

#include "base/clock.h"
#include "writer/shape/held.h"
#include "writer/shape/interval.h"
#include "writer/shape/last.h"
#include "writer/shape/pack.h"

struct change {
    const struct sources *sources;
    struct last *last;           /* NULL: no source's rules need it */
    struct interval **intervals; /* of each source, NULL where it has none; behind them those that
                                    are over because their source has none any more */
    size_t count;
    int64_t now_ns;    /* of `advance`: a point that another stage kept comes later than it arrived,
                          and in no certain order */
    struct point kept; /* taken out of a window */
    struct last_digest digest, of_kept;
};

/* --- opening and closing ------------------------------------------------------- */

static bool needs_last(const struct source *source)
{
    return source->retained == SETTINGS_RULE_IF_CHANGED ||
           source->late == SETTINGS_RULE_IF_CHANGED ||
           (source->settings && source->settings->repeat == SETTINGS_REPEAT_ON_CHANGE);
}

static int64_t min_interval_ns(const struct source *source)
{
    return source->settings ? source->settings->min_interval_s * CLOCK_NS_PER_S : 0;
}

static void close_parts(struct change *change)
{
    last_free(change->last);
    for (size_t i = 0; change->intervals && i <= change->count; i++)
        interval_free(change->intervals[i]);
    free(change->intervals);
    change->last = NULL;
    change->intervals = NULL;
}

static void change_close(void *state)
{
    if (!state)
        return;
    close_parts(state);
    free(state);
}

static bool open_parts(struct change *change)
{
    bool remembers = false;
    change->intervals = calloc(change->count + 1, sizeof *change->intervals);
    if (!change->intervals)
        return false;
    for (size_t i = 0; i < change->count; i++) {
        const struct source *source = source_at(change->sources, i);
        remembers = remembers || needs_last(source);
        if (min_interval_ns(source) == 0)
            continue;
        change->intervals[i] = interval_new(min_interval_ns(source));
        if (!change->intervals[i])
            return false;
    }
    if (remembers)
        change->last = last_new();
    return !remembers || change->last;
}

static void *change_open(const struct sources *sources)
{
    struct change *change = calloc(1, sizeof *change);
    if (!change)
        return NULL;
    change->sources = sources;
    change->count = sources_count(sources);
    if (!open_parts(change)) {
        change_close(change);
        return NULL;
    }
    return change;
}

/* --- repeat: on_change ----------------------------------------------------------- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A time that lies ahead of the arrival is a wrong clock's: it must not make all that follows look
 * old. */
static int64_t time_of(const struct shaped *shaped)
{
    return least(shaped->point->time_ns, shaped->arrival_ns);
}

static bool is_older(const struct shaped *shaped, const struct last_verdict *verdict)
{
    return shaped->own_time && shaped->point->time_ns < verdict->latest_ns &&
           verdict->latest_ns <= shaped->arrival_ns;
}

static bool is_repeat(const struct shaped *shaped, const struct last_verdict *verdict)
{
    const struct settings_source *rules = shaped->source ? shaped->source->settings : NULL;
    if (!rules || rules->repeat != SETTINGS_REPEAT_ON_CHANGE || !verdict->unchanged)
        return false;
    int64_t age_ns = time_of(shaped) - verdict->earliest_ns;
    return rules->heartbeat_s == 0 || (age_ns >= 0 && age_ns < rules->heartbeat_s * CLOCK_NS_PER_S);
}

/* Hands the point on, or leaves it out as unchanged: false then. */
static bool pass(struct change *change, struct shaped *shaped, const struct last_digest *digest,
                 const struct stage_next *next)
{
    if (change->last) {
        struct last_verdict verdict = last_compare(change->last, digest);
        bool older = is_older(shaped, &verdict);
        if (!older && is_repeat(shaped, &verdict)) {
            next->left_out(next->context, shaped, "unchanged, and its source stores changes");
            return false;
        }
        if (!older)
            last_store(change->last, digest, time_of(shaped));
    }
    next->point(next->context, shaped);
    return true;
}

/* --- retained, late: if_changed --------------------------------------------------- */

static bool must_differ(const struct shaped *shaped)
{
    if (!shaped->source || shaped->own_time)
        return false;
    return (shaped->retained && shaped->source->retained == SETTINGS_RULE_IF_CHANGED) ||
           (!shaped->retained && shaped->late && shaped->source->late == SETTINGS_RULE_IF_CHANGED);
}

/* What waits is the last that is known, though it is not stored yet. */
static bool is_known(struct change *change, const struct shaped *shaped,
                     const struct last_digest *digest, const struct interval_window *window,
                     const struct stage_next *next)
{
    if (!must_differ(shaped))
        return false;
    bool known = window && window->kept ? window->whole == digest->whole
                                        : !last_compare(change->last, digest).differs;
    if (!known)
        return false;
    last_note(change->last, digest);
    next->left_out(next->context, shaped,
                   shaped->retained ? "retained, and not known to differ from what was stored last"
                                    : "late, and not known to differ from what was stored last");
    return true;
}

/* --- min_interval ------------------------------------------------------------------ */

/* The interval in which the point may have to wait, NULL when it need not. */
static struct interval *interval_of(const struct change *change, const struct shaped *shaped)
{
    if (!shaped->source || !change->intervals[shaped->source->index])
        return NULL;
    int64_t span_ns = min_interval_ns(shaped->source);
    int64_t time_ns = shaped->point->time_ns, arrival_ns = shaped->arrival_ns;
    bool near =
        !shaped->own_time || (time_ns > arrival_ns - span_ns && time_ns < arrival_ns + span_ns);
    return near ? change->intervals[shaped->source->index] : NULL;
}

static void wait_in(struct change *change, struct interval *interval,
                    struct interval_window *window, struct shaped *shaped,
                    const struct stage_next *next)
{
    struct text kept = {window->kept, window->kept_len};
    struct shaped earlier;
    if (kept.len > 0 && held_take(&kept, change->sources, &change->kept, &earlier))
        next->left_out(next->context, &earlier, "a later one came within min_interval");
    if (!interval_keep(interval, window, shaped, change->digest.whole))
        (void)pass(change, shaped, &change->digest, next);
}

/* Ends a window that is over, and hands on what waited in it. */
static void release(struct change *change, struct interval *interval, uint64_t key,
                    int64_t arrival_ns, const struct stage_next *next)
{
    const struct interval_window *window = interval_find(interval, key);
    struct text kept = {window->kept, window->kept_len};
    struct shaped shaped;
    bool stored = false;
    if (kept.len > 0 && held_take(&kept, change->sources, &change->kept, &shaped)) {
        last_digest(&shaped, &change->of_kept);
        stored = pass(change, &shaped, &change->of_kept, next);
    }
    interval_end(interval, key, arrival_ns, stored);
}

static void take_with_rules(struct change *change, struct shaped *shaped, struct interval *interval,
                            const struct stage_next *next)
{
    struct interval_window *window = NULL;
    uint64_t key = 0;
    last_digest(shaped, &change->digest);
    if (interval) {
        key = shaped_field(change->digest.form, text_of(shaped->source->filter));
        window = interval_find(interval, key);
    }
    if (is_known(change, shaped, &change->digest, window, next))
        return;
    if (window)
        wait_in(change, interval, window, shaped, next);
    else if (pass(change, shaped, &change->digest, next) && interval)
        interval_begin(interval, key, change->now_ns);
}

static void change_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    struct change *change = state;
    struct interval *interval = interval_of(change, shaped);
    if (shaped->needs_time || (!change->last && !interval))
        next->point(next->context, shaped);
    else
        take_with_rules(change, shaped, interval, next);
}

static void change_advance(void *state, int64_t arrival_ns, const struct stage_next *next)
{
    struct change *change = state;
    uint64_t key;
    change->now_ns = arrival_ns;
    for (size_t i = 0; i <= change->count; i++) {
        struct interval *interval = change->intervals[i];
        while (interval && interval_due(interval, arrival_ns, &key))
            release(change, interval, key, arrival_ns, next);
    }
}

/* --- the saved state ------------------------------------------------------------- */

static void change_save(const void *state, struct buf *out)
{
    const struct change *change = state;
    pack_number(out, (uint64_t)change->now_ns);
    pack_number(out, change->last != NULL);
    if (change->last)
        last_save(change->last, out);
    for (size_t i = 0; i <= change->count; i++) {
        const struct source *source = source_at(change->sources, i);
        if (!change->intervals[i])
            continue;
        pack_text(out, source ? text_of(source->filter) : (struct text){NULL, 0});
        interval_save(change->intervals[i], out);
    }
}

static bool load_last(struct change *change, struct text *rest)
{
    uint64_t there;
    if (!pack_take_number(rest, &there))
        return false;
    if (!there || change->last)
        return !there || last_load(change->last, rest);
    struct last *unneeded = last_new(); /* only to get past it */
    bool good = unneeded && last_load(unneeded, rest);
    last_free(unneeded);
    return good;
}

/* The intervals of a filter, or those of none. */
static struct interval **interval_named(struct change *change, struct text filter)
{
    for (size_t i = 0; i < change->count; i++)
        if (change->intervals[i] &&
            text_equal(filter, text_of(source_at(change->sources, i)->filter)))
            return &change->intervals[i];
    return &change->intervals[change->count];
}

static bool change_load(void *state, struct text saved)
{
    struct change *change = state;
    struct text filter;
    uint64_t now;
    close_parts(change);
    if (!open_parts(change) || !pack_take_number(&saved, &now) || !load_last(change, &saved))
        return false;
    change->now_ns = (int64_t)now;
    while (saved.len > 0) {
        if (!pack_take_text(&saved, &filter))
            return false;
        struct interval **interval = interval_named(change, filter);
        if (!*interval)
            *interval = interval_new(0);
        if (!*interval || !interval_load(*interval, &saved))
            return false;
    }
    return true;
}

const struct stage change_stage = {
    .name = "change",
    .open = change_open,
    .close = change_close,
    .take = change_take,
    .advance = change_advance,
    .save = change_save,
    .load = change_load,
};
