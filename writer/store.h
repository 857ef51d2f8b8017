/* The InfluxDB that is written to, as the delivery sees it: is it there, which version is it, may
 * the next request go out, and what was the trouble if not. Asks for the version and makes sure of
 * the database before the first write, and reads the types of its fields; after a failure it waits
 * (capped full jitter, Retry-After, or 10 s for a fault that a person has to mend) and logs once a
 * change; what comes and goes within a minute is folded. After a fault that is not one of rights it
 * makes sure of the database again. A write that is not answered within STORE_PATIENCE_MS counts as
 * trouble before its own timeout ends it: a server that stands still shall not look well. */
#ifndef WRITER_STORE_H
#define WRITER_STORE_H

#include "base/log.h"
#include "base/metrics.h"
#include "influx/table.h"
#include "influx/write.h"

#define STORE_RETRY_CAP_MS 10000u
#define STORE_PATIENCE_MS  5000

struct store;

struct store_options {
    const struct settings *settings;
    struct http *http;
    struct log *log;
    struct metrics *metrics;
    struct clock clock;
    const char *destination; /* its name in the log and in labels; NULL for the default one */
    /* What InfluxDB answers to `fields_statement` each time that it is found: the types of its
     * fields. A server that does not answer it is written to all the same. NULL: it is not asked.
     */
    const char *fields_statement;
    void *context;
    void (*fields)(void *context, const struct table *table);
};

enum err store_open(const struct store_options *options, struct store **ret_store,
                    struct err_reason *why) ERR_MUST_CHECK;
void store_close(struct store *store);
struct influx_write *store_write(struct store *store);

/* store_turn asks what has to be asked; true when a write may go out now. */
bool store_turn(struct store *store);

/* store_begun is false until the first answer, or until nobody gave one. */
bool store_begun(const struct store *store);

/* store_at_fault: the last answer was a fault, which a person has to mend. */
bool store_at_fault(const struct store *store);

/* store_wait_ms: how long until store_turn can say something new, at most 1000. */
uint32_t store_wait_ms(const struct store *store);

/* store_posted counts a write that goes out; store_unsent: it could not, and nothing does before
 * 1 s. store_answered takes what it came to: counts it, and begins or ends a trouble. */
void store_posted(struct store *store);
void store_unsent(struct store *store);
void store_answered(struct store *store, const struct influx_result *result);

/* store_cancelled: all requests were dropped (http_cancel_all). */
void store_cancelled(struct store *store);

struct store_figures {
    uint64_t attempts, errors;
    bool up;
    bool fault;           /* the trouble is one that a person has to mend */
    double last_write_ms; /* of the newest answered write; negative before the first */
    char trouble[1024];   /* "" when up */
    int64_t trouble_since_ns;
};
void store_figures(const struct store *store, struct store_figures *ret_figures);

/* The write latencies since the last call: cumulative counts by the bounds. */
#define STORE_LATENCY_BOUNDS 11
extern const double store_latency_bounds_ms[STORE_LATENCY_BOUNDS];
struct store_latency {
    uint64_t count, at_most[STORE_LATENCY_BOUNDS];
    double sum_ms, max_ms;
};
struct store_latency store_take_latency(struct store *store);

#endif
