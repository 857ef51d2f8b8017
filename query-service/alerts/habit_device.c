#include "query-service/alerts/habit_device.h"

#include <math.h>

#include "base/clock.h"
#include "query-service/alerts/habit.h"

#define WEEK_S       (7 * 86400.0)
#define A_DAY_S      (20 * 3600) /* about: of 24 h asked at the start, the first hours may lack */
#define MEAN_OF      100
#define FINE_S       10
#define LIMIT_FACTOR 3

bool habit_pace_learned(const struct habit_pace *pace)
{
    bool uneven = pace->longest_s > LIMIT_FACTOR * pace->mean_s;
    return pace->pauses >= HABIT_LEARNED &&
           (!uneven || pace->last_ns - pace->first_ns >= A_DAY_S * CLOCK_NS_PER_S);
}

double habit_pace_limit_s(const struct habit_pace *pace)
{
    return fmax(HABIT_SILENT_S, LIMIT_FACTOR * fmax(pace->longest_s, pace->mean_s));
}

static void learn(struct habit_pace *pace, double pause_s, uint32_t window_s, bool judged)
{
    double taught_s = pause_s, limit_s = habit_pace_limit_s(pace);
    if (judged && pause_s > limit_s && habit_pace_learned(pace))
        taught_s = fmin(pause_s, HABIT_TAUGHT * limit_s);
    pace->pauses += pace->pauses < UINT32_MAX;
    pace->mean_s += (taught_s - pace->mean_s) / fmin(pace->pauses, MEAN_OF);
    pace->longest_s *= exp2(-pause_s / WEEK_S);
    /* Heard in two wide windows beside each other: that is no pause that long. */
    if (window_s <= FINE_S || pause_s > window_s)
        pace->longest_s = fmax(pace->longest_s, taught_s);
}

void habit_pace_heard(struct habit_pace *pace, int64_t start_ns, int64_t end_ns, uint32_t window_s,
                      bool whole, bool judged)
{
    if (pace->last_ns == 0)
        pace->first_ns = start_ns;
    else if (whole && start_ns >= pace->last_ns) /* from window to window */
        learn(pace, (double)(start_ns - pace->last_ns) / 1e9 + window_s, window_s, judged);
    if (end_ns > pace->last_ns)
        pace->last_ns = end_ns;
}
