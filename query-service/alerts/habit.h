/* How often each device speaks, learned from its own pauses, and whether it is silent for longer
 * than that. A device is a value of one of the identifying tags in habit_sources (device_metrics
 * by device_id, home_assistant_events by entity_id ...).
 *
 * What is learned comes from InfluxDB, in stretches of time that follow each other: at the start
 * the last 24 h, an hour at a time and one stretch a round, then a minute at a time. Of each
 * stretch is asked in which of its at most HABIT_WINDOWS windows (10 s, 1 min or 5 min long) a
 * device wrote anything. So the cost grows with neither history nor messages, but with devices and
 * the number of fields of their measurement (docs/alerts.md has figures).
 *
 * A stretch is learned when the store is complete to its end. The writer delivers in order, and
 * reports of itself each 10 s through the same store: before the time of its last report nothing
 * is missing. Where there is no report for more than HABIT_AWAY_S the writer was away; a pause in
 * which it was is none of a device's, and silence counts from its return.
 *
 * Of each device are kept: last seen, number of pauses, their mean (of about the last 100), and the
 * longest, which fades by half in a week of the device's talking. Silent is: at least
 * HABIT_LEARNED pauses known, and heard of last more than 3 x the longest (or the mean, which is
 * the greater only at the start) ago, at least HABIT_SILENT_S. A device with uneven pauses, the
 * longest being over 3 x the mean, is judged after a day only: its first night is no silence. A
 * pause that was judged as silence teaches, but at most HABIT_TAUGHT x its limit: one outage of
 * days must not blind the rule for weeks, while pauses that come again are learned in a few days.
 * At most HABIT_DEVICES; one that was not seen for 30 days is forgotten. */
#ifndef ALERTS_HABIT_H
#define ALERTS_HABIT_H

#include "base/settings.h"
#include "influx/gather.h"
#include "query-service/alerts/rules.h"

#define HABIT_DEVICES   20000
#define HABIT_LEARNED   10
#define HABIT_SILENT_S  300
#define HABIT_AWAY_S    60
#define HABIT_TAUGHT    12
#define HABIT_WINDOWS   12
#define HABIT_FRESH_S   180 /* learned to within this: else all is UNKNOWN */
#define HABIT_FORGOTTEN (30 * 86400)

struct habit;
struct habit *habit_new(void); /* NULL when out of memory */
void habit_free(struct habit *habit);

/* habit_plan adds the statements that are due; the results go to habit_learn, which leaves
 * everything as it was when one failed, so that the same stretch is asked again: with the next plan
 * where the store was away, up to 16 min later where it answers and could not answer this. Between
 * the two no other plan of the same habit. */
void habit_plan(struct habit *habit, int64_t now_ns, struct gather_plan *plan);
void habit_learn(struct habit *habit, const struct gather_results *results, unsigned first);

/* habit_find gives device_silent (level warning, service "system", subject the device) for every
 * device that has a habit; one that writes to several measurements is silent when it is in all of
 * them. UNKNOWN while what is learned is older than HABIT_FRESH_S: a store that is away is not a
 * silent house. */
void habit_find(const struct habit *habit, int64_t now_ns, const struct rules_sink *sink);

/* What is known of one device, for `devices`: false when it is not known. Times are as exact as
 * the windows: 10 s. */
struct habit_device {
    int64_t last_seen_ns;
    double mean_interval_s, longest_interval_s; /* 0 while not learned */
    bool learned, silent;
};
bool habit_device(const struct habit *habit, struct text measurement, struct text device,
                  int64_t now_ns, struct habit_device *ret_device);

#endif
