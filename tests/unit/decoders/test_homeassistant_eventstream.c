#include "decode_lines.h"

#define TOPIC "homeassistant/events"
#define CHANGED(new_state)                                                                         \
    "{\"event_type\":\"state_changed\",\"event_data\":{\"entity_id\":\"sensor.t\",\"old_state\":"  \
    "null,"                                                                                        \
    "\"new_state\":" new_state "}}"
#define STATE(state, more) CHANGED("{\"entity_id\":\"sensor.t\",\"state\":\"" state "\"" more "}")
#define TAGS               "home_assistant_events,domain=sensor,entity_id=sensor.t,event_type=state_changed "
#define UPDATED            ",\"last_updated\":\"2026-01-02T03:04:05.678901+00:00\""
#define CHANGE             ",\"last_changed\":\"2026-01-02T03:04:04+00:00\""
#define REPORTED           ",\"last_reported\":\"2026-01-02T03:04:06+00:00\""

static void changes_of_state_become_points_at_their_own_time(void **state)
{
    static const struct decode_lines_case cases[] = {
        {TOPIC, STATE("21.5", REPORTED CHANGE UPDATED), TAGS "value=21.5 1767323045678901000\n",
         NULL},
        {TOPIC, STATE("21.5", REPORTED CHANGE), TAGS "value=21.5 1767323044000000000\n", NULL},
        {TOPIC, STATE("21.5", REPORTED), TAGS "value=21.5 1767323046000000000\n", NULL},
        {TOPIC, STATE("21.5", ",\"last_updated\":null" CHANGE),
         TAGS "value=21.5 1767323044000000000\n", NULL},
        {TOPIC, STATE("21.5", ""), TAGS "value=21.5\n", NULL},
        {TOPIC, STATE("on", ""), TAGS "state=\"on\",value=1\n", NULL},
        {TOPIC, STATE("unavailable", ""), TAGS "state=\"unavailable\"\n", NULL},
        {TOPIC, STATE("", ""), "ignored\n", "empty"},
        {TOPIC, CHANGED("null"), "ignored\n", "removed"},
        {TOPIC, CHANGED("{\"entity_id\":\"sensor.hearthline_x\",\"state\":\"1\"}"), "ignored\n",
         "own_sensors"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void other_events_become_events(void **state)
{
    static const struct decode_lines_case cases[] = {
        {TOPIC,
         "{\"event_type\":\"call_service\",\"event_data\":{\"domain\":\"light\",\"service\":\"turn_"
         "on\","
         "\"service_data\":{\"brightness\":80,\"entity_id\":[\"light.a\"],\"x\":null}}}",
         "events,kind=call_service,source=homeassistant "
         "domain=\"light\",service=\"turn_on\",service_data.brightness=80\n",
         NULL},
        {TOPIC, "{\"event_type\":\"homeassistant_started\",\"event_data\":{}}",
         "events,kind=homeassistant_started,source=homeassistant count=1\n", NULL},
        {TOPIC,
         "{\"event_type\":\"x\",\"event_data\":{\"n\":1},\"time_fired\":\"2026-01-02T03:04:05Z\"}",
         "events,kind=x,source=homeassistant n=1 1767323045000000000\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

#define REGISTRY(data) "{\"event_type\":\"entity_registry_updated\",\"event_data\":" data "}"
#define REGISTRY_TAGS  "events,kind=entity_registry_updated,source=homeassistant "

static void what_the_registry_says_of_names_is_told(void **state)
{
    static const struct decode_lines_case cases[] = {
        {TOPIC,
         REGISTRY("{\"action\":\"update\",\"entity_id\":\"light.b\",\"old_entity_id\":"
                  "\"light.a\"}"),
         "fact light.a renamed light.b\n" REGISTRY_TAGS
         "action=\"update\",entity_id=\"light.b\",old_entity_id=\"light.a\"\n",
         NULL},
        {TOPIC, REGISTRY("{\"action\":\"create\",\"entity_id\":\"light.b\"}"),
         "fact light.b created light.b\n" REGISTRY_TAGS "action=\"create\",entity_id=\"light.b\"\n",
         NULL},
        {TOPIC, REGISTRY("{\"action\":\"remove\",\"entity_id\":\"light.b\"}"),
         "fact light.b removed light.b\n" REGISTRY_TAGS "action=\"remove\",entity_id=\"light.b\"\n",
         NULL},
        {TOPIC, REGISTRY("{\"action\":\"create\",\"entity_id\":\"b\"}"),
         REGISTRY_TAGS "action=\"create\",entity_id=\"b\"\n", NULL},
        {TOPIC,
         REGISTRY("{\"action\":\"update\",\"entity_id\":\"light.b\",\"old_entity_id\":"
                  "\"sun.a\"}"),
         REGISTRY_TAGS "action=\"update\",entity_id=\"light.b\",old_entity_id=\"sun.a\"\n", NULL},
        {"homeassistant/changes",
         REGISTRY("{\"action\":\"update\",\"entity_id\":\"light.b\",\"old_entity_id\":"
                  "\"light.a\"}"),
         "fact light.a renamed light.b\nignored\n", "state_changed only"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void what_is_no_event_is_rejected_with_words(void **state)
{
    static const struct decode_lines_case cases[] = {
        {TOPIC, "", "rejected empty\n", NULL},
        {TOPIC, "{", "rejected not_json\n", NULL},
        {TOPIC, "5", "rejected wrong_shape\n", "event_type"},
        {TOPIC, "{}", "rejected wrong_shape\n", "event_type"},
        {TOPIC, "{\"event_type\":5}", "rejected wrong_shape\n", "event_type"},
        {TOPIC, "{\"event_type\":\"\",\"event_data\":{}}", "rejected bad_name\n", "type"},
        {TOPIC, "{\"event_type\":\"x\"}", "rejected wrong_shape\n", "event_data"},
        {TOPIC, "{\"event_type\":\"x\",\"event_data\":[]}", "rejected wrong_shape\n", "event_data"},
        {TOPIC, "{\"event_type\":\"state_changed\",\"event_data\":{}}", "rejected wrong_shape\n",
         "new_state"},
        {TOPIC, CHANGED("5"), "rejected wrong_shape\n", "new_state"},
        {TOPIC, CHANGED("{\"entity_id\":\"a.b\"}"), "rejected wrong_shape\n", "\"state\""},
        {TOPIC, CHANGED("{\"state\":\"5\"}"), "rejected wrong_shape\n", "\"entity_id\""},
        {TOPIC, CHANGED("{\"state\":5,\"entity_id\":\"a.b\"}"), "rejected wrong_shape\n",
         "\"state\""},
        {TOPIC, CHANGED("{\"state\":\"5\",\"entity_id\":\"ab\"}"), "rejected bad_name\n",
         "domain.object_id"},
        {TOPIC, CHANGED("{\"state\":\"5\",\"entity_id\":\".b\"}"), "rejected bad_name\n", NULL},
        {TOPIC, CHANGED("{\"state\":\"5\",\"entity_id\":\"a.\"}"), "rejected bad_name\n", NULL},
        {TOPIC, STATE("1", ",\"last_updated\":\"soon\""), "rejected bad_time\n", NULL},
        {TOPIC, STATE("1", ",\"last_updated\":5"), "rejected bad_time\n", "last_updated"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_of_state_become_points_at_their_own_time),
        cmocka_unit_test(other_events_become_events),
        cmocka_unit_test(what_the_registry_says_of_names_is_told),
        cmocka_unit_test(what_is_no_event_is_rejected_with_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
