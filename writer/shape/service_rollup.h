/* Adds up what services report of themselves, by service and window of arrival:
 * `service_metrics_5m`.
 *
 * A fold with windows like those of rollup.h: written once, at the window's start, when a later
 * record or tick closes it, and a nanosecond later for each step back of the clock. Only what is
 * stored as a point of service_metrics is added, and of two in a row with the same time, of which
 * InfluxDB keeps one, the first alone. A row holds, of what the window's messages had (numbers not
 * below 0):
 *   messages              how many there were
 *   sums                  events_processed, write_attempts, write_errors, lines_written
 *   maxima                write_latency_max_ms, journal_bytes, journal_oldest_s
 *   last values           events_total, uptime_s
 *   means                 processing_time_ms, weighted by events_processed; success_rate, weighted
 *                         by write_attempts, or by events_processed where there were none
 *   weights of the means  processing_events, success_events: the means of several rows are to be
 *                         weighted with these
 *   sums of value times weight  processing_sum, success_sum: over a long time it is these that are
 *                         added up, as InfluxDB is slow in multiplying
 * What no message had is absent. */
#ifndef WRITER_SHAPE_SERVICE_ROLLUP_H
#define WRITER_SHAPE_SERVICE_ROLLUP_H

#include "base/buf.h"
#include "influx/point.h"
#include "writer/shape/rollup.h"

#define SERVICE_ROLLUP_SERVICES  64 /* in one window and the one before it */
#define SERVICE_ROLLUP_NAME_SIZE 64

struct service_rollup;

struct service_rollup *service_rollup_new(void); /* NULL when out of memory */
void service_rollup_free(struct service_rollup *rollup);

/* service_rollup_advance closes the window when it ends at or before `arrival_ns`, or begins after
 * it (a step back). Call it for every record, before service_rollup_add. */
void service_rollup_advance(struct service_rollup *rollup, int64_t arrival_ns,
                            const struct rollup_sink *sink);

/* service_rollup_add takes a point of service_metrics with its time; false when there is no room
 * for its service: 64 others have reported in this window or the last, or its name has 64 bytes or
 * more. */
bool service_rollup_add(struct service_rollup *rollup, const struct point *point);

/* service_rollup_save appends the state; service_rollup_load takes it from the front of `rest`,
 * false when it cannot be read. */
void service_rollup_save(const struct service_rollup *rollup, struct buf *out);
bool service_rollup_load(struct service_rollup *rollup, struct text *rest);

#endif
