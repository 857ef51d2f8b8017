#include "query-service/query_metrics.h"

#include <stdlib.h>
#include <string.h>

#include "query-service/endpoints/endpoint.h"

#define NAMES_MAX 32

const char query_asker_alerts[] = "alerts", query_asker_probe[] = "probe",
           query_endpoint_unknown[] = "unknown";

static const struct outcome_row {
    const char *label;
    bool failure; /* ours, not the asker's: counts against the success rate */
} outcomes[REQUEST_OUTCOMES] = {
    [REQUEST_OK] = {"ok", false},
    [REQUEST_BAD] = {"bad_request", false},
    [REQUEST_UNKNOWN_ENDPOINT] = {"unknown_endpoint", false},
    [REQUEST_UNKNOWN_SERVICE] = {"unknown_service", false},
    [REQUEST_TIMEOUT] = {"timeout", true},
    [REQUEST_BUSY] = {"busy", true},
    [REQUEST_UNAVAILABLE] = {"unavailable", true},
    [REQUEST_EXPIRED] = {"expired", false},
    [REQUEST_NO_ADDRESS] = {"no_address", false},
};

static const struct {
    enum err outcome;
    const char *label;
} query_outcomes[] = {
    {ERR_OK, "ok"},           {ERR_TIMEOUT, "timeout"},     {ERR_IO, "unreachable"},
    {ERR_REFUSED, "refused"}, {ERR_TOO_LARGE, "too_large"}, {ERR_INVALID, "not_understood"}};
#define QUERY_OUTCOMES (sizeof(query_outcomes) / sizeof(query_outcomes[0]))

struct per_name {
    const char *name;
    struct metric *requests[REQUEST_OUTCOMES];
    struct metric *queries[QUERY_OUTCOMES];
    struct metric *duration, *fallbacks;
};

struct query_metrics {
    struct per_name names[NAMES_MAX];
    unsigned count;
    struct metric *hits, *misses, *requests_lost, *rejects_lost;
    struct metric *connected, *broker, *in_flight, *cache_entries, *cache_bytes, *firing;
    /* Of the interval. */
    uint64_t answered, failed, total;
    double seconds;
};

const char *query_metrics_code(enum request_outcome outcome)
{
    return outcomes[outcome].label;
}

static void add_name(struct query_metrics *m, struct metrics *registry, const char *name,
                     bool answers, bool asks)
{
    static const double bounds_s[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                      0.1,   0.25,   0.5,   1,    2.5,   5};
    if (m->count == NAMES_MAX)
        return;
    struct per_name *row = &m->names[m->count++];
    row->name = name;
    for (unsigned i = 0; answers && i < REQUEST_OUTCOMES; i++)
        row->requests[i] = metrics_counter(
            registry, "hearthline_requests_total", "Requests by endpoint and how they ended.",
            METRICS_LABELS("endpoint", name, "outcome", outcomes[i].label));
    for (unsigned i = 0; asks && i < QUERY_OUTCOMES; i++)
        row->queries[i] = metrics_counter(
            registry, "hearthline_influxdb_queries_total", "Queries to InfluxDB by who asked.",
            METRICS_LABELS("endpoint", name, "status", query_outcomes[i].label));
    if (asks)
        row->duration = metrics_histogram(registry, "hearthline_influxdb_query_duration_seconds",
                                          "From asking InfluxDB to its whole answer.",
                                          METRICS_LABELS("endpoint", name), bounds_s,
                                          sizeof bounds_s / sizeof bounds_s[0]);
}

static void add_endpoints(struct query_metrics *m, struct metrics *registry)
{
    const struct endpoint *endpoint;
    for (unsigned i = 0; (endpoint = endpoint_at(i)) != NULL; i++) {
        add_name(m, registry, endpoint->name, true, endpoint->write_figures || endpoint->plan);
        if (endpoint->write_figures)
            m->names[m->count - 1].fallbacks = metrics_counter(
                registry, "hearthline_fallback_total",
                "Answers that came from the services because InfluxDB did not answer.",
                METRICS_LABELS("endpoint", endpoint->name));
    }
    add_name(m, registry, query_asker_alerts, false, true);
    add_name(m, registry, query_asker_probe, false, true);
    add_name(m, registry, query_endpoint_unknown, true, false);
}

