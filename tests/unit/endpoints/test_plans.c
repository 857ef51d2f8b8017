/* Which statements a request becomes, word for word; and the table of endpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "query-service/endpoints/endpoint.h"

#define NOW_NS (1711843200LL * CLOCK_NS_PER_S) /* 2024-03-31 00:00 UTC */

/* What InfluxDB says of a measurement "m" with a number, a text and the tags room and house. */
static const char fields_reply[] =
    "{\"results\":[{\"series\":[{\"name\":\"m\",\"columns\":[\"fieldKey\",\"fieldType\"],"
    "\"values\":[[\"v\",\"float\"],[\"s\",\"string\"]]}]}]}";
static const char tags_reply[] =
    "{\"results\":[{\"series\":[{\"name\":\"m\",\"columns\":[\"tagKey\"],"
    "\"values\":[[\"house\"],[\"room\"]]}]}]}";
static const char measurements_reply[] =
    "{\"results\":[{\"series\":[{\"name\":\"measurements\",\"columns\":[\"name\"],"
    "\"values\":[[\"m\"]]}]}]}";

static struct gather_result names[3];
static const struct gather_results named = {.at = names, .count = 3};
static const struct gather_results *const stages[] = {&named};

static int read_names(void **state)
{
    const char *const replies[] = {fields_reply, tags_reply, measurements_reply};
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(table_read(text_of(replies[i]), &names[i].table, NULL), ERR_OK);
    return 0;
}

static int free_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        table_free(names[i].table);
    return 0;
}

/* The statements of a stage, a line each; "!" and the words when it is refused. */
static void plan_of(const char *name, const char *json, unsigned stage, struct buf *out)
{
    const struct endpoint *endpoint = endpoint_find(text_of(name));
    struct request request = {0};
    struct question question = {.request = &request, .now_ns = NOW_NS};
    struct value_document *document = value_document_new();
    struct gather_plan plan = {0};
    struct err_reason why = {""};
    struct value root;
    enum err e = value_parse(document, VALUE_JSON, text_of(json), &root, &why);
    if (e == ERR_OK)
        e = request_decode(endpoint->request, root, &request, &why);
    if (e == ERR_OK && endpoint->period)
        e = period_make(request.period.len ? request.period : text_of(endpoint->period),
                        request.window, request.end_ns, NOW_NS, &question.period, &why);
    if (e == ERR_OK)
        e = endpoint->check(&question, &why);
    if (e == ERR_OK)
        e = endpoint->plan(&question, stage, stages, &plan, &why);
    if (e != ERR_OK)
        buf_printf(out, "!%s", why.text);
    for (unsigned i = 0; i < plan.count; i++) {
        buf_text(out, buf_view(&plan.statements[i]));
        buf_char(out, '\n');
    }
    gather_plan_free(&plan);
    value_document_free(document);
}

static void expect(const char *name, const char *json, unsigned stage, const char *due)
{
    struct buf got = {0};
    plan_of(name, json, stage, &got);
    if (due[0] == '!' ? !strstr(buf_cstr(&got), due + 1) : strcmp(buf_cstr(&got), due) != 0)
        fail_msg("%s\n gave %s\n due was %s", json, buf_cstr(&got), due);
    buf_free(&got);
}

#define FROM  " FROM \"m\" WHERE time >= 1711839600000ms AND time < 1711843200000ms"
#define GROUP " GROUP BY time(1800000ms, 0ms) fill(null)\n"
#define HOUR  "\"period\":\"1h\",\"window\":\"30m\""
#define SERIES(field)                                                                              \
    "SELECT first(\"" field "\") AS \"v\"" FROM " GROUP BY *\nSELECT last(\"" field                \
    "\") AS \"v\" FROM \"m\" WHERE time >= 1680217200000ms AND time < 1711839600000ms GROUP BY "   \
    "*\n"

