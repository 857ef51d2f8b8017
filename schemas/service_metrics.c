#include "schemas/service_metrics.h"

#include <math.h>

const double service_metrics_bounds_ms[SERVICE_METRICS_BOUNDS] = {
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, INFINITY};

#define MEMBER(member) FIELDS_MEMBER(struct service_metrics, member)

#define COUNT(member, words)                                                                       \
    {                                                                                              \
#member, FIELDS_UNSIGNED, MEMBER(member), .help = words                                    \
    }
#define NUMBER(member, words)                                                                      \
    {                                                                                              \
#member, FIELDS_NUMBER, MEMBER(member), .help = words                                      \
    }
#define COUNTS(member, words)                                                                      \
    {                                                                                              \
#member, FIELDS_COUNTS, MEMBER(member), .help = words                                      \
    }
/* A figure that there may be none of in an interval. */
#define FIGURE(member, limit, words)                                                               \
    {                                                                                              \
#member, FIELDS_NUMBER, .nullable = true, MEMBER(member), .max = (limit), .help = words    \
    }
#define LATENCY(index, bound)                                                                      \
    {                                                                                              \
        "write_latency_le_" bound "_ms", FIELDS_UNSIGNED, MEMBER(write_latency_le_ms[index]),      \
            .help = "writes of the interval that took at most so long (" bound " ms)"              \
    }

static const struct fields_row rows[] = {
    {"schema", FIELDS_SCHEMA, .required = true, .max = 1, .help = "version of this message"},
    {"service", FIELDS_TEXT, .required = true, MEMBER(service), .min = 1,
     .help = "name of the service, as in the topic"},
    {"instance", FIELDS_TEXT, MEMBER(instance), .help = "the run of the service, as in its status"},
    {"time", FIELDS_TIME, .required = true, MEMBER(time_ns), .help = "end of the interval"},
    {"state", FIELDS_WORD, MEMBER(state), .words = status_words,
     .help = "as in the service's status"},
    NUMBER(interval_s, "length of the interval"),
    NUMBER(uptime_s, "since the service started"),
    COUNT(events_processed, "messages done with in the interval"),
    COUNT(events_total, "messages received since the service's counters began; the writer's begin "
                        "with its journal"),
    COUNT(write_attempts, "writes sent to InfluxDB in the interval"),
    COUNT(write_errors, "writes of the interval that failed"),
    COUNT(lines_written, "lines that InfluxDB took in the interval"),
    FIGURE(processing_time_ms, 0,
           "mean time from arrival to stored in the interval; null when nothing was stored"),
    FIGURE(success_rate, 100,
           "percent of the interval's writes that did not fail; null when there was none"),
    LATENCY(0, "5"),
    LATENCY(1, "10"),
    LATENCY(2, "25"),
    LATENCY(3, "50"),
    LATENCY(4, "100"),
    LATENCY(5, "250"),
    LATENCY(6, "500"),
    LATENCY(7, "1000"),
    LATENCY(8, "2500"),
    LATENCY(9, "5000"),
    LATENCY(10, "inf"),
    FIGURE(write_latency_mean_ms, 0, "mean of the interval's writes; null when there was none"),
    FIGURE(write_latency_max_ms, 0, "slowest of the interval's writes; null when there was none"),
    COUNT(received, "ledger: messages kept in the journal since it was made"),
    COUNT(decoded, "ledger: messages that became points"),
    COUNT(repeated, "ledger: messages that the broker sent again, left out"),
    COUNT(ignored, "ledger: messages left out by a rule"),
    COUNT(rejected, "ledger: messages that could not be stored"),
    COUNTS(rejected_by_reason, "the rejected messages by reason"),
    COUNT(dropped, "ledger: messages given up undelivered for lack of room"),
    COUNT(pending, "ledger: messages in the journal that are not delivered yet"),
    COUNT(points_made, "ledger: points made of the decoded messages"),
    COUNT(points_stored, "ledger: points that InfluxDB has"),
    COUNT(points_merged, "ledger: points left out by a rule, such as unchanged values"),
    COUNT(points_rejected, "ledger: points that were refused"),
    COUNTS(points_rejected_by_reason, "the rejected points by reason"),
    COUNT(points_dropped, "ledger: points given up undelivered"),
    COUNTS(points_dropped_by_reason,
           "the dropped points by reason: journal_full, parked_full, parked_lost"),
    COUNT(points_pending, "ledger: points made and not stored yet"),
    COUNT(points_parked,
          "of the pending points: those that wait on disk for a destination that cannot take them"),
    COUNT(rejects_lost, "rejections that their file could not keep, since the service started"),
    COUNT(times_replaced,
          "stored points whose own time could not be and was replaced by the arrival's, "
          "since the journal was made"),
    COUNT(series, "series that are counted, of all sources together"),
    NUMBER(series_refused_s,
           "since a point was last refused because its source has its max_series; "
           "left out when none was since the service started"),
    {"series_refused_source", FIELDS_TEXT, MEMBER(series_refused_source),
     .help = "name of that source"},
    COUNT(journal_bytes, "undelivered bytes in the journal"),
    COUNT(journal_max_bytes, "bound of the journal"),
    NUMBER(journal_oldest_s, "age of the oldest undelivered message; 0 when all are delivered"),
};

const struct fields_table service_metrics_table = {
    .name = "service_metrics",
    .help = "What a service reports of itself each interval; any numeric field may be added.",
    FIELDS_ROWS(rows),
    .size = sizeof(struct service_metrics),
};

void service_metrics_latency(struct service_metrics *metrics, double latency_ms)
{
    for (size_t i = 0; i < SERVICE_METRICS_BOUNDS; i++) {
        struct fields_unsigned *bucket = &metrics->write_latency_le_ms[i];
        *bucket = fields_unsigned(bucket->value + (latency_ms <= service_metrics_bounds_ms[i]));
    }
    double count = (double)metrics->write_latency_le_ms[SERVICE_METRICS_BOUNDS - 1].value;
    double mean = metrics->write_latency_mean_ms.value, max = metrics->write_latency_max_ms.value;
    metrics->write_latency_mean_ms = fields_number(mean + (latency_ms - mean) / count);
    metrics->write_latency_max_ms = fields_number(latency_ms > max ? latency_ms : max);
}

void service_metrics_encode(const struct service_metrics *metrics, struct buf *out)
{
    fields_encode(&service_metrics_table, metrics, out);
}

enum err service_metrics_decode(struct value root, struct service_metrics *ret_metrics,
                                struct err_reason *why)
{
    return fields_decode(&service_metrics_table, root, ret_metrics, why);
}
