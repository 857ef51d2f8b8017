/* Serves /metrics and /healthz with libmicrohttpd inside the caller's loop: no
 * thread of its own, one descriptor to poll. GET and HEAD only; anything else
 * than the two paths is 404 with words. */
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
};

/* metrics_http_open listens on "HOST:PORT" (HOST an address or a name, IPv6 in
 * brackets). ERR_BUSY with the address in `why` when it is taken. */
enum err metrics_http_open(const char *address, struct metrics_http_source source,
                           struct metrics_http **ret_server, struct err_reason *why) ERR_MUST_CHECK;

/* The descriptor that becomes readable when metrics_http_run has work to do. */
int metrics_http_descriptor(const struct metrics_http *server);
void metrics_http_run(struct metrics_http *server);
void metrics_http_close(struct metrics_http *server); /* NULL accepted */

#endif
