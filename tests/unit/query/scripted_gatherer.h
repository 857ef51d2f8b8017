/* A gatherer that asks nobody: it keeps what was started, and the test says when and how each ends.
 * It stands in for influx/gather.c, all of whose functions are defined here. */
#ifndef TESTS_UNIT_QUERY_SCRIPTED_GATHERER_H
#define TESTS_UNIT_QUERY_SCRIPTED_GATHERER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "influx/gather.h"

#define SCRIPTED_MAX 64

struct scripted_gathering {
    const char *asker;
    unsigned statements;
    uint32_t timeout_ms;
    bool ended;
    void *context;
    void (*done)(void *context, struct gather_results *results);
};

struct gatherer {
    struct scripted_gathering at[SCRIPTED_MAX];
    unsigned count;
    enum err refusal; /* what gather_start returns from now on */
};

struct buf *gather_add(struct gather_plan *plan)
{
    struct buf *more = realloc(plan->statements, (plan->count + 1) * sizeof *more);
    assert_non_null(more);
    plan->statements = more;
    plan->capacity = plan->count + 1;
    more[plan->count] = (struct buf){0};
    return &more[plan->count++];
}

struct buf *gather_add_of(struct gather_plan *plan, struct text measurement)
{
    (void)measurement;
    return gather_add(plan);
}

void gather_plan_free(struct gather_plan *plan)
{
    for (unsigned i = 0; i < plan->count; i++)
        buf_free(&plan->statements[i]);
    free(plan->statements);
    *plan = (struct gather_plan){0};
}

struct gatherer *gather_open(struct influx_query *query, void *context,
                             void (*each)(void *context, const char *asker, enum err outcome,
                                          uint32_t elapsed_us))
{
    (void)query, (void)context, (void)each;
    return calloc(1, sizeof(struct gatherer));
}

void gather_close(struct gatherer *gatherer)
{
    free(gatherer);
}

enum err gather_start(struct gatherer *gatherer, const char *asker, const struct gather_plan *plan,
                      uint32_t timeout_ms, void *context,
                      void (*done)(void *context, struct gather_results *results))
{
    assert_true(gatherer->count < SCRIPTED_MAX);
    assert_true(plan->count > 0);
    if (gatherer->refusal != ERR_OK)
        return gatherer->refusal;
    gatherer->at[gatherer->count++] = (struct scripted_gathering){.asker = asker,
                                                                  .statements = plan->count,
                                                                  .timeout_ms = timeout_ms,
                                                                  .context = context,
                                                                  .done = done};
    return ERR_OK;
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

/* Ends a gathering: with `outcome` and `words` of its first statement, the others well. A statement
 * that ends well finds what `body` says, nothing when it is NULL. */
static inline void scripted_end(struct gatherer *gatherer, unsigned which, enum err outcome,
                                const char *words, const char *body)
{
    assert_true(which < gatherer->count && !gatherer->at[which].ended);
    struct scripted_gathering *gathering = &gatherer->at[which];
    struct gather_results *results = calloc(1, sizeof *results);
    results->count = gathering->statements;
    results->at = calloc(results->count, sizeof *results->at);
    results->outcome = results->at[0].outcome = outcome;
    snprintf(results->at[0].words, sizeof results->at[0].words, "%s", words);
    for (unsigned i = outcome != ERR_OK; i < results->count; i++)
        assert_int_equal(
            table_read(text_of(body ? body : "{\"results\":[{}]}"), &results->at[i].table, NULL),
            ERR_OK);
    gathering->ended = true;
    gathering->done(gathering->context, results);
}

#endif
