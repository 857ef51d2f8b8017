/* HTTP requests on one thread: curl multi, kept-alive connections, many at once, and the owner's
 * one place to wait. Knows nothing of InfluxDB. The body of a reply is capped. Every handle sets
 * NOSIGNAL, no Expect header, no redirects, HTTP/1.1. Credentials never reach an error text. One
 * thread, but for http_wake. */
#ifndef INFLUX_HTTP_H
#define INFLUX_HTTP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct http;

struct http_options {
    const char *ca_file, *cert_file, *key_file; /* "" for none */
    uint32_t connect_timeout_ms;
    size_t reply_max_bytes; /* what is beyond is thrown away, beyond twice as much not even read */
    unsigned connections;   /* requests under way at a time, each on a connection of its own */
};

enum http_method { HTTP_GET, HTTP_POST };

struct http_reply;

/* A request borrows its body until `done` was called; the texts are copied. */
struct http_request {
    enum http_method method;
    const char *url;
    struct text body;
    const char *content_type;     /* NULL for none */
    const char *content_encoding; /* "gzip", or NULL */
    const char *authorization;    /* the header's value, or NULL */
    const char *accept;           /* NULL for anything */
    uint32_t timeout_ms;          /* from http_start on; 0 for none */
    void *context;
    void (*done)(void *context, const struct http_reply *reply);
    void (*dropped)(void *context); /* instead of `done`, when cancelled; NULL for nothing */
};

/* status 0: no answer, `error` says why (words of curl, with the host and port but no credential),
 * and timed_out whether timeout_ms passed; a connect_timeout_ms that passed earlier is none.
 * A refusal (400 and above) whose head or body could not be read to its end is a reply all the
 * same: InfluxDB repeats a refused line in a header, which can be longer than curl takes, and that
 * must not look like a server that is away. An answer below 400 counts only when it is whole, or
 * when it was cut here: then `cut` says so, and body has the first reply_max_bytes of it. */
struct http_reply {
    long status;
    bool cut, timed_out;
    struct text body;
    struct text server_version; /* X-Influxdb-Version, empty when absent */
    int64_t retry_after_ms;     /* -1 when absent; from seconds or an HTTP date */
    uint32_t elapsed_us;        /* since http_start */
    const char *error;          /* "" when status is not 0 */
};

/* http_open copies the options. ERR_NOT_FOUND names a TLS file that cannot be read. */
enum err http_open(const struct http_options *options, struct http **ret_http,
                   struct err_reason *why) ERR_MUST_CHECK;

/* http_start begins a request, or lets it wait when `connections` others are under way: first come,
 * first served, and its time runs meanwhile. `done` is called from http_wait, exactly once, unless
 * cancelled; it may start others. ERR_NOMEM. */
enum err http_start(struct http *http, const struct http_request *request) ERR_MUST_CHECK;

/* http_cancel_all drops every request under way: `dropped` is called, which must start no other;
 * the connections close. http_close does the same first. */
void http_cancel_all(struct http *http);

/* http_wait waits at most timeout_ms for progress, for one of the readable descriptors, or for
 * http_wake; then lets curl work and calls what is done. At most HTTP_MAX_DESCRIPTORS; which of
 * them is readable is for the owner to ask. It is the loop's only wait. */
#define HTTP_MAX_DESCRIPTORS 16
void http_wait(struct http *http, const int *descriptors, unsigned count, uint32_t timeout_ms);

/* http_wake ends a wait early; from any thread. */
void http_wake(struct http *http);
void http_close(struct http *http); /* NULL accepted */

#endif
