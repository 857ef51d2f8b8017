/* Requests are read strictly: what each endpoint takes, what is said of what it does not take, and
 * when two requests are one. */
#include "messages.h"

static struct buf text;

static enum err decode(const struct fields_table *table, const char *json,
                       struct request *ret_request, struct err_reason *why)
{
    return request_decode(table, messages_parse(text_of(json)), ret_request, why);
}

static const struct {
    const struct fields_table *table;
    const char *json;
} good[] = {
    {&request_stats, "{}"},
    {&request_stats, "{\"period\":\"1h\",\"window\":\"5m\",\"service\":\"writer\",\"end\":"
                     "\"2026-11-20T10:00:00+01:00\",\"fresh\":true,\"compare\":false,"
                     "\"transaction\":\"\",\"reply_to\":\"hearthline/response/a\"}"},
    {&request_stats, "{\"service\":null}"},
    {&request_stats, "{\"service\":\"'; DROP MEASUREMENT x --\\u0000\\\"\\\\\\n\"}"},
    {&request_stats_metrics, "{\"limit\":1}"},
    {&request_stats_metrics, "{\"limit\":1000,\"metric_name\":\"a\"}"},
    {&request_stats_alerts, "{\"level\":\"critical\"}"},
    {&request_history, "{\"measurement\":\"m\",\"field\":\"f\",\"aggregate\":\"time_in_state\","
                       "\"tags\":{\"a\":\"\"},\"percentile\":100,\"points\":2000}"},
    {&request_history, "{\"measurement\":\"m\",\"field\":\"f\",\"percentile\":0.1,\"points\":1}"},
    {&request_devices, "{\"stale\":true,\"limit\":10000}"},
    {&request_rejects, "{\"limit\":200,\"reason\":\"not_json\",\"fresh\":true}"},
    {&request_endpoints, "{\"transaction\":\"t\"}"},
    {&request_alerts_acknowledge, "{\"rule\":\"r\",\"subject\":\"\"}"},
    {&request_alerts_silence, "{\"match\":{\"service\":\"s\",\"rule\":\"r\",\"subject\":\"d\"},"
                              "\"until\":\"2026-11-20T10:00:00Z\",\"for\":\"2h\",\"remove\":true}"},
};

static void what_an_endpoint_takes_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(good); i++) {
        struct request request;
        struct err_reason why = {""};
        if (decode(good[i].table, good[i].json, &request, &why) != ERR_OK)
            fail_msg("%s: %s: %s", good[i].table->name, good[i].json, why.text);
    }
}

/* The words begin with the key, or with the unknown key in quotes. */
static const struct {
    const struct fields_table *table;
    const char *json, *words;
} bad[] = {
    {&request_stats, "[]", "request_stats: an array is here, and an object is due"},
    {&request_stats, "\"1h\"", "request_stats: text is here"},
    {&request_stats, "{\"perod\":\"1h\"}", "\"perod\" is not known here, \"period\" is"},
    {&request_stats, "{\"Period\":\"1h\"}", "\"Period\" is not known here, \"period\" is"},
    {&request_stats, "{\"x'; DROP DATABASE\":1}", "\"x'; DROP DATABASE\" is not known here; known"},
    {&request_stats, "{\"metric_name\":\"a\"}", "\"metric_name\" is not known here"},
    {&request_stats, "{\"period\":60}", "period: a whole number is here, and text is due"},
    {&request_stats, "{\"period\":\"\"}", "period: is empty"},
    {&request_stats, "{\"service\":\"\"}", "service: is empty"},
    {&request_stats, "{\"service\":[\"a\"]}", "service: an array is here"},
    {&request_stats, "{\"fresh\":\"yes\"}", "fresh: text is here, and true or false is due"},
    {&request_stats, "{\"fresh\":1}", "fresh: a whole number is here, and true or false is due"},
    {&request_stats, "{\"end\":\"now\"}", "end: "},
    {&request_stats, "{\"end\":\"1970-01-01T00:00:00Z\"}", "end: "},
    {&request_stats, "{\"reply_to\":\"\"}", "reply_to: is empty"},
    {&request_stats, "{\"transaction\":7}", "transaction: a whole number is here, and text is due"},
    {&request_stats_services, "{\"compare\":true}", "\"compare\" is not known here"},
    {&request_stats_metrics, "{\"limit\":0}", "limit: 0 is here, and at least 1 is due"},
    {&request_stats_metrics, "{\"limit\":1001}", "limit: 1001 is here, and at most 1000 is due"},
    {&request_rejects, "{\"limit\":201}", "limit: 201 is here, and at most 200 is due"},
    {&request_stats_metrics, "{\"limit\":-1}", "limit: "},
    {&request_stats_metrics, "{\"limit\":1e300}", "limit: "},
    {&request_stats_metrics, "{\"limit\":\"5\"}", "limit: text is here"},
    {&request_stats_alerts, "{\"level\":\"bad\"}",
     "level: \"bad\" is none of info, warning, error, critical"},
    {&request_health, "{\"period\":\"1h\"}", "\"period\" is not known here"},
    {&request_history, "{}", "measurement: is missing"},
    {&request_history, "{\"measurement\":\"m\"}", "field: is missing"},
    {&request_history, "{\"measurement\":\"m\",\"field\":\"f\",\"aggregate\":\"median\"}",
     "aggregate: \"median\" is none of mean, min, max, first, last, sum, count, increase, "
     "time_in_state, time_weighted_mean, percentile"},
    {&request_history, "{\"measurement\":\"m\",\"field\":\"f\",\"percentile\":0}",
     "percentile: 0 is here, and more than 0 is due"},
    {&request_history, "{\"measurement\":\"m\",\"field\":\"f\",\"percentile\":100.5}",
     "percentile: 100.5 is here, and at most 100 is due"},
    {&request_history, "{\"measurement\":\"m\",\"field\":\"f\",\"points\":2001}",
     "points: 2001 is here, and at most 2000 is due"},
    {&request_history, "{\"measurement\":\"m\",\"field\":\"f\",\"points\":1.5}", "points: "},
    {&request_history, "{\"measurement\":\"m\",\"field\":\"f\",\"tags\":[]}", "tags: "},
    {&request_history, "{\"measurement\":\"m\",\"field\":\"f\",\"tags\":{\"a\":1}}",
     "tags: a whole number is under \"a\", and text is due"},
    {&request_devices, "{\"limit\":10001}", "limit: 10001 is here, and at most 10000 is due"},
    {&request_endpoints, "{\"fresh\":true}", "\"fresh\" is not known here"},
    {&request_alerts_silence, "{\"match\":{\"device\":\"a\"}}",
     "match: \"device\" is none of service, rule, subject"},
    {&request_alerts_silence, "{\"end\":\"2026-11-20T10:00:00Z\"}", "\"end\" is not known here"},
};

