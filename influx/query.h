/* The query side of one InfluxDB server and database: one statement of InfluxQL is one request, and
 * its answer one table. Several may be under way at once: http's `connections` go to the server at
 * a time, the others wait in its queue, and their time runs there too. */
#ifndef INFLUX_QUERY_H
#define INFLUX_QUERY_H

#include "influx/server.h"
#include "influx/table.h"

struct influx_query;

/* What became of a statement:
 *   ERR_OK         `table` has the result, which may be empty
 *   ERR_TIMEOUT    no whole answer within timeout_ms
 *   ERR_IO         no connection, or it broke; or a proxy or the server itself says that it is away
 *                  or busy (408, 429, 502, 503, 504)
 *   ERR_REFUSED    the server's no: a bad statement, credentials, rights, no such database, any
 *                  other 4xx or 5xx, and an error hidden in a 200
 *   ERR_TOO_LARGE  the reply was longer than http's reply_max_bytes
 *   ERR_INVALID    what came is not InfluxDB's JSON
 *   ERR_NOMEM */
struct influx_answer {
    enum err outcome;
    struct table *table; /* ERR_OK, else NULL; freed behind `done` unless taken */
    const char *words;   /* what was wrong, one line; "" with ERR_OK */
    const char *version; /* as the server said it last, "" when unknown */
    long status;         /* HTTP status, 0 for none */
    uint32_t elapsed_us; /* from asking to the whole reply, waiting in the queue included */
};

/* `done` is called from http_wait, once, and may ask again. The answer lives as long as the call.
 */
typedef void influx_query_done(void *context, struct influx_answer *answer);

/* influx_answer_take hands the table over to the asker, who frees it; NULL when there is none. */
struct table *influx_answer_take(struct influx_answer *answer);

/* influx_query_open borrows the server, which may serve others too: they share credentials and
 * dialect. */
enum err influx_query_open(struct server *server, struct influx_query **ret_query,
                           struct err_reason *why) ERR_MUST_CHECK;

/* influx_query_ask asks one statement, which is copied; answers have their times in ms. After
 * timeout_ms (0: influxdb.timeout_ms) the connection is closed, which ends the query on 1.x too.
 * Nothing else cancels a single one; after http_cancel_all no `done` is called.
 * ERR_UNSUPPORTED: the dialect is not known yet, so that the credentials cannot be given: probe
 * first. ERR_NOMEM. */
enum err influx_query_ask(struct influx_query *query, struct text statement, uint32_t timeout_ms,
                          void *context, influx_query_done *done) ERR_MUST_CHECK;

/* influx_query_ask_at is influx_query_ask of another database, bucket or retention policy of the
 * same server; NULL for the server's own. */
enum err influx_query_ask_at(struct influx_query *query,
                             const struct settings_destination *destination, struct text statement,
                             uint32_t timeout_ms, void *context,
                             influx_query_done *done) ERR_MUST_CHECK;

/* influx_query_probe asks GET /ping, which tells version and dialect, and then the database itself
 * (a SELECT that finds nothing): ERR_OK means that it is there, and may be read. elapsed_us is the
 * time of that query alone, or of the ping when it came to no query. timeout_ms is for both
 * together. ERR_INVALID as the outcome: who answers is not InfluxDB. ERR_NOMEM. */
enum err influx_query_probe(struct influx_query *query, uint32_t timeout_ms, void *context,
                            influx_query_done *done) ERR_MUST_CHECK;

/* Without the one whose `done` is being called. */
unsigned influx_query_under_way(const struct influx_query *query);

/* influx_query_close: nothing may be under way any more (http_cancel_all drops what is, without a
 * `done`); not from inside a `done`. NULL accepted. */
void influx_query_close(struct influx_query *query);

#endif
