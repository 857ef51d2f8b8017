/* The InfluxDB that is written to, as the delivery sees it: is it there, which version is it, may
 * the next request go out, and what was the trouble if not. Asks for the version and makes sure of
 * the database before the first write; after a failure it waits (capped full jitter, Retry-After,
 * or 10 s for a fault that a person has to mend) and logs once a change. */
#ifndef WRITER_SERVER_H
#define WRITER_SERVER_H

#include "base/log.h"
#include "base/metrics.h"
#include "influx/write.h"

#define SERVER_RETRY_CAP_MS 10000u

struct server;

struct server_options {
    const struct settings *settings;
    struct http *http;
    struct log *log;
    struct metrics *metrics;
    struct clock clock;
};

enum err server_open(const struct server_options *options, struct server **ret_server,
                     struct err_reason *why) ERR_MUST_CHECK;
void server_close(struct server *server);
struct influx_write *server_write(struct server *server);

/* server_turn asks what has to be asked; true when a write may go out now. */
bool server_turn(struct server *server);

/* server_wait_ms: how long until server_turn can say something new, at most 1000. */
uint32_t server_wait_ms(const struct server *server);

/* server_posted counts a write that goes out; server_answered takes what it came to: counts it, and
 * begins or ends a trouble. */
void server_posted(struct server *server);
void server_answered(struct server *server, const struct influx_result *result);

/* server_cancelled: all requests were dropped (http_cancel_all). server_pause: not before 1 s. */
void server_cancelled(struct server *server);
void server_pause(struct server *server);

struct server_figures {
    uint64_t attempts, errors;
    bool up;
    char trouble[1024]; /* "" when up */
    int64_t trouble_since_ns;
};
void server_figures(const struct server *server, struct server_figures *ret_figures);

/* The write latencies since the last call: cumulative counts by the bounds. */
#define SERVER_LATENCY_BOUNDS 11
extern const double server_latency_bounds_ms[SERVER_LATENCY_BOUNDS];
struct server_latency {
    uint64_t count, at_most[SERVER_LATENCY_BOUNDS];
    double sum_ms, max_ms;
};
struct server_latency server_take_latency(struct server *server);

#endif
