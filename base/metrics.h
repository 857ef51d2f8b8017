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

/* A metric's labels: name, value, name, value; NULL ends them. */
enum { METRICS_LABELS_MAX = 2 };
struct metrics_labels {
    const char *text[2 * METRICS_LABELS_MAX];
};

/* METRICS_LABELS("endpoint", endpoint, "status", "ok") */
#define METRICS_LABELS(...) ((struct metrics_labels){{__VA_ARGS__}})
#define METRICS_NO_LABELS   METRICS_LABELS(NULL)

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics); /* NULL accepted */

/* metrics_counter and metrics_gauge register `name` (with unit and _total as
 * Prometheus names are made). The same name may be registered with other values of the same
 * labels; `help` counts the first time; the same name and values again give the same metric.
 * All texts are copied. NULL when out of memory, when a name is none by Prometheus' rules
 * (a label cannot be `le` nor begin with `__`), when a label has no value or stands twice, or when
 * the name is there already with another kind or other labels. */
struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                               struct metrics_labels labels);
struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                             struct metrics_labels labels);

/* metrics_histogram registers a histogram in seconds, by the same rules, with upper bounds
 * `bounds_s[count]`, ascending, +Inf being added. */
struct metric *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                 struct metrics_labels labels, const double *bounds_s,
                                 size_t count);

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