static void what_is_refused_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(bad); i++) {
        struct request request = {.limit = fields_unsigned(42)};
        struct err_reason why = {""};
        if (decode(bad[i].table, bad[i].json, &request, &why) != ERR_INVALID ||
            !text_starts(text_of(why.text), text_of(bad[i].words)))
            fail_msg("%s: %s: %s", bad[i].table->name, bad[i].json, why.text);
        assert_int_equal(request.limit.value, 42);
    }
}

static void an_empty_payload_asks_with_all_defaults(void **state)
{
    (void)state;
    struct request request;
    struct err_reason why = {""};
    memset(&request, 0xFF, sizeof request);
    assert_int_equal(request_decode(&request_stats, (struct value){0}, &request, &why), ERR_OK);
    assert_int_equal(request.period.len, 0);
    assert_int_equal(request.end_ns, 0);
    assert_false(request.fresh);
    assert_int_equal(request_decode(&request_history, (struct value){0}, &request, &why),
                     ERR_INVALID);
    assert_non_null(strstr(why.text, "measurement: is missing"));
}

static void msgpack_asks_the_same(void **state)
{
    (void)state;
    /* {period: "6h", fresh: true, end: timestamp 7 s} */
    struct value root = messages_parse(TEXT("\x83\xA6period\xA2"
                                            "6h\xA5"
                                            "fresh\xC3\xA3"
                                            "end\xD6\xFF\x00\x00\x00\x07"));
    struct request request;
    struct err_reason why = {""};
    assert_int_equal(request_decode(&request_stats, root, &request, &why), ERR_OK);
    assert_true(text_equal(request.period, TEXT("6h")));
    assert_true(request.fresh);
    assert_int_equal(request.end_ns, 7000000000);
    root = messages_parse(TEXT("\x81\xA5perod\xA2"
                               "6h"));
    assert_int_equal(request_decode(&request_stats, root, &request, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "\"period\" is"));
    root = messages_parse(TEXT("\x81\xA6period\xC4\x02"
                               "6h")); /* bytes are no text */
    assert_int_equal(request_decode(&request_stats, root, &request, &why), ERR_INVALID);
}

enum { LONG = 64 * 1024 };

/* {"KEY": TEXT} with a text of 64 kB, in an object of one name where the key holds one. */
static void with_long_text(const struct fields_row *row, struct buf *out)
{
    bool object = row->type == FIELDS_TEXTS;
    buf_reset(out);
    buf_printf(out, "{\"%s\":%s\"", row->name, object ? "{\"service\":" : "");
    for (size_t i = 0; i < LONG; i++)
        buf_char(out, 'x');
    buf_string(out, object ? "\"}}" : "\"}");
}

