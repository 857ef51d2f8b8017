#include "decode_lines.h"

#define TEMP "homeassistant/sensor/kitchen_temp/state"
#define TEMP_TAGS                                                                                  \
    "home_assistant_events,domain=sensor,entity_id=sensor.kitchen_temp,event_type=state_changed "
#define LAMP "homeassistant/light/hall/state"
#define LAMP_TAGS                                                                                  \
    "home_assistant_events,domain=light,entity_id=light.hall,event_type=state_changed "

static void states_become_points(void **state)
{
    static const struct decode_lines_case cases[] = {
        {TEMP, "21.5", TEMP_TAGS "value=21.5\n", NULL},
        {TEMP, "-3", TEMP_TAGS "value=-3\n", NULL},
        {"homeassistant/sensor/hearthline/state", "5",
         "home_assistant_events,domain=sensor,entity_id=sensor.hearthline,"
         "event_type=state_changed value=5\n",
         NULL},
        {LAMP, "on", LAMP_TAGS "state=\"on\",value=1\n", NULL},
        {LAMP, "off", LAMP_TAGS "state=\"off\",value=0\n", NULL},
        {TEMP, "above_horizon", TEMP_TAGS "state=\"above_horizon\",value=1\n", NULL},
        {TEMP, "not_home", TEMP_TAGS "state=\"not_home\",value=0\n", NULL},
        {TEMP, "unknown", TEMP_TAGS "state=\"unknown\"\n", NULL},
        {TEMP, "unavailable", TEMP_TAGS "state=\"unavailable\"\n", NULL},
        {TEMP, "nan", TEMP_TAGS "state=\"nan\"\n", NULL},
        {TEMP, "inf", TEMP_TAGS "state=\"inf\"\n", NULL},
        {TEMP, "1e400", TEMP_TAGS "state=\"1e400\"\n", NULL},
        {TEMP, "2026-01-02T03:04:05+00:00", TEMP_TAGS "state=\"2026-01-02T03:04:05+00:00\"\n",
         NULL},
        {TEMP, "{\"t\":1}", TEMP_TAGS "state=\"{\\\"t\\\":1}\"\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void the_rest_of_the_tree_is_left_out_by_rule(void **state)
{
    static const struct decode_lines_case cases[] = {
        {"homeassistant/sensor/kitchen_temp/last_updated", "2026-01-02T03:04:05+00:00",
         "fact sensor.kitchen_temp last_updated 2026-01-02T03:04:05+00:00\n", NULL},
        {"homeassistant/sensor/kitchen_temp/last_changed", "2026-01-02T03:04:05+00:00", "ignored\n",
         NULL},
        {"homeassistant/sensor/kitchen_temp/friendly_name", "\"Kitchen\"",
         "fact sensor.kitchen_temp friendly_name Kitchen\n", NULL},
        {"homeassistant/status", "online", "ignored\n", NULL},
        {"homeassistant/sensor/hearthline_writer_lag/state", "5", "ignored\n", "own_sensors"},
        {"homeassistant/sensor/hearthline_writer_lag/friendly_name", "\"x\"", "ignored\n",
         "own_sensors"},
        {"homeassistant/sensor/x/config", "{}", "ignored\n", NULL},
        {"homeassistant/device/x/config", "{}", "ignored\n", NULL},
        {"homeassistant/sensor/node-1/state", "5", "ignored\n", NULL},
        {"homeassistant/Sensor/node/state", "5", "ignored\n", NULL},
        {"homeassistant/state", "5", "ignored\n", NULL},
        {"homeassistant/x/state", "5", "ignored\n", NULL},
        {"homeassistant", "5", "ignored\n", NULL},
        {TEMP, "", "ignored\n", "empty"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void what_cannot_be_stored_is_rejected(void **state)
{
    static const struct decode_lines_case cases[] = {
        {"homeassistant//hall/state", "on", "rejected bad_name\n", "domain"},
        {"homeassistant/light//state", "on", "rejected bad_name\n", "entity"},
        {TEMP, "\xff", "rejected not_utf8\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_become_points),
        cmocka_unit_test(the_rest_of_the_tree_is_left_out_by_rule),
        cmocka_unit_test(what_cannot_be_stored_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
