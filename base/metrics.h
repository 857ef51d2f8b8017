/* Counters, gauges and histograms of one process, written as Prometheus text
 * (exposition format 0.0.4).
 *
 * A metric is registered once at the start, in a registry that the process
 * passes around, and returned as a pointer that lives as long as the registry.
 * Setting and adding are atomic and may be done from any thread; registering and
 * writing belong to one. */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct metrics;
struct metric;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics); /* NULL accepted */

/* metrics_counter and metrics_gauge register `name` (with unit and _total as
 * Prometheus names are made) with one label pair or none (`label` NULL). The
 * same name may be registered with several label values; `help` counts the
 * first time; the same name and label value again give the same metric. All texts are copied. NULL
 * when out of memory, when the name is none by Prometheus' rules, or of another kind already. */
struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                               const char *label, const char *label_value);
struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                             const char *label, const char *label_value);

/* metrics_histogram registers a histogram in seconds with upper bounds
 * `bounds_s[count]`, ascending, +Inf being added. */
struct metric *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                 const double *bounds_s, size_t count);

/* All of these accept NULL and then do nothing. */
void metric_add(struct metric *metric, uint64_t by);
void metric_set(struct metric *metric, double value); /* gauges, and counters kept elsewhere */
void metric_observe(struct metric *metric, double seconds); /* histograms */
/* metric_value gives a counter or a gauge, or the sum of a histogram. Values are doubles: a
 * counter is exact up to 2^53. */
double metric_value(const struct metric *metric);

/* metrics_write appends the whole registry as text. */
void metrics_write(const struct metrics *metrics, struct buf *out);

#endif
