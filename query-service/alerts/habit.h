/* How often each device speaks, learned from its own intervals, and whether it is silent for longer
 * than that. A device is a value of one of the identifying tags in habit_sources (device_metrics by
 * device_id, home_assistant_events by entity_id ...).
 *
 * Learned from InfluxDB at a cost that does not grow with history: once a minute the new stretch of
 * time is asked (count of points and time of the last one, by device); at the start one statement a
 * source over the last 24 h in buckets gives the first habits. Of each device are kept: last seen,
 * number of intervals, their mean, and the longest, which fades by half in a week. Silent is: at
 * least HABIT_LEARNED intervals known, and now - last seen > 3 x the longest, at least 5 min. At
 * most HABIT_DEVICES; one that was not seen for 30 days is forgotten. */
#ifndef ALERTS_HABIT_H
#define ALERTS_HABIT_H

#include "base/settings.h"
#include "influx/gather.h"
#include "query-service/alerts/rules.h"

#define HABIT_DEVICES 20000
#define HABIT_LEARNED 10

struct habit;
struct habit *habit_new(void);
void habit_free(struct habit *habit);

/* habit_plan adds the statements that are due (none within a minute of the last successful ones);
 * the results go to habit_learn, which leaves everything as it was when one failed, so that the
 * same stretch is asked again. */
void habit_plan(struct habit *habit, int64_t now_ns, struct gather_plan *plan);
void habit_learn(struct habit *habit, const struct gather_results *results, unsigned first);

/* habit_find gives device_silent (level warning, subject the device) for every device that has a
 * habit; UNKNOWN while the newest learning is older than two minutes: a store that is away is not a
 * silent house. */
void habit_find(const struct habit *habit, int64_t now_ns, const struct rules_sink *sink);

/* What is known of one device, for `devices`: false when it is not known. */
struct habit_device {
    int64_t last_seen_ns;
    double mean_interval_s, longest_interval_s; /* 0 while not learned */
    bool learned, silent;
};
bool habit_device(const struct habit *habit, struct text measurement, struct text device,
                  int64_t now_ns, struct habit_device *ret_device);

#endif
