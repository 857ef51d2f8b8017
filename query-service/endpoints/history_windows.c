#include "query-service/endpoints/history_windows.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/span.h"
#include "base/zone.h"
#include "query-service/statistics/period.h"

enum { DAY_S = 86400, WEEK_S = 7 * DAY_S, MONDAY = 4 /* 1970-01-05, in days */ };

/* What people call a step of time. */
static const int64_t ladder_s[] = {1,    5,    10,   30,    60,    120,   300,   600,      900,
                                   1800, 3600, 7200, 10800, 21600, 43200, DAY_S, 7 * DAY_S};
enum { RUNGS = sizeof ladder_s / sizeof ladder_s[0] };

struct span_ms {
    int64_t from, to;
};

static int64_t floor_to(int64_t t, int64_t step, int64_t offset)
{
    int64_t rest = (t - offset) % step;
    return t - (rest < 0 ? rest + step : rest);
}

/* Windows of whole days: the local day, counted from 1970, on which a window begins. */
static int64_t first_day(const struct zone *zone, int64_t from_ms, int64_t days)
{
    int64_t day = zone_day(zone, floor_to(from_ms, 1000, 0) / 1000);
    return floor_to(day, days, days % 7 == 0 ? MONDAY : 0);
}

/* Fills at most `room` starts, then says how many windows there are (room + 1: too many). */
static unsigned cut_days(const struct zone *zone, struct span_ms span, int64_t days, unsigned room,
                         int64_t *starts_ms)
{
    unsigned count = 0;
    int64_t at_ms = 0;
    for (int64_t day = first_day(zone, span.from, days);; day += days) {
        int64_t next_ms = zone_day_start(zone, day) * 1000;
        if (count > 0 && next_ms <= at_ms)
            continue; /* clocks skipped the whole day */
        at_ms = next_ms;
        starts_ms[count] = at_ms;
        if (at_ms >= span.to)
            return count;
        if (count++ == room)
            return count;
    }
}

static unsigned cut_even(struct span_ms span, int64_t length_s, unsigned room, int64_t *starts_ms)
{
    int64_t length_ms = length_s * 1000, at_ms = floor_to(span.from, length_ms, 0);
    if ((span.to - at_ms + length_ms - 1) / length_ms > room)
        return room + 1;
    unsigned count = 0;
    for (; at_ms < span.to; at_ms += length_ms)
        starts_ms[count++] = at_ms;
    starts_ms[count] = at_ms;
    return count;
}

/* starts_ms has room for room + 2. */
static unsigned cut(const struct zone *zone, struct span_ms span, int64_t length_s, unsigned room,
                    int64_t *starts_ms)
{
    if ((span.to - span.from) / 1000 / length_s > room)
        return room + 1;
    if (length_s >= DAY_S)
        return cut_days(zone, span, length_s / DAY_S, room, starts_ms);
    return cut_even(span, length_s, room, starts_ms);
}

static unsigned wanted_points(const struct request *request)
{
    if (request->points.present)
        return (unsigned)request->points.value;
    return request->window.len > 0 ? HISTORY_POINTS_MAX : HISTORY_POINTS;
}

static enum err read_window(const struct request *request, int64_t period_s, int64_t *ret_s,
                            struct err_reason *why)
{
    struct err_reason words = {""};
    char right[SPAN_TEXT_BYTES];
    int64_t length_s;
    if (span_parse(request->window, &length_s, &words) != ERR_OK)
        return err_explain(why, ERR_INVALID, "window: %s", words.text);
    span_format((length_s + DAY_S / 2) / DAY_S * DAY_S, right);
    if (length_s > DAY_S && length_s % DAY_S != 0)
        return err_explain(why, ERR_INVALID,
                           "window: above a day right would be whole days, such as %s", right);
    span_format(period_s, right);
    if (length_s > period_s)
        return err_explain(why, ERR_INVALID,
                           "window is longer than the period; right would be at most %s, or "
                           "\"points\": 1 for the whole period in one",
                           right);
    *ret_s = length_s;
    return ERR_OK;
}

static enum err cut_as_asked(const struct request *request, const struct zone *zone,
                             int64_t period_s, struct history_windows *w, struct err_reason *why)
{
    unsigned points = wanted_points(request);
    struct span_ms span = {w->from_ms, w->to_ms};
    enum err e = read_window(request, period_s, &w->length_s, why);
    if (e != ERR_OK)
        return e;
    w->count = cut(zone, span, w->length_s, points, w->starts_ms);
    if (w->count > points)
        return err_explain(why, ERR_INVALID,
                           "window: this one makes more than %u rows of the period; right would be "
                           "a longer window or a shorter period",
                           points);
    return ERR_OK;
}

