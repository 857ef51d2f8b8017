/* What service.c and its other halves (service_open.c, service_bus.c, service_figures.c) share. Not
 * for others. */
#ifndef QUERY_SERVICE_PARTS_H
#define QUERY_SERVICE_PARTS_H

#include "base/metrics_http.h"
#include "influx/gather.h"
#include "query-service/answerer.h"
#include "query-service/flags.h"
#include "query-service/instance.h"
#include "query-service/listener.h"
#include "query-service/reload.h"
#include "query-service/rounds.h"
#include "query-service/service.h"
#include "query-service/slack.h"
#include "query-service/standing.h"
#include "query-service/store.h"
#include "schemas/live_pace.h"

#define SERVICE_METRICS_MS 10000

struct service {
    const struct settings *settings;
    struct log *log;
    struct clock clock;
    struct instance instance;
    struct flags flags;
    struct reload reload;
    struct http *http;
    struct server *server;
    struct influx_query *query;
    struct gatherer *gatherer;
    struct metrics *metrics;
    struct query_metrics *query_metrics;
    struct metrics_http *metrics_server;
    struct store *store;
    struct live *live;
    struct rejects_heard *rejects;
    struct speaker *speaker;
    struct listener *listener;
    struct rounds *rounds;
    struct answerer *answerer;
    struct standing *standing;
    struct endpoint_world world;
    int signals;
    bool stopping, cleared, muted;
    int exit_code;
    char other[64];
    uint64_t requests_lost, rejects_lost; /* as far as it was told */
    int64_t started_ms, metrics_due_ms, metrics_said_ms, watchdog_due_ms, deaf_since_ms;
    uint32_t watchdog_ms;
    struct slack slack;
    struct live_pace pace;
    struct value_document *document;
    struct buf payload, topic;
};

/* --- service_bus.c: what the rooms call back with, `context` being the service --------------- */

/* Both handles are up, and requests are taken. */
bool service_connected(const struct service *s);
void service_wake(void *context); /* from any thread */
void service_requested(void *context, struct rpc_request *request);
void service_heard(void *context, const struct rpc_request *message);
void service_send(void *context, const struct asker *asker, struct text payload);
void service_store_failed(void *context, enum err outcome, const char *words);
void service_queried(void *context, const char *asker, enum err outcome, uint32_t elapsed_us);

/* --- service_figures.c: what the service tells of itself ------------------------------------- */

void service_write_metrics(void *context, struct buf *out);
bool service_write_health(void *context, struct buf *out);
bool service_reload(void *context, struct buf *out);
void service_publish_metrics(struct service *s);

/* service_live_turn says how the service stands, if that has changed; returns in how many ms it may
 * be said again. */
uint32_t service_live_turn(struct service *s);

#endif
