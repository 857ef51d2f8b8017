/* Alerts and silences there and back, and what an alert must say. */
#include "json_schema.h"
#include "messages.h"

static struct buf out;

static const struct alert full = {
    .service = "writer",
    .rule = "error_rate",
    .subject = "kitchen/01 \xC3\xBC\n",
    .state = ALERT_ACKNOWLEDGED,
    .level = ALERT_ERROR,
    .message = "6.5 % of the writes failed",
    .time_ns = 1795168800000000000,
    .since_ns = 1795168790000000000,
    .value = {-6.5, true},
    .threshold = {5, true},
    .silenced = true,
    .by = "kim",
    .why = "known",
};
static const char full_json[] =
    "{\"schema\":1,\"service\":\"writer\",\"rule\":\"error_rate\","
    "\"subject\":\"kitchen/01 \xC3\xBC\\n\",\"state\":\"acknowledged\",\"level\":\"error\","
    "\"message\":\"6.5 % of the writes failed\",\"timestamp\":\"2026-11-20T10:00:00Z\","
    "\"since\":\"2026-11-20T09:59:50Z\",\"value\":-6.5,\"threshold\":5,\"silenced\":true,"
    "\"by\":\"kim\",\"why\":\"known\"}";

static void check_schema(const char *name)
{
    struct json_schema_reason why;
    if (!json_schema_holds(name, buf_view(&out), &why))
        fail_msg("%s", why.text);
}

static void an_alert_goes_there_and_back(void **state)
{
    (void)state;
    struct alert back;
    buf_reset(&out);
    alert_encode(&full, &out);
    assert_string_equal(buf_cstr(&out), full_json);
    check_schema("alert");
    assert_int_equal(alert_decode(messages_parse(buf_view(&out)), &back, NULL), ERR_OK);
    assert_int_equal(back.state, ALERT_ACKNOWLEDGED);
    assert_int_equal(back.level, ALERT_ERROR);
    assert_int_equal(back.since_ns, full.since_ns);
    assert_string_equal(back.subject, full.subject);
    buf_reset(&out);
    alert_encode(&back, &out);
    assert_string_equal(buf_cstr(&out), full_json);
}

static void an_alert_without_subject_or_figures_says_so(void **state)
{
    (void)state;
    struct alert alert = {.service = "system",
                          .rule = "influxdb_away",
                          .state = ALERT_FIRING,
                          .level = ALERT_CRITICAL,
                          .time_ns = 1795168800000000000};
    buf_reset(&out);
    alert_encode(&alert, &out);
    assert_string_equal(
        buf_cstr(&out),
        "{\"schema\":1,\"service\":\"system\",\"rule\":\"influxdb_away\",\"subject\":\"\","
        "\"state\":\"firing\",\"level\":\"critical\",\"message\":\"\","
        "\"timestamp\":\"2026-11-20T10:00:00Z\",\"value\":null,\"threshold\":null}");
    check_schema("alert");
    assert_int_equal(alert_decode(messages_parse(buf_view(&out)), &alert, NULL), ERR_OK);
    assert_false(alert.value.present);
    assert_int_equal(alert.since_ns, 0);
}

static void an_alert_of_a_state_that_is_not_known_is_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"{}", "schema"},
        {"{\"schema\":1,\"service\":\"\"}", "service"},
        {"{\"schema\":1,\"service\":\"a\",\"rule\":\"r\",\"subject\":\"\",\"state\":\"on\"}",
         "state"},
        {"{\"schema\":1,\"service\":\"a\",\"rule\":\"r\",\"subject\":\"\",\"state\":\"firing\","
         "\"level\":\"\"}",
         "level"},
        {"{\"schema\":1,\"service\":\"a\",\"rule\":\"r\"}", "subject"},
    };
    for (size_t i = 0; i < MESSAGES_COUNT(bad); i++) {
        struct alert alert;
        struct err_reason why = {""};
        assert_int_equal(alert_decode(messages_parse(text_of(bad[i][0])), &alert, &why),
                         ERR_INVALID);
        if (!text_starts(text_of(why.text), text_of(bad[i][1])))
            fail_msg("%s: %s", bad[i][0], why.text);
    }
}

static void a_silence_goes_there_and_back(void **state)
{
    (void)state;
    struct silence silence = {.rule = "device_silent",
                              .subject = "garden-01",
                              .until_ns = 1795168800000000000,
                              .by = "kim"},
                   back;
    buf_reset(&out);
    silence_encode(&silence, &out);
    assert_string_equal(buf_cstr(&out),
                        "{\"schema\":1,\"rule\":\"device_silent\",\"subject\":\"garden-01\","
                        "\"until\":\"2026-11-20T10:00:00Z\",\"by\":\"kim\"}");
    check_schema("silence");
    assert_int_equal(silence_decode(messages_parse(buf_view(&out)), &back, NULL), ERR_OK);
    assert_string_equal(back.service, "");
    assert_string_equal(back.subject, "garden-01");
    assert_int_equal(back.until_ns, silence.until_ns);
    assert_int_equal(silence_decode(messages_parse(TEXT("{\"schema\":1}")), &back, NULL),
                     ERR_INVALID);
}

static int tear_down(void **state)
{
    buf_free(&out);
    return messages_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_goes_there_and_back),
        cmocka_unit_test(an_alert_without_subject_or_figures_says_so),
        cmocka_unit_test(an_alert_of_a_state_that_is_not_known_is_refused),
        cmocka_unit_test(a_silence_goes_there_and_back),
    };
    return cmocka_run_group_tests(tests, messages_open, tear_down);
}
