/* Several InfluxQL statements at once, under one deadline, with all answers handed over together:
 * what every question to the store is made of.
 *
 * A plan is a list of statements, filled by whoever needs the answers. Texts of strangers enter a
 * statement through influx/influxql.h only. */
#ifndef INFLUX_GATHER_H
#define INFLUX_GATHER_H

#include "influx/query.h"

#define GATHER_MAX 256

struct gather_plan {
    const struct settings_influxdb *influxdb; /* whose destinations are known; NULL for none */
    struct buf *statements;                   /* owned */
    const struct settings_destination *at[GATHER_MAX]; /* where each is asked; NULL: the default */
    unsigned count, capacity;
    struct buf nowhere; /* where a failed plan's texts go */
    bool failed;        /* memory ran out, or a plan grew beyond GATHER_MAX */
};
/* gather_add begins one more statement and returns where its text goes: valid until the next
 * gather_add. When memory runs out `failed` is set and what is written goes nowhere. */
struct buf *gather_add(struct gather_plan *plan);

/* gather_add_of is gather_add for a statement about one measurement: it is asked where the
 * configuration has that measurement go. */
struct buf *gather_add_of(struct gather_plan *plan, struct text measurement);
void gather_plan_free(struct gather_plan *plan);

/* What came of one statement. */
struct gather_result {
    enum err outcome;    /* as struct influx_answer */
    struct table *table; /* NULL unless ERR_OK */
    char words[256];     /* "" unless it failed */
};

struct gather_results {
    struct gather_result *at; /* as many as the plan had statements, in its order */
    unsigned count;
    enum err outcome;    /* ERR_OK when all are; else the first failure's */
    unsigned failed;     /* which one that was */
    uint32_t elapsed_us; /* until the last of them */
};

/* A gatherer owns what is under way. gather_close frees it without calling `done`: call
 * http_cancel_all before. `each`, which may be NULL, is told of every single query as it ends. */
struct gatherer;
struct gatherer *gather_open(struct influx_query *query, void *context,
                             void (*each)(void *context, const char *asker, enum err outcome,
                                          uint32_t elapsed_us)); /* NULL when out of memory */
void gather_close(struct gatherer *gatherer);                    /* NULL accepted */

/* gather_start sends all statements; none may take longer than timeout_ms from now. `done` is
 * called once, from http_wait, and owns the results, which it frees with gather_results_free. The
 * plan may be freed at once. `asker` (a name that outlives the call) is for `each`.
 * ERR_INVALID: the plan is empty. ERR_NOMEM, also when the plan has failed; as influx_query_ask
 * else, nothing having been sent. */
enum err gather_start(struct gatherer *gatherer, const char *asker, const struct gather_plan *plan,
                      uint32_t timeout_ms, void *context,
                      void (*done)(void *context, struct gather_results *results)) ERR_MUST_CHECK;

void gather_results_free(struct gather_results *results); /* NULL accepted */

#endif
