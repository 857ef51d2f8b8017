/* What the corpus (tests/fixtures/shelly1.jsonl) does not say: edges, and the words for a person.
 */
#include "decode_lines.h"

#define BASE "shellies/em/"
#define TAGS "device_metrics,device_id=em,source=shelly1 "

static void energies_become_kwh(void **state)
{
    static const struct decode_lines_case cases[] = {
        {BASE "relay/0/energy", "60000", TAGS "relay.0.energy_kwh=1\n", NULL},
        {BASE "roller/1/energy", "6", TAGS "roller.1.energy_kwh=0.0001\n", NULL},
        {BASE "emeter/0/returned_energy", "30000", TAGS "emeter.0.returned_energy_kwh=0.5\n", NULL},
        {BASE "emeter/0/total", "1500", TAGS "emeter.0.total_kwh=1.5\n", NULL},
        {BASE "emeter/0/total", "nan", "ignored\n", "no value"},
        {BASE "emeter/0/total", "null", "ignored\n", "no value"},
        {BASE "emeter/0/total", "{\"a\":1}", "rejected wrong_shape\n", NULL},
        {BASE "relay/0/energy", "on", "rejected bad_value\n", "a number was due"},
        {BASE "relay/x/energy", "60", TAGS "relay.x.energy=60\n", NULL},
        {BASE "sensor/total", "60", TAGS "sensor.total=60\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void states_are_read_by_their_topic(void **state)
{
    static const struct decode_lines_case cases[] = {
        {BASE "relay/10", "on", TAGS "relay.10=true,relay.10.overpower=false\n", NULL},
        {BASE "relay/0", "1", "rejected bad_value\n", "on, off or overpower"},
        {BASE "relay/0", "\xff", "rejected bad_value\n", "on, off or overpower"},
        {BASE "input/0", "1\n", TAGS "input.0=true\n", NULL},
        {BASE "input/0", "2", TAGS "input.0=2\n", NULL},
        {BASE "sensor/error", "0", TAGS "sensor.error=0\n", NULL},
        {BASE "sensor/flood", "false", TAGS "sensor.flood=false\n", NULL},
        {BASE "sensor/gas", "mild", TAGS "sensor.gas=\"mild\"\n", NULL},
        {BASE "online", "yes", "rejected bad_value\n", "true or false"},
        {BASE "temperature", "1e400", "rejected bad_value\n", "out of range"},
        {BASE "picture", "\xff\xd8\xff", "rejected not_utf8\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void objects_are_flattened_below_their_topic(void **state)
{
    static const struct decode_lines_case cases[] = {
        {BASE "color/0/status", "{\"ison\":true,\"rgb\":[1,2]}",
         TAGS "color.0.status.ison=true,color.0.status.rgb.0=1,color.0.status.rgb.1=2\n", NULL},
        {BASE "color/0/status", "{\"ison\":", "rejected not_json\n", NULL},
        {BASE "info", "{\"unixtime\":\"x\",\"a\":1}", "rejected bad_time\n", NULL},
        {BASE "info", "5", "rejected wrong_shape\n", "info"},
        {BASE "info", "{\"mac\":\"AA\",\"relays\":[1]}", "ignored\n", "no value"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void what_is_no_value_is_left_out(void **state)
{
    static const struct decode_lines_case cases[] = {
        {"shellies/announce", "{}", "ignored\n", "no levels"},
        {"shellies//relay/0", "on", "rejected bad_name\n", "device"},
        {BASE "announce", "{}", "ignored\n", "announcement"},
        {BASE "relay/0/command", "on", "ignored\n", "command"},
        {BASE "light/0/set", "{}", "ignored\n", "command"},
        {BASE "sensor/act_reasons", "[\"button\"]", "ignored\n", "list"},
        {BASE "relay/0", "", "ignored\n", "cleared"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void a_topic_longer_than_a_name_is_refused(void **state)
{
    (void)state;
    decode_lines_check_deep("shellies/em", 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energies_become_kwh),
        cmocka_unit_test(states_are_read_by_their_topic),
        cmocka_unit_test(objects_are_flattened_below_their_topic),
        cmocka_unit_test(what_is_no_value_is_left_out),
        cmocka_unit_test(a_topic_longer_than_a_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
