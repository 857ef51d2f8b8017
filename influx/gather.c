#include "influx/gather.h"

#include <stdio.h>
#include <stdlib.h>

struct slot {
    struct gather *gather;
    unsigned index;
};

/* One gathering under way. */
struct gather {
    struct gather *next, **link; /* in its gatherer's list */
    struct gatherer *gatherer;
    const char *asker;
    unsigned pending;
    struct gather_results *results;
    void *context;
    void (*done)(void *context, struct gather_results *results);
    struct slot slots[];
};

struct gatherer {
    struct influx_query *query;
    void *context;
    void (*each)(void *context, const char *asker, enum err outcome, uint32_t elapsed_us);
    struct gather *first;
};

struct gatherer *gather_open(struct influx_query *query, void *context,
                             void (*each)(void *context, const char *asker, enum err outcome,
                                          uint32_t elapsed_us))
{
    struct gatherer *gatherer = calloc(1, sizeof *gatherer);
    if (gatherer)
        *gatherer = (struct gatherer){.query = query, .context = context, .each = each};
    return gatherer;
}

static bool plan_grow(struct gather_plan *plan)
{
    unsigned capacity = plan->capacity ? plan->capacity * 2 : 8;
    if (capacity > GATHER_MAX)
        return false;
    struct buf *more = realloc(plan->statements, (size_t)capacity * sizeof *more);
    if (!more)
        return false;
    memset(more + plan->capacity, 0, (size_t)(capacity - plan->capacity) * sizeof *more);
    plan->statements = more;
    plan->capacity = capacity;
    return true;
}

struct buf *gather_add(struct gather_plan *plan)
{
    if (plan->failed || (plan->count == plan->capacity && !plan_grow(plan))) {
        plan->failed = true;
        plan->nowhere.failed = true; /* what is appended to a failed buffer goes nowhere */
        return &plan->nowhere;
    }
    return &plan->statements[plan->count++];
}

static const struct settings_destination *destination_of(const struct settings_influxdb *influxdb,
                                                         struct text measurement)
{
    for (unsigned i = 0; influxdb && i < influxdb->destinations_count; i++) {
        const struct settings_destination *destination = &influxdb->destinations[i];
        for (unsigned j = 0; j < destination->measurements_count; j++)
            if (text_equal(measurement, text_of(destination->measurements[j])))
                return destination;
    }
    return NULL;
}

struct buf *gather_add_of(struct gather_plan *plan, struct text measurement)
{
    struct buf *statement = gather_add(plan);
    if (!plan->failed)
        plan->at[plan->count - 1] = destination_of(plan->influxdb, measurement);
    return statement;
}

void gather_plan_free(struct gather_plan *plan)
{
    for (unsigned i = 0; i < plan->capacity; i++)
        buf_free(&plan->statements[i]);
    free(plan->statements);
    buf_free(&plan->nowhere);
    *plan = (struct gather_plan){0};
}

void gather_results_free(struct gather_results *results)
{
    if (!results)
        return;
    for (unsigned i = 0; i < results->count; i++)
        table_free(results->at[i].table);
    free(results->at);
    free(results);
}

static void gather_free(struct gather *gather)
{
    gather_results_free(gather->results);
    free(gather);
}

static void leave(struct gather *gather)
{
    *gather->link = gather->next;
    if (gather->next)
        gather->next->link = gather->link;
}

void gather_close(struct gatherer *gatherer)
{
    if (!gatherer)
        return;
    for (struct gather *gather = gatherer->first, *next; gather; gather = next) {
        next = gather->next;
        gather_free(gather);
    }
    free(gatherer);
}

static void settle(struct gather_results *results, unsigned index, enum err outcome,
                   const char *words)
{
    results->at[index].outcome = outcome;
    snprintf(results->at[index].words, sizeof results->at[index].words, "%s", words);
    if (results->outcome == ERR_OK && outcome != ERR_OK) {
        results->outcome = outcome;
        results->failed = index;
    }
}

static void answered(void *context, struct influx_answer *answer)
{
    struct slot *slot = context;
    struct gather *gather = slot->gather;
    struct gather_results *results = gather->results;
    settle(results, slot->index, answer->outcome, answer->words);
    results->at[slot->index].table = influx_answer_take(answer);
    if (answer->elapsed_us > results->elapsed_us)
        results->elapsed_us = answer->elapsed_us;
    if (gather->gatherer->each)
        gather->gatherer->each(gather->gatherer->context, gather->asker, answer->outcome,
                               answer->elapsed_us);
    if (--gather->pending > 0)
        return;
    leave(gather);
    gather->results = NULL; /* the asker's now */
    gather->done(gather->context, results);
    gather_free(gather);
}

static struct gather *gather_new(struct gatherer *gatherer, unsigned count)
{
    struct gather *gather = calloc(1, sizeof *gather + count * sizeof gather->slots[0]);
    if (!gather)
        return NULL;
    gather->gatherer = gatherer;
    gather->results = calloc(1, sizeof *gather->results);
    if (gather->results)
        gather->results->at = calloc(count, sizeof gather->results->at[0]);
    if (!gather->results || !gather->results->at) {
        gather_free(gather);
        return NULL;
    }
    gather->results->count = count;
    return gather;
}

/* Sends the statements; the first that cannot be sent fails the whole only when it is the very
 * first. */
static enum err send_all(struct gather *gather, const struct gather_plan *plan, uint32_t timeout_ms)
{
    for (unsigned i = 0; i < plan->count; i++) {
        gather->slots[i] = (struct slot){gather, i};
        enum err e = plan->statements[i].failed
                         ? ERR_NOMEM
                         : influx_query_ask_at(gather->gatherer->query, plan->at[i],
                                               buf_view(&plan->statements[i]), timeout_ms,
                                               &gather->slots[i], answered);
        if (e != ERR_OK && gather->pending == 0)
            return e;
        if (e != ERR_OK)
            settle(gather->results, i, e, err_text(e));
        else
            gather->pending++;
    }
    return ERR_OK;
}

enum err gather_start(struct gatherer *gatherer, const char *asker, const struct gather_plan *plan,
                      uint32_t timeout_ms, void *context,
                      void (*done)(void *context, struct gather_results *results))
{
    if (plan->failed)
        return ERR_NOMEM;
    if (plan->count == 0)
        return ERR_INVALID;
    struct gather *gather = gather_new(gatherer, plan->count);
    if (!gather)
        return ERR_NOMEM;
    gather->asker = asker;
    gather->context = context;
    gather->done = done;
    enum err e = send_all(gather, plan, timeout_ms);
    if (e != ERR_OK) {
        gather_free(gather);
        return e;
    }
    gather->next = gatherer->first;
    gather->link = &gatherer->first;
    if (gather->next)
        gather->next->link = &gather->next;
    gatherer->first = gather;
    return ERR_OK;
}
