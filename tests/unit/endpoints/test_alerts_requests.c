#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "json_schema.h"
#include "query-service/endpoints/table.h"

#define NOW (1772366400LL * CLOCK_NS_PER_S) /* 2026-03-01T12:00:00Z */

static void ignore_retain(void *context, const char *service, const char *rule, const char *subject,
                          const struct alert *alert)
{
    (void)context, (void)service, (void)rule, (void)subject, (void)alert;
}
static void ignore_event(void *context, const struct alert *alert)
{
    (void)context, (void)alert;
}
static void ignore(void *context)
{
    (void)context;
}

static struct alerts *alerts_of_three(void)
{
    struct alerts *alerts =
        alerts_new((struct alerts_sink){NULL, ignore_retain, ignore_event, ignore, ignore});
    static const char *const subjects[] = {"a", "b", "c"};
    alerts_round_begin(alerts, NOW);
    for (size_t i = 0; i < 3; i++) {
        struct finding finding = {.service = "system",
                                  .rule = i < 2 ? "warm" : "cold",
                                  .subject = subjects[i],
                                  .verdict = VERDICT_FIRING,
                                  .level = ALERT_WARNING,
                                  .message = "words"};
        assert_int_equal(alerts_find(alerts, &finding), ERR_OK);
    }
    alerts_rule_asked(alerts, "warm", 0);
    alerts_rule_asked(alerts, "cold", 0);
    alerts_round_end(alerts);
    return alerts;
}

/* Decodes the request strictly, checks, answers; ret_out has the answer as the engine makes it. */
static enum err ask(const struct endpoint *endpoint, struct alerts *alerts, const char *json,
                    struct buf *ret_out, struct err_reason *why)
{
    struct value_document *document = value_document_new();
    struct endpoint_world world = {.alerts = alerts};
    struct request request = {0};
    struct value root;
    buf_reset(ret_out);
    assert_int_equal(value_parse(document, VALUE_JSON, text_of(json), &root, why), ERR_OK);
    enum err err = request_decode(endpoint->request, root, &request, why);
    struct question question = {.world = &world, .request = &request, .now_ns = NOW};
    if (err == ERR_OK && endpoint->check)
        err = endpoint->check(&question, why);
    buf_string(ret_out, "{\"schema\":1,\"timestamp\":\"2026-03-01T12:00:00Z\",\"cached\":false,"
                        "\"cache_age_s\":0,");
    if (err == ERR_OK)
        err = endpoint->answer(&question, NULL, 0, ret_out, why);
    buf_char(ret_out, '}');
    if (err == ERR_OK) {
        struct json_schema_reason reason;
        if (!json_schema_holds(endpoint->schema, buf_view(ret_out), &reason))
            fail_msg("%s: %s", reason.text, buf_cstr(ret_out));
    }
    value_document_free(document);
    return err;
}

static void acknowledging(void **state)
{
    static const struct {
        const char *request;
        enum err err;
        const char *holds; /* in the answer, or the words */
    } table[] = {
        {"{}", ERR_OK, "\"acknowledged\":3,"},
        {"{\"rule\":\"warm\"}", ERR_OK, "\"acknowledged\":2,"},
        {"{\"service\":\"system\",\"subject\":\"c\",\"by\":\"kim\",\"why\":\"known\"}", ERR_OK,
         "\"by\":\"kim\",\"why\":\"known\""},
        {"{\"rule\":\"hot\"}", ERR_NOT_FOUND, "no alert that fires"},
        {"{\"rule\":\"'; DROP MEASUREMENT x --\"}", ERR_NOT_FOUND, "no alert that fires"},
        {"{\"rules\":\"warm\"}", ERR_INVALID, "rule"},
        {"{\"rule\":1}", ERR_INVALID, "rule"},
        {"{\"fresh\":true}", ERR_INVALID, "fresh"},
    };
    (void)state;
    struct buf out = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct err_reason why = {{0}};
        struct alerts *alerts = alerts_of_three();
        enum err err = ask(&endpoint_alerts_acknowledge, alerts, table[i].request, &out, &why);
        if (err != table[i].err)
            fail_msg("%s: %s", table[i].request, why.text);
        assert_non_null(strstr(err == ERR_OK ? buf_cstr(&out) : why.text, table[i].holds));
        alerts_free(alerts);
    }
    buf_free(&out);
}

static void only_what_matches_is_shown(void **state)
{
    (void)state;
    struct buf out = {0};
    struct alerts *alerts = alerts_of_three();
    assert_int_equal(ask(&endpoint_alerts_acknowledge, alerts, "{\"rule\":\"warm\"}", &out, NULL),
                     ERR_OK);
    assert_non_null(strstr(buf_cstr(&out), "\"subject\":\"a\""));
    assert_non_null(strstr(buf_cstr(&out), "\"state\":\"acknowledged\""));
    assert_null(strstr(buf_cstr(&out), "\"rule\":\"cold\""));
    alerts_free(alerts);
    buf_free(&out);
}

