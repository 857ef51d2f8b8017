/* The messages themselves are in tests/fixtures/zigbee2mqtt.jsonl; here is what a person is told,
 * and what the source's settings change. */
#include "decode_lines.h"

#define B "zigbee2mqtt/"

static void what_is_left_out_says_why(void **state)
{
    static const struct decode_lines_case cases[] = {
        {B "lamp/set", "{\"state\":\"ON\"}", "ignored\n", "a command to a device"},
        {B "a/b/get/state", "", "ignored\n", "empty"},
        {B "bridge/logging", "{\"level\":\"info\"}", "ignored\n", "log"},
        {B "bridge/request/restart", "now", "ignored\n", "command to the bridge"},
        {B "bridge/response/restart", "{}", "ignored\n", "answer"},
        {B "bridge/devices", "[]", "ignored\n", "no reading"},
        {B "bridge", "x", "ignored\n", "no reading"},
        {B "lamp", "{\"effect\":null}", "ignored\n", "no attribute has a value"},
        {B "lamp", "{}", "ignored\n", "no attribute has a value"},
        {B "lamp/effect", "null", "ignored\n", "no value"},
        {B "lamp/last_seen", "1551454365941", "ignored\n", "messages of their own"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void what_cannot_be_stored_says_why(void **state)
{
    static const struct decode_lines_case cases[] = {
        {B "lamp", "ON", "rejected wrong_shape\n", "a JSON object"},
        {B "lamp", "[{\"state\":\"ON\"}]", "rejected wrong_shape\n", "a JSON object"},
        {"zigbee2mqtt", "{\"state\":\"ON\"}", "rejected bad_name\n", "name in the topic"},
        {B, "{\"state\":\"ON\"}", "rejected bad_name\n", "name in the topic"},
        {B "lamp/", "21", "rejected bad_name\n", "the attribute in the topic"},
        {B "lamp/availability", "away", "rejected bad_value\n", "\"away\""},
        {B "lamp", "{\"t\":1,\"last_seen\":\"yesterday\"}", "rejected bad_time\n", "yesterday"},
        {B "lamp", "{\"t\":1,\"last_seen\":9e18}", "rejected bad_time\n", "milliseconds"},
        {B "lamp", "{\"t\":1,\"last_seen\":[1]}", "rejected bad_time\n", "an array"},
        {B "lamp/photo", "\xff\xd8\xff", "rejected not_utf8\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void a_filter_must_leave_the_name_open(void **state)
{
    struct settings_source source = {.decoder = (char *)"zigbee2mqtt",
                                     .filter = (char *)"zigbee2mqtt/lamp"};
    struct settings settings = {
        .topic_root = (char *)"hearthline", .writer.sources = &source, .writer.sources_count = 1};
    struct sources *sources = NULL;
    struct err_reason why = {""};
    (void)state;
    assert_int_equal(sources_open(&settings, &sources, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "writer.sources[0].filter \"zigbee2mqtt/lamp\""));
    source.filter = (char *)"zigbee2mqtt/+/availability";
    source.timezone = (char *)"Europe/Atlantis";
    assert_int_not_equal(sources_open(&settings, &sources, &why), ERR_OK);
    assert_non_null(strstr(why.text, "writer.sources[0].timezone"));
    source.timezone = (char *)"Europe/Berlin";
    assert_int_equal(sources_open(&settings, &sources, &why), ERR_OK);
    sources_close(sources);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_says_why),
        cmocka_unit_test(what_cannot_be_stored_says_why),
        cmocka_unit_test(a_filter_must_leave_the_name_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
