#include "writer/shape/times.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/span.h"

struct times {
    char words[320]; /* of a refusal */
};

/* The key that a time goes beyond, and its span. */
struct beyond {
    const char *key, *side;
    uint32_t span_s;
};

static void *times_open(const struct sources *sources)
{
    (void)sources;
    return calloc(1, sizeof(struct times));
}

static void times_close(void *state)
{
    free(state);
}

static bool is_further(int64_t later_ns, int64_t earlier_ns, uint32_t span_s)
{
    int64_t apart_ns;
    return span_s > 0 && later_ns > earlier_ns &&
           (__builtin_sub_overflow(later_ns, earlier_ns, &apart_ns) ||
            apart_ns > span_s * CLOCK_NS_PER_S);
}

static bool find_beyond(const struct shaped *shaped, struct beyond *ret_beyond)
{
    const struct settings_source *rules = shaped->source ? shaped->source->settings : NULL;
    int64_t time_ns = shaped->point->time_ns;
    if (!rules || !shaped->own_time)
        return false;
    bool live = !shaped->retained && !shaped->late;
    if (is_further(time_ns, shaped->arrival_ns, rules->time_future_s))
        *ret_beyond = (struct beyond){"time_future", "after", rules->time_future_s};
    else if (live && is_further(shaped->arrival_ns, time_ns, rules->time_past_s))
        *ret_beyond = (struct beyond){"time_past", "before", rules->time_past_s};
    else
        return false;
    return true;
}

static void refuse(struct times *times, const struct shaped *shaped, const struct beyond *beyond,
                   const char *more, const struct stage_next *next)
{
    char time[CLOCK_RFC3339_SIZE], arrival[CLOCK_RFC3339_SIZE], span[SPAN_TEXT_BYTES];
    clock_format_rfc3339(shaped->point->time_ns, time);
    clock_format_rfc3339(shaped->arrival_ns, arrival);
    span_format(beyond->span_s, span);
    snprintf(times->words, sizeof times->words,
             "its time %s is more than %s (%s of its source) %s its arrival at %s%s", time, span,
             beyond->key, beyond->side, arrival, more);
    next->refuse(next->context, shaped, REJECT_BAD_TIME, times->words);
}

/* Beyond DECODE_MAX_UNTIMED the arrival time would meet that of the next message. */
static void take_arrival(struct times *times, struct shaped *shaped, const struct beyond *beyond,
                         const struct stage_next *next)
{
    if (!source_rule_takes_arrival(source_rule(shaped->source, shaped->retained, shaped->late))) {
        next->left_out(next->context, shaped,
                       "not live, and its own time is too far in the future to be true");
        return;
    }
    if (shaped->place >= DECODE_MAX_UNTIMED) {
        refuse(times, shaped, beyond,
               "; of one message only the first 1024 elements can be stored at its arrival", next);
        return;
    }
    shaped->point->time_ns = shaped->arrival_ns + shaped->place;
    shaped->own_time = false;
    shaped->time_replaced = true;
    next->point(next->context, shaped);
}

static void times_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    struct beyond beyond;
    if (!find_beyond(shaped, &beyond))
        next->point(next->context, shaped);
    else if (shaped->source->settings->time_beyond == SETTINGS_TIME_REJECT)
        refuse(state, shaped, &beyond, "", next);
    else
        take_arrival(state, shaped, &beyond, next);
}

static void times_save(const void *state, struct buf *out)
{
    (void)state, (void)out;
}

static bool times_load(void *state, struct text saved)
{
    (void)state, (void)saved;
    return true;
}

const struct stage times_stage = {
    .name = "times",
    .open = times_open,
    .close = times_close,
    .take = times_take,
    .save = times_save,
    .load = times_load,
};
