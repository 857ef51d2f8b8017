/* Several InfluxQL statements at once, under one deadline, with all answers handed over together:
 * what every question to the store is made of.
 *
 * A plan is a list of statements, filled by whoever needs the answers. Texts of strangers enter a
 * statement through influx/influxql.h only. */
#ifndef INFLUX_GATHER_H
#define INFLUX_GATHER_H

#include "influx/query.h"

struct gather_plan {
    struct buf *statements; /* owned */
    unsigned count, capacity;
    bool failed; /* memory ran out, or a plan grew beyond GATHER_MAX */
};
#define GATHER_MAX 256

/* gather_add begins one more statement and returns where its text goes: valid until the next
 * gather_add. When memory runs out `failed` is set and what is written goes nowhere. */
struct buf *gather_add(struct gather_plan *plan);
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
    enum err outcome; /* ERR_OK when all are; else the first failure's */
    uint32_t elapsed_us;
};

/* gather_start sends all statements; none may take longer than timeout_ms from now. `done` is
 * called once, from http_wait (for an empty plan too: never from within gather_start); the results
 * are freed after it, but for tables that gather_take took. The plan may be freed at once.
 * ERR_NOMEM, also when the plan has failed. When the http handle drops its requests
 * (http_cancel_all) `done` is not called and everything is freed. */
struct gather_options {
    struct influx_query *query;
    uint32_t timeout_ms;
    void *context;
    void (*done)(void *context, struct gather_results *results);
    /* NULL, or told of each query as it ends: for the metrics. */
    void (*each)(void *context, enum err outcome, uint32_t elapsed_us);
};
enum err gather_start(const struct gather_plan *plan,
                      const struct gather_options *options) ERR_MUST_CHECK;

/* gather_take makes the table the caller's; NULL when there is none. */
struct table *gather_take(struct gather_results *results, unsigned index);

#endif
