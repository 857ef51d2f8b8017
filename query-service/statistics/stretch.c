#include "query-service/statistics/stretch.h"

/* A row of service_metrics ends its interval. Before the tail it was counted in the 5 min in which
 * it arrived, so one that ends with these 5 min is the tail's. */
unsigned stretch_list(const struct period *period, struct stretch ret_stretches[2])
{
    unsigned count = 0;
    bool coarse = period->split_ns > period->from_ns;
    if (coarse)
        ret_stretches[count++] = (struct stretch){
            .events = "ingest_rollup_5m",
            .services = "service_metrics_5m",
            .processing = {.sum = "processing_sum", .weight = "processing_events"},
            .success = {.sum = "success_sum", .weight = "success_events"},
            .granule_s = PERIOD_COARSE_S,
            .from_ns = period->from_ns,
            .to_ns = period->split_ns,
            .services_from_ns = period->from_ns,
            .services_to_ns = period->split_ns,
        };
    if (period->to_ns > period->split_ns)
        ret_stretches[count++] = (struct stretch){
            .events = "ingest_rollup",
            .services = "service_metrics",
            .processing = {.value = "processing_time_ms", .weight = "events_processed"},
            .success = {.value = "success_rate", .weight = "events_processed"},
            .rows_end = true,
            .granule_s = PERIOD_FINE_S,
            .from_ns = period->split_ns,
            .to_ns = period->to_ns,
            .services_from_ns = period->split_ns + (coarse ? 0 : 1),
            .services_to_ns = period->to_ns + 1,
        };
    return count;
}

bool stretch_field(const struct fields_row *row)
{
    return row->type == FIELDS_UNSIGNED || row->type == FIELDS_NUMBER;
}