/* The first rung that gives few enough; then as many weeks as it takes. */
static void cut_by_ladder(const struct request *request, const struct zone *zone, int64_t period_s,
                          struct history_windows *w)
{
    unsigned points = wanted_points(request);
    struct span_ms span = {w->from_ms, w->to_ms};
    for (unsigned rung = 0; points > 1; rung++) {
        w->length_s = rung < RUNGS ? ladder_s[rung] : (int64_t)(rung - RUNGS + 2) * WEEK_S;
        w->count = cut(zone, span, w->length_s, points, w->starts_ms);
        if (w->count <= points)
            return;
    }
    w->length_s = period_s;
    w->count = 1;
    w->starts_ms[0] = w->from_ms;
    w->starts_ms[1] = w->to_ms;
}

static enum err place(const struct request *request, int64_t now_ns, struct history_windows *w,
                      int64_t *ret_period_s, struct err_reason *why)
{
    struct period period;
    struct text name = request->period.len > 0 ? request->period : TEXT(HISTORY_PERIOD);
    if (request->points.present &&
        (request->points.value < 1 || request->points.value > HISTORY_POINTS_MAX))
        return err_explain(why, ERR_INVALID, "points: right would be 1 to %d", HISTORY_POINTS_MAX);
    enum err e = period_make(name, (struct text){0}, request->end_ns, now_ns, &period, why);
    if (e != ERR_OK)
        return e;
    snprintf(w->period, sizeof w->period, "%s", period.name);
    w->to_ms = (request->end_ns ? request->end_ns : now_ns) / CLOCK_NS_PER_MS;
    w->from_ms = w->to_ms - period.length_s * 1000;
    *ret_period_s = period.length_s;
    return ERR_OK;
}

/* None is UTC. */
static enum err open_zone(struct text asked, struct zone **ret_zone, struct err_reason *why)
{
    char name[ZONE_NAME_BYTES];
    struct err_reason words = {""};
    if (asked.len == 0)
        asked = TEXT("UTC");
    snprintf(name, sizeof name, "%.*s", TEXT_ARGS(asked));
    if (strlen(name) != asked.len) /* too long for any, or with a NUL in it */
        name[0] = '\0';
    enum err e = zone_open(name, ret_zone, &words);
    if (e == ERR_OK || e == ERR_NOMEM)
        return e;
    return err_explain(why, ERR_INVALID, "time_zone: %s", words.text);
}

enum err history_windows_make(const struct request *request, int64_t now_ns,
                              struct history_windows *ret_windows, struct err_reason *why)
{
    struct history_windows w = {0};
    struct zone *zone = NULL;
    int64_t period_s = 0;
    enum err e = place(request, now_ns, &w, &period_s, why);
    if (e != ERR_OK)
        return e;
    e = open_zone(request->time_zone, &zone, why);
    if (e != ERR_OK)
        return e;
    w.starts_ms = calloc(HISTORY_POINTS_MAX + 2, sizeof w.starts_ms[0]);
    if (!w.starts_ms)
        e = ERR_NOMEM;
    else if (request->window.len > 0)
        e = cut_as_asked(request, zone, period_s, &w, why);
    else
        cut_by_ladder(request, zone, period_s, &w);
    zone_close(zone);
    if (e == ERR_OK)
        *ret_windows = w;
    else
        history_windows_free(&w);
    return e;
}

void history_windows_free(struct history_windows *windows)
{
    free(windows->starts_ms);
    *windows = (struct history_windows){0};
}

unsigned history_windows_run(const struct history_windows *windows, unsigned first)
{
    const int64_t *starts = windows->starts_ms;
    int64_t length_ms = starts[first + 1] - starts[first];
    unsigned end = first + 1;
    while (end < windows->count && starts[end + 1] - starts[end] == length_ms)
        end++;
    return end;
}

unsigned history_windows_of(const struct history_windows *windows, int64_t start_ms)
{
    unsigned low = 0, high = windows->count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (windows->starts_ms[middle] < start_ms)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < windows->count && windows->starts_ms[low] == start_ms;
    return found ? low : windows->count;
}
