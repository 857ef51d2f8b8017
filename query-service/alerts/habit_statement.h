/* The statements by which habits are learned. Only for habit.c and its tests. */
#ifndef ALERTS_HABIT_STATEMENT_H
#define ALERTS_HABIT_STATEMENT_H

#include <stdint.h>

#include "base/buf.h"

#define HABIT_SOURCES 5
struct habit_source {
    const char *measurement, *tag;
};
extern const struct habit_source habit_sources[HABIT_SOURCES];

/* A stretch of time in windows of one length, which begin at multiples of it since 1970; the first
 * may have begun before from_ns, the last may go on behind to_ns. */
struct habit_stretch {
    int64_t from_ns, to_ns;
    uint32_t window_s;
};

/* The time of the writer's last report, as that of the one row, and of its first one in the last
 * 24 h. Only a writer's reports have `received`. */
void habit_write_newest(int64_t now_ns, struct buf *out);
void habit_write_oldest(int64_t now_ns, struct buf *out);

/* The windows of 10 s with a report, as the times of the rows. */
void habit_write_reports(const struct habit_stretch *stretch, struct buf *out);

/* The names of a measurement's fields, in the column fieldKey. */
void habit_write_fields(const struct habit_source *source, struct buf *out);

/* The windows in which a device wrote one of `count` fields (names behind each other, each with its
 * NUL), as the times of its series' rows.
 *
 * How many messages there were is not asked: count(*) makes a column of each field, and a row has
 * as many nulls as its measurement has fields that the device does not (13.8 MB for an hour of
 * 2,000 devices with 20 fields). The sum of all counts is one column; fill(0) makes it a sum also
 * where one of them is missing. */
void habit_write_heard(const struct habit_source *source, const char *fields, unsigned count,
                       const struct habit_stretch *stretch, struct buf *out);

#endif
