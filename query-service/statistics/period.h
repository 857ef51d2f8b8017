/* The stretch of time that a question is about, and its windows. Pure.
 *
 * A period ends at `end` (now, unless the request says otherwise), set back to a full 10 s, and
 * begins its length before that, set back to the granule: 10 s for periods below 6 h, which are
 * answered from the 10 s measurements; 5 min from 6 h on, answered from the 5 min ones with the
 * open tail from the 10 s ones. */
#ifndef STATISTICS_PERIOD_H
#define STATISTICS_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define PERIOD_FINE_S        10
#define PERIOD_COARSE_S      300
#define PERIOD_COARSE_FROM_S (6 * 3600)
#define PERIOD_MAX_S         (10 * 366 * 86400LL)
#define PERIOD_WINDOWS_MAX   2000

struct period {
    char name[24];          /* as asked: "1h" */
    int64_t length_s;       /* what the name says; rates are over what is covered (figures.h) */
    int64_t from_ns, to_ns; /* from <= time < to */
    int64_t window_ns;      /* of trends; windows begin at multiples of it since 1970 UTC */
    bool coarse;            /* answered from the 5 min measurements up to split_ns */
    int64_t split_ns;       /* a multiple of 5 min; at from_ns when not coarse */
};

/* period_make reads `name` ("" is 1h) and `window` ("" follows from the period: the first of 10s,
 * 1m, 5m, 15m, 1h, 6h, 1d that gives at most 30 windows, else so many whole days). `end_ns` 0 is
 * now. ERR_INVALID with what would be right: no such span, longer than PERIOD_MAX_S, below a
 * minute, a window that is longer than the period, makes more than PERIOD_WINDOWS_MAX windows or
 * is no multiple of the granule, an end in the future, a beginning before 1970.
 *
 * split_ns: 5 min rows are stored when a later record closes their window, so only windows that
 * ended more than a minute before now are taken from them. */
enum err period_make(struct text name, struct text window, int64_t end_ns, int64_t now_ns,
                     struct period *ret_period, struct err_reason *why) ERR_MUST_CHECK;

/* How many windows the period touches, and when the i-th begins (the first one may begin before
 * from_ns: it is counted from there). */
unsigned period_windows(const struct period *period);
int64_t period_window_start(const struct period *period, unsigned i);
/* The window that holds the time; period_windows() when none does. */
unsigned period_window_of(const struct period *period, int64_t time_ns);

#endif
