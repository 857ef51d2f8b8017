/* What the query service counts of itself: in Prometheus text at its metrics address, all label
 * combinations there from the start, and as the service metrics that it publishes. */
#ifndef QUERY_METRICS_H
#define QUERY_METRICS_H

#include "base/metrics.h"
#include "schemas/service_metrics.h"

/* How a request ended. */
enum request_outcome {
    REQUEST_OK,
    REQUEST_BAD,
    REQUEST_UNKNOWN_ENDPOINT,
    REQUEST_UNKNOWN_SERVICE,
    REQUEST_TIMEOUT,
    REQUEST_BUSY,
    REQUEST_UNAVAILABLE,
    REQUEST_EXPIRED,    /* its Message Expiry had passed: dropped */
    REQUEST_NO_ADDRESS, /* where its answer should go is no place for answers */
    REQUEST_OUTCOMES,
};
/* query_metrics_code is the code of the answer's error: "bad_request" ... */
const char *query_metrics_code(enum request_outcome outcome);

/* Names that stand beside those of the endpoints in the labels. */
extern const char query_asker_alerts[], query_asker_probe[], query_endpoint_unknown[];

struct query_metrics;
struct query_metrics *query_metrics_new(struct metrics *registry); /* NULL when out of memory */
void query_metrics_free(struct query_metrics *metrics);            /* NULL accepted */

void query_metrics_request(struct query_metrics *metrics, const char *endpoint,
                           enum request_outcome outcome, double seconds);
void query_metrics_query(struct query_metrics *metrics, const char *asker, enum err outcome,
                         double seconds);
void query_metrics_fallback(struct query_metrics *metrics, const char *endpoint);
void query_metrics_cache(struct query_metrics *metrics, bool hit);

/* So many more requests found no room, not even for their address, so that nobody was told; and so
 * many more rejections. */
void query_metrics_lost(struct query_metrics *metrics, uint64_t requests, uint64_t rejects);

/* The gauges, set when they are asked for. */
struct query_gauges {
    bool influxdb_connected, broker_connected;
    unsigned in_flight;
    size_t cache_entries, cache_bytes;
    unsigned alerts_firing;
};
void query_metrics_set(struct query_metrics *metrics, const struct query_gauges *gauges);

/* query_metrics_total: requests that have ended, since the service started. */
uint64_t query_metrics_total(const struct query_metrics *metrics);

/* query_metrics_take fills the interval's figures since it was called last. */
void query_metrics_take(struct query_metrics *metrics, struct service_metrics *ret_metrics);

#endif
