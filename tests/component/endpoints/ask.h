/* What the component tests of endpoints/ share: a database on a real influxd, and a question asked
 * of it as the service does: read, checked, planned stage by stage, answered. One statement after
 * the other, by plain HTTP. */
#ifndef TESTS_COMPONENT_ENDPOINTS_ASK_H
#define TESTS_COMPONENT_ENDPOINTS_ASK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness.h"
#include "query-service/endpoints/endpoint.h"

#define ASK_REPLY_BYTES 8388608

struct store {
    struct harness *influxd;
    char *reply;
    struct settings settings;
    struct habit *habit; /* NULL: no habits */
    int64_t now_ns;      /* the time at which is asked */
};

/* Bytes that stand for themselves in a form's value are few; all others are written as %xx. */
static inline void ask_form(struct text value, struct buf *out)
{
    for (size_t i = 0; i < value.len; i++)
        buf_printf(out, "%%%02x", (unsigned char)value.at[i]);
}

static inline enum err ask_statement(struct store *store, struct text statement,
                                     struct table **ret_table, struct err_reason *why)
{
    struct buf body = {0};
    buf_string(&body, "db=t&epoch=ms&q=");
    ask_form(statement, &body);
    long status = harness_request(store->influxd, "/query", buf_cstr(&body), NULL, store->reply,
                                  ASK_REPLY_BYTES);
    buf_free(&body);
    assert_true(status == 200 || status == 400);
    return table_read(text_of(store->reply), ret_table, why);
}

static inline void store_write(struct store *store, const char *lines)
{
    char reply[1024];
    if (harness_request(store->influxd, "/write?db=t", lines, NULL, reply, sizeof reply) != 204)
        fail_msg("%s", reply);
}

static inline void store_open(struct store *store)
{
    *store = (struct store){.influxd = harness_influxd(NULL), .reply = malloc(ASK_REPLY_BYTES)};
    store->settings.topic_root = strdup("hearthline");
    assert_non_null(store->influxd);
    assert_non_null(store->reply);
    assert_int_equal(
        harness_request(store->influxd, "/query", "q=CREATE+DATABASE+t", NULL, NULL, 0), 200);
}

static inline void store_close(struct store *store)
{
    harness_close(store->influxd);
    free(store->settings.topic_root);
    free(store->reply);
}

static inline enum err ask_stage(struct store *store, const struct gather_plan *plan,
                                 struct gather_results *results, struct err_reason *why)
{
    enum err e = ERR_OK;
    results->at = calloc(plan->count + 1, sizeof results->at[0]);
    assert_non_null(results->at);
    assert_false(plan->failed);
    for (unsigned i = 0; e == ERR_OK && i < plan->count; i++) {
        e = ask_statement(store, buf_view(&plan->statements[i]), &results->at[i].table, why);
        if (e != ERR_OK && why->text[0])
            print_message("%.*s\n", (int)plan->statements[i].len, plan->statements[i].data);
        results->count++;
    }
    results->outcome = e;
    return e;
}

static inline void ask_stage_free(struct gather_results *results)
{
    for (unsigned i = 0; i < results->count; i++)
        table_free(results->at[i].table);
    free(results->at);
}

static inline enum err ask_stages(struct store *store, const struct question *question,
                                  const struct endpoint *endpoint, struct buf *out,
                                  struct err_reason *why)
{
    struct gather_results stages[ENDPOINT_STAGES] = {0};
    const struct gather_results *seen[ENDPOINT_STAGES];
    unsigned count = 0;
    enum err e = ERR_OK;
    while (e == ERR_OK && endpoint->plan && count < ENDPOINT_STAGES) {
        struct gather_plan plan = {0};
        e = endpoint->plan(question, count, seen, &plan, why);
        bool more = e == ERR_OK && plan.count > 0;
        if (more) {
            e = ask_stage(store, &plan, &stages[count], why);
            seen[count] = &stages[count];
            count++;
        }
        gather_plan_free(&plan);
        if (!more)
            break;
    }
    if (e == ERR_OK)
        e = endpoint->answer(question, seen, count, out, why);
    for (unsigned i = 0; i < count; i++)
        ask_stage_free(&stages[i]);
    return e;
}

/* ask gives the whole answer as JSON, or "!" and the words of the refusal; the caller frees it. */
static inline char *ask(struct store *store, const char *name, struct text json)
{
    const struct endpoint *endpoint = endpoint_find(text_of(name));
    assert_non_null(endpoint);
    struct endpoint_world world = {.settings = &store->settings, .habit = store->habit};
    struct request request = {0};
    struct question question = {.world = &world, .request = &request, .now_ns = store->now_ns};
    struct value_document *document = value_document_new();
    struct value root;
    struct err_reason why = {""};
    struct buf out = {0};
    buf_char(&out, '{');
    enum err e = value_parse(document, VALUE_JSON, json, &root, &why);
    if (e == ERR_OK)
        e = request_decode(endpoint->request, root, &request, &why);
    if (e == ERR_OK && endpoint->period)
        e = period_make(request.period.len ? request.period : text_of(endpoint->period),
                        request.window, request.end_ns, store->now_ns, &question.period, &why);
    if (e == ERR_OK && endpoint->check)
        e = endpoint->check(&question, &why);
    if (e == ERR_OK)
        e = ask_stages(store, &question, endpoint, &out, &why);
    buf_char(&out, '}');
    assert_false(out.failed);
    char *answer = strdup(buf_cstr(&out));
    if (e != ERR_OK) {
        free(answer);
        assert_true(asprintf(&answer, "!%s: %s", err_text(e), why.text) > 0);
    }
    buf_free(&out);
    value_document_free(document);
    return answer;
}

#endif
