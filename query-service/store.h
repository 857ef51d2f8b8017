/* Whether InfluxDB is there: found out by a real query now and then, each STORE_EVERY_MS while it
 * answers, with growing pauses of at most STORE_RETRY_CAP_MS while it does not, and at once when a
 * question was not answered. Only the probe decides: one slow query is not a server that is away.
 */
#ifndef QUERY_STORE_H
#define QUERY_STORE_H

#include "base/log.h"
#include "influx/query.h"
#include "query-service/endpoints/endpoint.h"
#include "query-service/query_metrics.h"

#define STORE_EVERY_MS     10000
#define STORE_RETRY_MS     250
#define STORE_RETRY_CAP_MS 3000
#define STORE_TIMEOUT_MS   2000

struct store;

struct store_options {
    struct influx_query *query;
    struct log *log;
    struct clock clock;
    struct query_metrics *metrics;
    struct endpoint_store *facts; /* borrowed, kept up to date */
};
enum err store_open(const struct store_options *options, struct store **ret_store) ERR_MUST_CHECK;

/* store_turn asks when it is due and returns in how many ms that is. */
uint32_t store_turn(struct store *store);

/* store_doubt: a question was not answered; the probe comes at once. */
void store_doubt(struct store *store);

/* store_close: nothing may be under way. NULL accepted. */
void store_close(struct store *store);

#endif
