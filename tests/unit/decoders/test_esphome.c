/* The messages themselves are in tests/fixtures/esphome.jsonl; here is what a person is told, and
 * what the source's settings change. */
#include "decode_lines.h"

#define N "esphome/kitchen/"

static void what_is_left_out_says_why(void **state)
{
    static const struct decode_lines_case cases[] = {
        {N "debug", "[D][sensor:093]", "ignored\n", "not a state"},
        {N "switch/relay/command", "ON", "ignored\n", "not a state"},
        {N "sensor/state", "1", "ignored\n", "not a state"},
        {N "sensor/a/b/c/state", "1", "ignored\n", "not a state"},
        {N "sensor/t/state", "", "ignored\n", "empty"},
        {N "status", "", "ignored\n", "empty"},
        {"esphome/kitchen", "1", "ignored\n", "not a state"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void what_cannot_be_stored_says_why(void **state)
{
    static const struct decode_lines_case cases[] = {
        {N "sensor//state", "1", "rejected bad_name\n", "the object"},
        {"esphome//sensor/t/state", "1", "rejected bad_name\n", "device_id"},
        {N "sensor/t/state", "{\"a\":1}", "rejected wrong_shape\n", "a JSON object"},
        {N "sensor/t/state", "null", "rejected no_fields\n", NULL},
        {N "light/l/state", "[1]", "rejected wrong_shape\n", "an object was due"},
        {N "light/l/state", "{\"color\":{}}", "rejected no_fields\n", NULL},
        {N "text_sensor/t/state", "\xff", "rejected not_utf8\n", NULL},
        {N "status", "perhaps", "rejected bad_value\n", "\"perhaps\""},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static enum err open_one(const char *filter, struct settings_tag *tags, unsigned count,
                         struct err_reason *why)
{
    struct settings_source source = {.decoder = (char *)"esphome",
                                     .filter = (char *)(uintptr_t)filter,
                                     .tags = tags,
                                     .tags_count = count};
    struct settings settings = {
        .topic_root = (char *)"hearthline", .writer.sources = &source, .writer.sources_count = 1};
    struct sources *sources = NULL;
    enum err err = sources_open(&settings, &sources, why);
    sources_close(sources);
    return err;
}

static void a_source_must_say_which_level_is_the_node(void **state)
{
    struct settings_tag node = {(char *)"device_id", (char *)"kitchen"};
    struct settings_tag other = {(char *)"room", (char *)"kitchen"};
    struct err_reason why = {""};
    (void)state;
    assert_int_equal(open_one("kitchen/#", NULL, 0, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "+device_id"));
    assert_int_equal(open_one("kitchen/#", &other, 1, &why), ERR_INVALID);
    assert_int_equal(open_one("kitchen/#", &node, 1, &why), ERR_OK);
    assert_int_equal(open_one("home/+device_id/#", NULL, 0, &why), ERR_OK);
    assert_int_equal(open_one("home/+device_id/sensor/+/state", NULL, 0, &why), ERR_OK);
    assert_int_equal(open_one("kitchen/sensor/temperature/state", &node, 1, &why), ERR_INVALID);
    assert_int_equal(open_one("kitchen/sensor/+/state", &node, 1, &why), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_says_why),
        cmocka_unit_test(what_cannot_be_stored_says_why),
        cmocka_unit_test(a_source_must_say_which_level_is_the_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