static void test_history(void **state)
{
    (void)state;
    expect("history", "{\"measurement\":\"m\\\"x\",\"field\":\"v\"}", 0,
           "SHOW FIELD KEYS FROM \"m\\\"x\"\nSHOW TAG KEYS FROM \"m\\\"x\"\n"
           "SHOW MEASUREMENTS LIMIT 1000\n");
    expect("history", "{\"measurement\":\"m\",\"field\":\"v\"," HOUR "}", 1,
           "SELECT mean(\"v\") AS \"v\"" FROM GROUP);
    expect("history", "{\"measurement\":\"m\",\"field\":\"v\"}", 2, "");
    expect("history",
           "{\"measurement\":\"m\",\"field\":\"v\",\"aggregate\":\"count\"," HOUR
           ",\"tags\":{\"room\":\"it's\",\"house\":\"\"}}",
           1,
           "SELECT count(\"v\") AS \"v\"" FROM " AND \"house\" = '' AND \"room\" = 'it\\'s'" GROUP);
    expect("history",
           "{\"measurement\":\"m\",\"field\":\"v\",\"aggregate\":\"percentile\","
           "\"percentile\":99.9," HOUR "}",
           1, "SELECT percentile(\"v\", 99.9) AS \"v\", min(\"v\") AS \"lowest\"" FROM GROUP);
    expect("history", "{\"measurement\":\"m\",\"field\":\"s\"," HOUR "}", 1,
           SERIES("s") "SELECT last(\"s\") AS \"v\"" FROM GROUP);
    expect("history",
           "{\"measurement\":\"m\",\"field\":\"s\",\"aggregate\":\"time_in_state\"," HOUR "}", 1,
           SERIES("s") "SELECT \"s\" AS \"v\"" FROM " LIMIT 50001\n");
    expect(
        "history", "{\"measurement\":\"m\",\"field\":\"v\",\"aggregate\":\"increase\"," HOUR "}", 1,
        SERIES(
            "v") "SELECT first(\"v\") AS \"first\", last(\"v\") AS \"last\"" FROM GROUP
                 "SELECT sum(\"p\") AS \"fallen\" FROM (SELECT moving_average(\"v\", 2) - "
                 "difference(\"v\") / 2 AS \"p\", difference(\"v\") AS \"d\"" FROM
                 ") WHERE \"d\" < 0 AND time >= 1711839600000ms AND time < 1711843200000ms" GROUP);
}

/* The day of the change stands in a statement of its own. */
static void test_history_across_a_change(void **state)
{
    (void)state;
    expect("history",
           "{\"measurement\":\"m\",\"field\":\"v\",\"period\":\"3d\",\"window\":\"1d\","
           "\"end\":\"2023-10-30T12:00:00Z\",\"time_zone\":\"Europe/Berlin\"}",
           1,
           "SELECT mean(\"v\") AS \"v\" FROM \"m\" WHERE time >= 1698408000000ms AND time < "
           "1698530400000ms GROUP BY time(86400000ms, 79200000ms) fill(null)\n"
           "SELECT mean(\"v\") AS \"v\" FROM \"m\" WHERE time >= 1698530400000ms AND time < "
           "1698620400000ms GROUP BY time(90000000ms, 50400000ms) fill(null)\n"
           "SELECT mean(\"v\") AS \"v\" FROM \"m\" WHERE time >= 1698620400000ms AND time < "
           "1698667200000ms GROUP BY time(86400000ms, 82800000ms) fill(null)\n");
}

static void test_history_refused(void **state)
{
#define REFUSED(rest, words)                                                                       \
    expect("history", "{\"measurement\":\"m\",\"field\":\"v\"," rest "}", 1, "!" words)
    (void)state;
    REFUSED("\"aggregate\":\"percentile\"", "needs \"percentile\"");
    REFUSED("\"percentile\":95", "goes with");
    REFUSED("\"aggregate\":\"mean\",\"percentile\":95", "goes with");
    REFUSED("\"aggregate\":\"percentile\",\"percentile\":0.0000001", "0.001 to 100");
    REFUSED("\"aggregate\":\"percentile\",\"percentile\":101", "percentile");
    REFUSED("\"aggregate\":\"median\"", "aggregate");
    REFUSED("\"tags\":{\"rom\":\"x\"}", "the nearest is \"room\"");
    REFUSED("\"tags\":{\"room\":\"a\\u0000b\"}", "NUL");
    REFUSED("\"tags\":{\"room\":\"a\\rb\"}", "carriage return");
    REFUSED("\"points\":0", "points");
    expect("history", "{\"measurement\":\"m\",\"field\":\"s\",\"aggregate\":\"sum\"}", 1,
           "!holds text");
    expect("history", "{\"field\":\"v\"}", 1, "!measurement");
}

