/* Where an answer goes, what it echoes, by when, and in which encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "query-service/asker.h"

#define MADE_NS (INT64_C(1763713800) * CLOCK_NS_PER_S + 123456789) /* 2025-11-21T08:30:00.123Z */

static struct asker *asker_of(struct rpc_request request, const char *payload)
{
    struct asker *asker = NULL;
    struct value root = {NULL};
    struct value_document *document = value_document_new();
    request.payload = text_of(payload);
    (void)!value_parse(document, VALUE_JSON, request.payload, &root, NULL);
    enum err e = asker_make("hearthline", &request, root, &asker, NULL);
    value_document_free(document);
    assert_true((e == ERR_OK) == (asker != NULL));
    return asker;
}

static void the_answer_goes_where_it_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *request, *response_topic, *payload, *answer; /* NULL: to nobody */
        bool named;
    } cases[] = {
        {"request/stats", "hearthline/response/me", "{}", "hearthline/response/me", true},
        {"request/stats", "hearthline/response/me", "{\"reply_to\":\"hearthline/response/x\"}",
         "hearthline/response/me", true},
        {"request/stats", "", "{\"reply_to\":\"hearthline/response/x\"}", "hearthline/response/x",
         true},
        {"request/stats", "", "{}", "hearthline/response/stats", false},
        {"request/stats/trends", "", "{}", "hearthline/response/stats/trends", false},
        {"request/stats", "", "no json", "hearthline/response/stats", false},
        {"request/stats", "", "{\"reply_to\":5}", "hearthline/response/stats", false},
        {"request/stats", "hearthline/readings/kitchen", "{}", NULL, false},
        {"request/stats", "hearthline/response/+", "{}", NULL, false},
        {"request/stats", "hearthline/response/#", "{}", NULL, false},
        {"request/stats", "hearthline/response/", "{}", NULL, false},
        {"request/stats", "hearthline/response", "{}", NULL, false},
        {"request/stats", "", "{\"reply_to\":\"hearthline/status\"}", NULL, false},
        {"request/stats", "", "{\"reply_to\":\"hearthline/response/a\\u0000b\"}", NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char topic[64] = "hearthline/";
        strcat(topic, cases[i].request);
        struct asker *asker =
            asker_of((struct rpc_request){.topic = text_of(topic),
                                          .response_topic = text_of(cases[i].response_topic)},
                     cases[i].payload);
        if (!cases[i].answer) {
            assert_null(asker);
            continue;
        }
        assert_string_equal(asker->topic, cases[i].answer);
        assert_int_equal(asker->named_topic, cases[i].named);
        free(asker);
    }
}

static void message_expiry_is_the_deadline(void **state)
{
    (void)state;
    static const struct {
        uint32_t expiry_s;
        int64_t deadline_ms;
    } cases[] = {{0, 6000}, {1, 2000}, {30, 31000}, {31, 31000}, {UINT32_MAX, 31000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asker *asker =
            asker_of((struct rpc_request){.topic = TEXT("hearthline/request/stats"),
                                          .expiry_s = cases[i].expiry_s,
                                          .arrived_ms = 1000},
                     "{}");
        assert_int_equal(asker->deadline_ms, cases[i].deadline_ms);
        free(asker);
    }
}

static void assert_payload(struct buf *payload, const char *expected)
{
    assert_string_equal(buf_cstr(payload), expected);
    buf_reset(payload);
}

static void the_envelope_echoes(void **state)
{
    (void)state;
    struct buf out = {0};
    struct asker *asker = asker_of(
        (struct rpc_request){.topic = TEXT("hearthline/request/stats"), .correlation = {"a\0b", 3}},
        "{\"transaction\":\"t \\\"1\\\"\"}");
    assert_int_equal(asker->correlation.len, 3);
    assert_memory_equal(asker->correlation.at, "a\0b", 3);
    const struct asker_envelope envelope = {MADE_NS, true, 2.5};
    assert_int_equal(asker_answer(asker, &envelope, TEXT("\"x\":1"), &out), ERR_OK);
    assert_payload(&out, "{\"schema\":1,\"timestamp\":\"2025-11-21T08:30:00.123Z\","
                         "\"transaction\":\"t \\\"1\\\"\",\"cached\":true,\"cache_age_s\":2.5,"
                         "\"x\":1}");
    assert_int_equal(asker_error(asker, MADE_NS, "busy", "a \"word\"", &out), ERR_OK);
    assert_payload(&out, "{\"schema\":1,\"timestamp\":\"2025-11-21T08:30:00.123Z\","
                         "\"transaction\":\"t \\\"1\\\"\","
                         "\"error\":{\"code\":\"busy\",\"message\":\"a \\\"word\\\"\"}}");
    free(asker);
    buf_free(&out);
}

static void msgpack_is_answered_in_kind(void **state)
{
    (void)state;
    struct buf out = {0};
    struct value root, found;
    struct value_document *document = value_document_new();
    struct asker *asker =
        asker_of((struct rpc_request){.topic = TEXT("hearthline/request/stats"),
                                      .content_type = TEXT("application/msgpack")},
                 "{}");
    const struct asker_envelope envelope = {MADE_NS, false, 0};
    assert_int_equal(asker_answer(asker, &envelope, TEXT("\"x\":[1,2.5,null]"), &out), ERR_OK);
    assert_int_equal(value_parse(document, VALUE_MSGPACK, buf_view(&out), &root, NULL), ERR_OK);
    assert_true(value_get(root, TEXT("x"), &found));
    assert_int_equal(value_count(found), 3);
    assert_true(value_get(root, TEXT("timestamp"), &found));
    assert_true(text_equal(value_text(found), TEXT("2025-11-21T08:30:00.123Z")));
    value_document_free(document);
    free(asker);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_goes_where_it_is_asked_for),
        cmocka_unit_test(message_expiry_is_the_deadline),
        cmocka_unit_test(the_envelope_echoes),
        cmocka_unit_test(msgpack_is_answered_in_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
