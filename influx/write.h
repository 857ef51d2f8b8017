/* The write side of one InfluxDB server and database: finds out the version, posts bodies of line
 * protocol, tells what became of each. One write is one request: splitting, waiting and trying
 * again are the writer's (writer/delivery). */
#ifndef INFLUX_WRITE_H
#define INFLUX_WRITE_H

#include "base/settings.h"
#include "influx/dialect.h"

struct influx_write;
struct server;

struct influx_result {
    enum outcome outcome;
    long status;            /* HTTP status, 0 for none */
    const char *words;      /* what the server or curl said, one line */
    int64_t retry_after_ms; /* -1: not said */
    uint32_t elapsed_us;
    const struct dialect_bad *bad; /* OUTCOME_REJECTED */
    size_t bad_count;
};

/* influx_write_open borrows `http` and `settings`. Credentials are read here, and again after a 401
 * or 403, so that a changed secret is taken up. */
enum err influx_write_open(struct http *http, const struct settings *settings,
                           struct influx_write **ret_write, struct err_reason *why) ERR_MUST_CHECK;

/* influx_write_probe asks /ping for the version (with `version` set in the configuration it asks
 * all the same, to know that the server is there) and calls `done`: STORED means that the dialect
 * is known, RETRY or FAULT else. A version in the configuration holds whatever the server says. */
enum err influx_write_probe(struct influx_write *w, void *context,
                            void (*done)(void *context,
                                         const struct influx_result *result)) ERR_MUST_CHECK;

/* influx_write_post sends `lines` (borrowed until done), gzipped when the configuration says so.
 * ERR_INVALID: the dialect is not known yet. The result lives as long as the call of `done`. */
enum err
influx_write_post(struct influx_write *w, struct text lines, size_t line_count, void *context,
                  void (*done)(void *context, const struct influx_result *result)) ERR_MUST_CHECK;

/* The server behind it, for setup: the same credentials and dialect. */
struct server *influx_write_server(struct influx_write *w);

enum dialect influx_write_dialect(const struct influx_write *w);
const char *
influx_write_version(const struct influx_write *w); /* as the server says it, "" if unknown */

/* How many writes may be under way: 1 on 1.x and 2.x, 4 on 3.x. */
unsigned influx_write_parallel(const struct influx_write *w);

/* influx_write_close: nothing may be under way any more (http_cancel_all drops what is, without a
 * `done`); not from inside a `done`. NULL accepted. */
void influx_write_close(struct influx_write *w);

#endif