static void silencing(void **state)
{
    static const struct {
        const char *request;
        enum err err;
        const char *holds;
    } table[] = {
        {"{\"for\":\"2h\"}", ERR_OK, "\"until\":\"2026-03-01T14:00:00Z\""},
        {"{\"match\":{\"rule\":\"warm\",\"subject\":\"a\"},\"for\":\"1d\",\"by\":\"kim\","
         "\"why\":\"new sensor\"}",
         ERR_OK, "\"rule\":\"warm\",\"subject\":\"a\",\"until\":\"2026-03-02T12:00:00Z\""},
        {"{\"until\":\"2026-03-01T12:00:01Z\"}", ERR_OK, "\"until\":\"2026-03-01T12:00:01Z\""},
        {"{\"until\":\"2027-03-02T12:00:00Z\"}", ERR_OK, "2027-03-02"},
        {"{\"for\":\"366d\"}", ERR_OK, "2027-03-02"},
        {"{\"until\":\"2027-03-02T12:00:01Z\"}", ERR_INVALID, "366 days"},
        {"{\"for\":\"367d\"}", ERR_INVALID, "366d"},
        {"{\"for\":\"9223372036s\"}", ERR_INVALID, "366d"},
        {"{}", ERR_INVALID, "\"for\": \"2h\""},
        {"{\"match\":{\"rule\":\"warm\"}}", ERR_INVALID, "\"until\""},
        {"{\"for\":\"2h\",\"until\":\"2026-03-01T14:00:00Z\"}", ERR_INVALID, "exclude"},
        {"{\"until\":\"2026-03-01T12:00:00Z\"}", ERR_INVALID, "remove"},
        {"{\"until\":\"2020-01-01T00:00:00Z\"}", ERR_INVALID, "past"},
        {"{\"for\":\"2\"}", ERR_INVALID, "for: "},
        {"{\"for\":\"0s\"}", ERR_INVALID, "for: "},
        {"{\"for\":\"-2h\"}", ERR_INVALID, "for: "},
        {"{\"match\":{\"device\":\"a\"},\"for\":\"2h\"}", ERR_INVALID, "device"},
        {"{\"match\":\"warm\",\"for\":\"2h\"}", ERR_INVALID, "match"},
        {"{\"match\":{\"rule\":"
         "\"0123456789012345678901234567890123456789012345678901234567890123\"},\"for\":\"2h\"}",
         ERR_INVALID, "match.rule: at most 63"},
        {"{\"remove\":true}", ERR_NOT_FOUND, "no silence"},
    };
    (void)state;
    struct buf out = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct err_reason why = {{0}};
        struct alerts *alerts = alerts_of_three();
        enum err err = ask(&endpoint_alerts_silence, alerts, table[i].request, &out, &why);
        if (err != table[i].err)
            fail_msg("%s: %s", table[i].request, why.text);
        const char *where = err == ERR_OK ? buf_cstr(&out) : why.text;
        if (!strstr(where, table[i].holds))
            fail_msg("%s: %s", table[i].request, where);
        alerts_free(alerts);
    }
    buf_free(&out);
}

static void a_silence_is_taken_away(void **state)
{
    (void)state;
    struct buf out = {0};
    struct alerts *alerts = alerts_of_three();
    const char *const silence = "{\"match\":{\"rule\":\"warm\"},\"for\":\"2h\"}";
    const char *const remove = "{\"match\":{\"rule\":\"warm\"},\"remove\":true}";
    assert_int_equal(ask(&endpoint_alerts_silence, alerts, silence, &out, NULL), ERR_OK);
    assert_int_equal(ask(&endpoint_alerts_silence, alerts, remove, &out, NULL), ERR_OK);
    assert_non_null(strstr(buf_cstr(&out), "\"silences\":[]"));
    assert_int_equal(ask(&endpoint_alerts_silence, alerts, remove, &out, NULL), ERR_NOT_FOUND);
    alerts_free(alerts);
    buf_free(&out);
}

static void both_are_in_the_table(void **state)
{
    (void)state;
    assert_ptr_equal(endpoint_find(TEXT("alerts/acknowledge")), &endpoint_alerts_acknowledge);
    assert_ptr_equal(endpoint_find(TEXT("alerts/silence")), &endpoint_alerts_silence);
    assert_null(endpoint_alerts_silence.plan);
    assert_int_equal(endpoint_alerts_silence.ttl_s, 0);
    assert_int_equal(endpoint_alerts_acknowledge.ttl_s, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acknowledging),
        cmocka_unit_test(only_what_matches_is_shown),
        cmocka_unit_test(silencing),
        cmocka_unit_test(a_silence_is_taken_away),
        cmocka_unit_test(both_are_in_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
