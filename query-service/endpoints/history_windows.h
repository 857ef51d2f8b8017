/* The windows of a history: from a request's period, window, points and time zone to a list of
 * starts. Windows below a day begin at multiples of their length since 1970 UTC; those of days at
 * local midnight, so that a day has 23 or 25 hours where clocks are turned; those of weeks on
 * Monday. The first window may begin before the period and the last end behind it: they are counted
 * from `from` and up to `to`. Pure, but for the zone's file. */
#ifndef ENDPOINTS_HISTORY_WINDOWS_H
#define ENDPOINTS_HISTORY_WINDOWS_H

#include "schemas/request.h"

#define HISTORY_POINTS     300  /* wanted rows, unless the request says otherwise */
#define HISTORY_POINTS_MAX 2000 /* rows of any answer */
#define HISTORY_PERIOD     "24h"

struct history_windows {
    char period[24];        /* as asked */
    int64_t from_ms, to_ms; /* from <= time < to; `to` is the end that was asked for, or now */
    int64_t length_s;       /* of a window; of the whole period when there is but one */
    unsigned count;         /* at least 1 */
    int64_t *starts_ms;     /* owned; count + 1, the last is the end of the last window */
};

/* history_windows_make: `window` as asked; else the first of 1s 5s 10s 30s 1m 2m 5m 10m 15m 30m 1h
 * 2h 3h 6h 12h 1d 7d, and of more weeks, that gives at most `points` windows; "points": 1 is the
 * whole period in one. ERR_INVALID with what would be right: no period, a window below 1 s, above a
 * day and not whole days, longer than the period or of more than HISTORY_POINTS_MAX rows (or more
 * than `points`), points out of range, no such time zone. ERR_NOMEM. */
enum err history_windows_make(const struct request *request, int64_t now_ns,
                              struct history_windows *ret_windows,
                              struct err_reason *why) ERR_MUST_CHECK;
void history_windows_free(struct history_windows *windows);

/* history_windows_run gives the end (index behind the last) of the run of equally long windows that
 * begins at `first`: what InfluxDB can cut by GROUP BY time(length, offset). */
unsigned history_windows_run(const struct history_windows *windows, unsigned first);

/* history_windows_of gives the window that begins at a time; `count` when none does. */
unsigned history_windows_of(const struct history_windows *windows, int64_t start_ms);

#endif
