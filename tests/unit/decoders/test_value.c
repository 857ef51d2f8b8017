#include "decode_lines.h"

#define ROOM "sensor/kitchen/temperature"
#define TAGS "device_metrics,metric=temperature,room=kitchen "

static void plain_values_become_points(void **state)
{
    static const struct decode_lines_case cases[] = {
        {ROOM, "21.5", TAGS "value=21.5\n", NULL},
        {ROOM, "-0.5e-3\n", TAGS "value=-0.0005\n", NULL},
        {ROOM, "\"21.5\"", TAGS "value=21.5\n", NULL},
        {ROOM, "ON", TAGS "state=\"ON\",value=1\n", NULL},
        {ROOM, "false", TAGS "state=\"false\",value=0\n", NULL},
        {ROOM, "closed", TAGS "state=\"closed\",value=0\n", NULL},
        {ROOM, "cold", TAGS "state=\"cold\"\n", NULL},
        {ROOM, "two words", TAGS "state=\"two words\"\n", NULL},
        {ROOM, "nan", TAGS "state=\"nan\"\n", NULL},
        {ROOM, "unavailable", TAGS "state=\"unavailable\"\n", NULL},
        {"meters/plug-1/0/power", "12", "meter,floor=ground,topic=meters/plug-1/0/power value=12\n",
         NULL},
        {"meters", "12", "meter,floor=ground,topic=meters value=12\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void what_is_no_plain_value_is_rejected_with_words(void **state)
{
    static const struct decode_lines_case cases[] = {
        {ROOM, "", "rejected empty\n", NULL},
        {ROOM, "  ", "rejected empty\n", NULL},
        {ROOM, "{\"v\":1}", "rejected wrong_shape\n", "a JSON object"},
        {ROOM, "[1]", "rejected wrong_shape\n", "a JSON array"},
        {ROOM, "1e400", "rejected bad_value\n", "out of range"},
        {ROOM, "-inf", "rejected bad_value\n", "no finite number"},
        {ROOM, "null", "rejected no_fields\n", NULL},
        {ROOM, "\xff\xd8\xff\xe0 JPEG", "rejected not_utf8\n", NULL},
        {"sensor//temperature", "1", "rejected bad_name\n", "\"room\""},
        {"sensor/kitchen/", "1", "rejected bad_name\n", "\"metric\""},
        {"elsewhere", "1", "no source", NULL},
        {"sensor/kitchen", "1", "no source", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void topics_of_a_thousand_levels_do_not_pass(void **state)
{
    (void)state;
    decode_lines_check_deep("meters", 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_values_become_points),
        cmocka_unit_test(what_is_no_plain_value_is_rejected_with_words),
        cmocka_unit_test(topics_of_a_thousand_levels_do_not_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
