/* Serves /metrics, /healthz and, where its owner can reload, /-/reload with libmicrohttpd inside
 * the caller's loop: no thread of its own, one descriptor to poll. GET and HEAD only (else 405),
 * POST for /-/reload; any other path is 404 with words. At most 16 connections, each idle for at
 * most 10 s. */
#ifndef BASE_METRICS_HTTP_H
#define BASE_METRICS_HTTP_H

#include "base/metrics.h"

struct metrics_http;

/* What the server asks its owner for at each request. */
struct metrics_http_source {
    void *context; /* borrowed */
    /* Appends the body of /metrics. */
    void (*metrics)(void *context, struct buf *out);
    /* Appends the body of /healthz (JSON) and tells whether all is well: 200 or 503. */
    bool (*health)(void *context, struct buf *out);
    /* POST /-/reload: reads the configuration again, appends what came of it (JSON) and tells
     * whether it was taken: 200 or 422. NULL: there is nothing to reload. */
    bool (*reload)(void *context, struct buf *out);
};

/* metrics_http_open listens on "HOST:PORT" (HOST an address or a name, IPv6 in
 * brackets; port 0 takes a free one). ERR_BUSY with the address in `why` when it is
 * taken, ERR_INVALID when it is none, ERR_IO, ERR_NOMEM. */
enum err metrics_http_open(const char *address, struct metrics_http_source source,
                           struct metrics_http **ret_server, struct err_reason *why) ERR_MUST_CHECK;

/* The port that it listens on. */
uint16_t metrics_http_port(const struct metrics_http *server);

/* The descriptor that becomes readable when metrics_http_run has work to do. */
int metrics_http_descriptor(const struct metrics_http *server);

/* metrics_http_run does what there is to do and returns; idle connections are ended only
 * here, so the loop calls it now and then even when nothing is readable. */
void metrics_http_run(struct metrics_http *server);
void metrics_http_close(struct metrics_http *server); /* NULL accepted */

#endif