static void test_devices(void **state)
{
    struct buf got = {0};
    (void)state;
    plan_of("devices", "{\"device\":\"it's\",\"period\":\"1h\"}", 0, &got);
    assert_non_null(strstr(buf_cstr(&got),
                           "SELECT * FROM \"home_assistant_events\" WHERE time >= 1711839600000ms "
                           "AND time <= 1711843200000ms AND \"entity_id\" = 'it\\'s' GROUP BY "
                           "\"entity_id\" ORDER BY time DESC LIMIT 1\n"));
    buf_free(&got);
    plan_of("devices/latest", "{\"period\":\"1h\"}", 0, &got);
    assert_non_null(strstr(buf_cstr(&got),
                           "SELECT last(*) FROM \"vm_metrics\" WHERE time >= 1711839600000ms AND "
                           "time <= 1711843200000ms GROUP BY \"vm_id\"\n"));
    buf_free(&got);
    expect("devices", "{}", 1, "");
    expect("devices", "{\"device\":\"a\\u0000b\"}", 0, "!NUL");
}

/* Every row of the table is whole, and is found under its name alone. */
static void test_table(void **state)
{
    unsigned count = 0;
    (void)state;
    for (const struct endpoint *endpoint; (endpoint = endpoint_at(count)); count++) {
        assert_ptr_equal(endpoint_find(text_of(endpoint->name)), endpoint);
        assert_non_null(endpoint->help);
        assert_non_null(endpoint->request);
        assert_true(strncmp(endpoint->schema, "answer_", strlen("answer_")) == 0);
        bool figures = endpoint->write_figures, own = endpoint->answer;
        assert_true(figures != own); /* one of the two writes the answer */
        assert_true(own || !endpoint->plan);
        for (unsigned i = 0; i < count; i++)
            assert_string_not_equal(endpoint_at(i)->name, endpoint->name);
    }
    assert_true(count >= 4);
    assert_null(endpoint_find(TEXT("")));
    assert_null(endpoint_find(TEXT("histor")));
    assert_null(endpoint_find(TEXT("history/")));
    assert_string_equal(endpoint_nearest(TEXT("histroy")), "history");
    assert_null(endpoint_nearest(TEXT("something else altogether")));
}

/* The answer of `endpoints` is JSON with the schema of each request. */
static void test_endpoints(void **state)
{
    struct settings settings = {.topic_root = (char[]){"house/\"1\""}};
    struct endpoint_world world = {.settings = &settings};
    struct question question = {.world = &world};
    struct value_document *document = value_document_new();
    struct value root, list, row, request, title;
    struct value_walk walk;
    struct text key;
    struct buf out = {0};
    unsigned count = 0;
    (void)state;
    buf_char(&out, '{');
    const struct endpoint *endpoints = endpoint_find(TEXT("endpoints"));
    assert_int_equal(endpoints->answer(&question, NULL, 0, &out, NULL), ERR_OK);
    buf_char(&out, '}');
    assert_int_equal(value_parse(document, VALUE_JSON, buf_view(&out), &root, NULL), ERR_OK);
    assert_true(value_get(root, TEXT("endpoints"), &list));
    for (walk = value_walk(list); value_next(&walk, &key, &row); count++) {
        assert_int_equal(value_count(row), 6);
        assert_true(value_get(row, TEXT("request"), &request));
        assert_true(value_get(request, TEXT("title"), &title));
        assert_true(value_get(row, TEXT("topic"), &title));
        assert_true(text_starts(value_text(title), TEXT("house/\"1\"/request/")));
        assert_non_null(endpoint_at(count));
    }
    assert_null(endpoint_at(count));
    assert_non_null(strstr(buf_cstr(&out), "\"endpoint\":\"history\""));
    value_document_free(document);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history),         cmocka_unit_test(test_history_across_a_change),
        cmocka_unit_test(test_history_refused), cmocka_unit_test(test_devices),
        cmocka_unit_test(test_table),           cmocka_unit_test(test_endpoints),
    };
    return cmocka_run_group_tests(tests, read_names, free_names);
}