/* Read whole, or refused by name with words of a sane length. */
static void a_long_text_breaks_nothing(void **state)
{
    (void)state;
    for (size_t t = 0; request_tables[t]; t++) {
        for (size_t i = 0; i < request_tables[t]->count; i++) {
            const struct fields_row *row = &request_tables[t]->rows[i];
            struct request request;
            struct err_reason why = {""};
            with_long_text(row, &text);
            enum err e =
                request_decode(request_tables[t], messages_parse(buf_view(&text)), &request, &why);
            bool read = row->type == FIELDS_BORROWED && !row->words && row->max <= 0 &&
                        request_tables[t] != &request_history;
            if (read)
                assert_int_equal(e, ERR_OK);
            if (e == ERR_OK)
                assert_int_equal(((struct text *)((char *)&request + row->offset))->len, LONG);
            else
                assert_true(e == ERR_INVALID && why.text[0] != '\0');
        }
    }
    buf_reset(&text);
    buf_string(&text, "{\"");
    for (size_t i = 0; i < LONG; i++)
        buf_char(&text, 'x');
    buf_string(&text, "\":1}");
    struct request request;
    struct err_reason why = {""};
    struct value root = messages_parse(buf_view(&text));
    assert_int_equal(request_decode(&request_stats, root, &request, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "known are period, window")); /* and not only the key */
}

static const char *key_of(const struct fields_table *table, const char *json, struct buf *out)
{
    struct request request;
    struct err_reason why = {""};
    if (decode(table, json, &request, &why) != ERR_OK)
        fail_msg("%s: %s", json, why.text);
    buf_reset(out);
    request_key(table, &request, out);
    return buf_cstr(out);
}

#define SERIES "\"measurement\":\"m\",\"field\":\"f\""

static const struct {
    const struct fields_table *table;
    const char *one, *other;
    bool same;
} pairs[] = {
    {&request_stats, "{}", "{\"transaction\":\"1\",\"reply_to\":\"r\",\"fresh\":true}", true},
    {&request_stats, "{\"period\":\"1h\",\"service\":\"a\"}",
     "{\"service\":\"a\",\"period\":\"\\u0031h\"}", true},
    {&request_stats, "{\"compare\":false}", "{\"service\":null}", true},
    {&request_stats, "{\"end\":\"2026-11-20T10:00:00Z\"}",
     "{\"end\":\"2026-11-20T11:00:00.000+01:00\"}", true},
    {&request_stats, "{\"period\":\"1h\"}", "{\"window\":\"1h\"}", false},
    {&request_stats, "{\"period\":\"1h\"}", "{\"period\":\"2h\"}", false},
    {&request_stats, "{\"compare\":true}", "{}", false},
    {&request_stats, "{\"period\":\"1h\",\"service\":\"a\"}",
     "{\"period\":\"1h\\\",\\\"service\\\":\\\"a\"}", false},
    {&request_history, "{" SERIES ",\"tags\":{\"a\":\"1\",\"b\":\"2\"}}",
     "{\"tags\":{\"b\":\"2\",\"a\":\"1\"}," SERIES "}", true},
    {&request_history, "{" SERIES ",\"tags\":{\"a\":\"1\",\"b\":\"2\"}}",
     "{" SERIES ",\"tags\":{\"a\":\"2\",\"b\":\"1\"}}", false},
    {&request_history, "{" SERIES ",\"tags\":{}}", "{" SERIES "}", true},
    {&request_history, "{" SERIES ",\"percentile\":95,\"points\":1e2}",
     "{" SERIES ",\"percentile\":95.0,\"points\":100}", true},
};

static void two_requests_that_say_the_same_are_one(void **state)
{
    (void)state;
    static struct buf one, other;
    for (size_t i = 0; i < MESSAGES_COUNT(pairs); i++) {
        key_of(pairs[i].table, pairs[i].one, &one);
        key_of(pairs[i].table, pairs[i].other, &other);
        if (text_equal(buf_view(&one), buf_view(&other)) != pairs[i].same)
            fail_msg("%s and %s: %s and %s", pairs[i].one, pairs[i].other, buf_cstr(&one),
                     buf_cstr(&other));
    }
    buf_free(&one);
    buf_free(&other);
}

static int tear_down(void **state)
{
    buf_free(&text);
    return messages_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_endpoint_takes_is_read),
        cmocka_unit_test(what_is_refused_is_named),
        cmocka_unit_test(an_empty_payload_asks_with_all_defaults),
        cmocka_unit_test(msgpack_asks_the_same),
        cmocka_unit_test(a_long_text_breaks_nothing),
        cmocka_unit_test(two_requests_that_say_the_same_are_one),
    };
    return cmocka_run_group_tests(tests, messages_open, tear_down);
}
