/* What a service reports of itself each interval: topic_metrics. The writer stores it as
 * the measurement service_metrics, and it is what is answered from while InfluxDB is away.
 *
 * Any service may publish a part of it: only service and time must be there. Nothing is
 * invented: a mean of nothing and a rate of no attempts are absent and travel as null. */
#ifndef SCHEMAS_SERVICE_METRICS_H
#define SCHEMAS_SERVICE_METRICS_H

#include "schemas/fields.h"
#include "schemas/status.h"

#define SERVICE_METRICS_BOUNDS  11 /* of the histogram, the last one being infinite */
#define SERVICE_METRICS_REASONS 24

/* service_metrics_bounds_ms are the upper bounds of the histogram; the last is INFINITY. */
extern const double service_metrics_bounds_ms[SERVICE_METRICS_BOUNDS];

struct service_metrics {
    char service[64];
    char instance[64];
    int64_t time_ns;
    enum status_state state;
    struct fields_number interval_s, uptime_s;

    /* Of the interval, except events_total. */
    struct fields_unsigned events_processed, events_total;
    struct fields_unsigned write_attempts, write_errors, lines_written;
    struct fields_number processing_time_ms; /* mean, from arrival to stored */
    struct fields_number success_rate;       /* percent of the write attempts */
    struct fields_unsigned write_latency_le_ms[SERVICE_METRICS_BOUNDS]; /* cumulative */
    struct fields_number write_latency_mean_ms, write_latency_max_ms;

    /* The ledger, since the journal was made:
     * received = decoded + repeated + ignored + rejected + dropped + pending, and
     * points_made = points_stored + points_merged + points_rejected + points_dropped +
     * points_pending. */
    struct fields_unsigned received, decoded, repeated, ignored, rejected, dropped, pending;
    struct fields_count rejected_by_reason[SERVICE_METRICS_REASONS];
    struct fields_unsigned points_made, points_stored, points_merged, points_rejected,
        points_dropped, points_pending;
    struct fields_count points_rejected_by_reason[SERVICE_METRICS_REASONS];
    struct fields_count points_dropped_by_reason[SERVICE_METRICS_REASONS]; /* "journal_full" */
    struct fields_unsigned points_parked; /* of points_pending: they wait for their destination */
    struct fields_unsigned rejects_lost;
    struct fields_unsigned times_replaced; /* stored points: beside the ledger, not of it */

    /* The series of sources that have a bound (max_series), and when a point was last refused
     * because its source has so many: absent when none was since the service started. */
    struct fields_unsigned series;
    struct fields_number series_refused_s;
    char series_refused_source[64];

    struct fields_unsigned journal_bytes, journal_max_bytes;
    struct fields_number journal_oldest_s;
};

extern const struct fields_table service_metrics_table;

/* service_metrics_latency counts one write in the histogram, the mean and the maximum. */
void service_metrics_latency(struct service_metrics *metrics, double latency_ms);

void service_metrics_encode(const struct service_metrics *metrics, struct buf *out);

/* service_metrics_decode reads what the table knows; errors as fields_decode. */
enum err service_metrics_decode(struct value root, struct service_metrics *ret_metrics,
                                struct err_reason *why) ERR_MUST_CHECK;

#endif