struct query_metrics *query_metrics_new(struct metrics *registry)
{
    struct query_metrics *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    add_endpoints(m, registry);
    m->hits = metrics_counter(registry, "hearthline_cache_hits_total",
                              "Requests that were answered from the cache.", METRICS_NO_LABELS);
    m->misses = metrics_counter(registry, "hearthline_cache_misses_total",
                                "Requests that the cache could not answer.", METRICS_NO_LABELS);
    m->requests_lost = metrics_counter(
        registry, "hearthline_requests_lost_total",
        "Requests that came when there was no room even to say busy.", METRICS_NO_LABELS);
    m->rejects_lost =
        metrics_counter(registry, "hearthline_rejects_passed_over_total",
                        "Rejections that came when there was no room for them.", METRICS_NO_LABELS);
    m->connected =
        metrics_gauge(registry, "hearthline_influxdb_connected",
                      "Whether the last query to InfluxDB was answered.", METRICS_NO_LABELS);
    m->broker =
        metrics_gauge(registry, "hearthline_broker_connected",
                      "Whether the service is connected and subscribed.", METRICS_NO_LABELS);
    m->in_flight = metrics_gauge(registry, "hearthline_requests_in_flight",
                                 "Requests that wait for their answer.", METRICS_NO_LABELS);
    m->cache_entries = metrics_gauge(registry, "hearthline_cache_entries", "Answers in the cache.",
                                     METRICS_NO_LABELS);
    m->cache_bytes = metrics_gauge(registry, "hearthline_cache_bytes",
                                   "What the cache holds, in bytes.", METRICS_NO_LABELS);
    m->firing =
        metrics_gauge(registry, "hearthline_alerts_firing", "Alerts that fire.", METRICS_NO_LABELS);
    return m;
}

void query_metrics_free(struct query_metrics *metrics)
{
    free(metrics);
}

static struct per_name *find(struct query_metrics *m, const char *name)
{
    for (unsigned i = 0; i < m->count; i++)
        if (strcmp(m->names[i].name, name) == 0)
            return &m->names[i];
    return &m->names[m->count - 1]; /* unknown */
}

void query_metrics_request(struct query_metrics *m, const char *endpoint,
                           enum request_outcome outcome, double seconds)
{
    metric_add(find(m, endpoint)->requests[outcome], 1);
    m->answered++;
    m->total++;
    m->failed += outcomes[outcome].failure;
    m->seconds += seconds;
}

void query_metrics_query(struct query_metrics *m, const char *asker, enum err outcome,
                         double seconds)
{
    struct per_name *row = find(m, asker);
    for (unsigned i = 0; i < QUERY_OUTCOMES; i++)
        if (query_outcomes[i].outcome == outcome)
            metric_add(row->queries[i], 1);
    metric_observe(row->duration, seconds);
}

void query_metrics_fallback(struct query_metrics *m, const char *endpoint)
{
    metric_add(find(m, endpoint)->fallbacks, 1);
}

void query_metrics_cache(struct query_metrics *m, bool hit)
{
    metric_add(hit ? m->hits : m->misses, 1);
}

void query_metrics_lost(struct query_metrics *m, uint64_t requests, uint64_t rejects)
{
    metric_add(m->requests_lost, requests);
    metric_add(m->rejects_lost, rejects);
}

void query_metrics_set(struct query_metrics *m, const struct query_gauges *gauges)
{
    metric_set(m->connected, gauges->influxdb_connected);
    metric_set(m->broker, gauges->broker_connected);
    metric_set(m->in_flight, gauges->in_flight);
    metric_set(m->cache_entries, (double)gauges->cache_entries);
    metric_set(m->cache_bytes, (double)gauges->cache_bytes);
    metric_set(m->firing, gauges->alerts_firing);
}

uint64_t query_metrics_total(const struct query_metrics *m)
{
    return m->total;
}

void query_metrics_take(struct query_metrics *m, struct service_metrics *ret_metrics)
{
    ret_metrics->events_processed = fields_unsigned(m->answered);
    ret_metrics->events_total = fields_unsigned(m->total);
    if (m->answered > 0) {
        double answered = (double)m->answered;
        ret_metrics->processing_time_ms = fields_number(m->seconds * 1000 / answered);
        ret_metrics->success_rate = fields_number(100 * (answered - (double)m->failed) / answered);
    }
    m->answered = m->failed = 0;
    m->seconds = 0;
}
