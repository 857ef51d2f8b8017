/* What the corpus (tests/fixtures/shelly2.jsonl) does not say: edges, and the words for a person.
 */
#include "decode_lines.h"

#define RPC            "shelly/em/events/rpc"
#define TAGS           "device_metrics,device_id=em,source=shelly2 "
#define EVENT          "events,component=input:0,device_id=em,kind=push,source=shelly2 "
#define STATUS(params) "{\"method\":\"NotifyStatus\",\"params\":{" params "}}"
#define EVENTS(params) "{\"method\":\"NotifyEvent\",\"params\":{" params "}}"
#define PUSH           "{\"component\":\"input:0\",\"id\":0,\"event\":\"push\""

static void a_notifications_time_is_exact(void **state)
{
    static const struct decode_lines_case cases[] = {
        {RPC, STATUS("\"ts\":1661517385.44,\"a\":{\"v\":1}"), TAGS "a.v=1 1661517385440000000\n",
         NULL},
        {RPC, STATUS("\"ts\":1661517385.999999,\"a\":{\"v\":1}"),
         TAGS "a.v=1 1661517385999999000\n", NULL},
        {RPC, STATUS("\"ts\":1661517385,\"a\":{\"v\":1}"), TAGS "a.v=1 1661517385000000000\n",
         NULL},
        {RPC, STATUS("\"ts\":1451602799.99,\"a\":{\"v\":1}"), TAGS "a.v=1\n", NULL},
        {RPC, STATUS("\"ts\":-5,\"a\":{\"v\":1}"), TAGS "a.v=1\n", NULL},
        {RPC, STATUS("\"ts\":null,\"a\":{\"v\":1}"), TAGS "a.v=1\n", NULL},
        {RPC, STATUS("\"ts\":9223372036,\"a\":{\"v\":1}"), "rejected bad_time\n", "2262"},
        {RPC, STATUS("\"ts\":1e999,\"a\":{\"v\":1}"), "rejected bad_time\n", NULL},
        {RPC, STATUS("\"ts\":[],\"a\":{\"v\":1}"), "rejected bad_time\n", "an array"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void components_name_the_fields(void **state)
{
    static const struct decode_lines_case cases[] = {
        {RPC, STATUS("\"a:0\":{\"id\":0,\"x\":{\"id\":7}},\"flag\":true,\"id\":3"),
         TAGS "a:0.x.id=7,flag=true,id=3\n", NULL},
        {RPC, STATUS("\"a:0\":{\"id\":0}"), "ignored\n", "no value"},
        {RPC, STATUS("\"a:0\":{\"v\":1e999}"), "rejected bad_value\n", "a:0.v"},
        {"shelly/em/status/a:0", "{\"id\":0,\"v\":2}", TAGS "a:0.v=2\n", NULL},
        {"shelly/em/status/", "{\"v\":2}", "rejected bad_name\n", "component"},
        {"shelly/em/status/a/b", "{\"v\":2}", "ignored\n", NULL},
        {"shelly/em/status", "{\"v\":2}", "ignored\n", NULL},
        {"shelly/em", "{\"v\":2}", "ignored\n", NULL},
        {"shelly/em/status/a:0", "7", "rejected wrong_shape\n", "an object was due"},
        {"shelly/em/online", "1", "rejected bad_value\n", "true or false"},
        {"shelly/em/online", "", "ignored\n", "cleared"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void frames_that_say_nothing_of_use_have_words(void **state)
{
    static const struct decode_lines_case cases[] = {
        {RPC, "{}", "rejected wrong_shape\n", "\"method\""},
        {RPC, "[]", "rejected wrong_shape\n", "\"method\""},
        {RPC, "{\"method\":7}", "rejected wrong_shape\n", "a whole number"},
        {RPC, "{\"method\":\"Shelly.GetStatus\"}", "ignored\n", "no notification"},
        {RPC, "{\"method\":\"NotifyStatus\"}", "rejected wrong_shape\n", "\"params\""},
        {RPC, EVENTS("\"ts\":1"), "rejected wrong_shape\n", "\"events\""},
        {RPC, EVENTS("\"events\":[]"), "ignored\n", "no event"},
        {RPC, "{", "rejected not_json\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void an_event_costs_only_itself(void **state)
{
    static const struct decode_lines_case cases[] = {
        {RPC, EVENTS("\"ts\":1661517385,\"events\":[" PUSH "}]"),
         EVENT "count=1 1661517385000000000\n", NULL},
        {RPC, EVENTS("\"ts\":1661517385,\"events\":[" PUSH ",\"ts\":1661517386}]"),
         EVENT "count=1 1661517386000000000\n", NULL},
        {RPC, EVENTS("\"events\":[" PUSH ",\"n\":1},5,{\"event\":\"x\"}]"),
         EVENT "n=1\nrejected wrong_shape: 5\n"
               "events,device_id=em,kind=x,source=shelly2 count=1\n",
         "an object was due"},
        {RPC, EVENTS("\"events\":[{\"event\":\"\"}," PUSH "}]"),
         "rejected bad_name: {\"event\":\"\"}\n" EVENT "count=1\n", "empty name"},
        {RPC, EVENTS("\"events\":[{\"event\":\"x\",\"ts\":\"now\"}]"),
         "rejected bad_time: {\"event\":\"x\",\"ts\":\"now\"}\n", NULL},
        {RPC, EVENTS("\"events\":[{\"event\":\"x\",\"component\":5}]"),
         "rejected wrong_shape: {\"event\":\"x\",\"component\":5}\n", "component"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

/* Without a time each event takes a nanosecond of the arrival's, and there are so many. */
static void no_more_untimed_events_than_have_a_place(void **state)
{
    (void)state;
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf payload = {0};
    buf_string(&payload, "{\"method\":\"NotifyEvent\",\"params\":{\"events\":[{\"event\":\"x\"}");
    for (int i = 0; i < DECODE_MAX_UNTIMED; i++)
        buf_string(&payload, ",{\"event\":\"x\"}");
    buf_string(&payload, "]}}");
    decode_lines_of(lines, TEXT(RPC), TEXT(""), buf_view(&payload));
    assert_int_equal(lines->points, DECODE_MAX_UNTIMED);
    assert_int_equal(lines->rejects, 1);
    assert_int_equal(lines->last_place, DECODE_MAX_UNTIMED - 1);
    assert_int_equal(lines->last_free, DECODE_MAX_UNTIMED);
    buf_free(&payload);
    decode_lines_close(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notifications_time_is_exact),
        cmocka_unit_test(components_name_the_fields),
        cmocka_unit_test(frames_that_say_nothing_of_use_have_words),
        cmocka_unit_test(an_event_costs_only_itself),
        cmocka_unit_test(no_more_untimed_events_than_have_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
