/* States of the statestream find their times; what entities are is told once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/settings.h"
#include "writer/shape/entities.h"
#include "writer/shape/join.h"

#include "stage_fixture.h"

#define S    CLOCK_NS_PER_S
#define NOON (INT64_C(1767355200) * S) /* 2026-01-02T12:00:00Z */

static struct stage_run run;
static struct settings settings;
static struct settings_source configured[3];
static struct sources *sources;
static const struct source *all, *states_only, *events;

static char none[] = "", root[] = "hearthline", decoder[] = "homeassistant_statestream",
            decoder_of_events[] = "homeassistant_eventstream", filter_all[] = "ha/#",
            filter_events[] = "events", filter_states[] = "other/+/+/state";

static int begin(const struct stage *stage)
{
    configured[0] = (struct settings_source){
        .decoder = decoder, .filter = filter_all, .name = none, .measurement = none};
    configured[1] = configured[0];
    configured[1].filter = filter_states;
    configured[2] = configured[0];
    configured[2].decoder = decoder_of_events;
    configured[2].filter = filter_events;
    settings = (struct settings){.topic_root = root};
    settings.writer.sources = configured;
    settings.writer.sources_count = 3;
    if (sources_open(&settings, &sources, NULL) != ERR_OK)
        return -1;
    bool known;
    all = sources_find(sources, TEXT("ha/light/hall/state"), &known);
    events = sources_find(sources, TEXT("events"), &known);
    states_only = sources_find(sources, TEXT("other/light/hall/state"), &known);
    run = (struct stage_run){.stage = stage, .state = stage->open(sources)};
    return run.state && all && events && states_only ? 0 : -1;
}

static int begin_join(void **state)
{
    (void)state;
    return begin(&join_stage);
}

static int begin_entities(void **state)
{
    (void)state;
    return begin(&entities_stage);
}

static int end(void **state)
{
    (void)state;
    stage_run_end(&run);
    sources_close(sources);
    return 0;
}

static void tell(const char *entity, const char *name, const char *value, int64_t arrival_ns,
                 bool retained)
{
    const struct stage_next next = stage_run_next(&run);
    struct stage_fact fact = {.fact = {text_of(entity), text_of(name), text_of(value)},
                              .source = all,
                              .arrival_ns = arrival_ns,
                              .retained = retained};
    run.stage->learn(run.state, &fact, &next);
}

/* A retained state as the fold brings it. */
static void feed_retained(const char *line, int64_t arrival_ns)
{
    struct buf scratch = {0};
    const struct stage_next next = stage_run_next(&run);
    assert_int_equal(line_parse(text_of(line), &scratch, &run.point, NULL), ERR_OK);
    struct shaped shaped = {.point = &run.point,
                            .source = all,
                            .arrival_ns = arrival_ns,
                            .needs_time = true,
                            .retained = true,
                            .series = shaped_series(&run.point)};
    run.point.time_ns = arrival_ns;
    run.point.timed = true;
    run.stage->take(run.state, &shaped, &next);
    buf_free(&scratch);
}

static void assert_lines(const char *expected)
{
    assert_string_equal(buf_cstr(&run.lines), expected);
    buf_reset(&run.lines);
}

static void a_live_state_gets_the_time_that_follows(void **state)
{
    (void)state;
    tell("light.x", "last_updated", "2026-01-02T11:00:00+00:00", NOON - S, false);
    stage_run_feed(&run, all, "m,entity_id=light.hall value=1", NOON, false);
    assert_lines("");
    tell("light.other", "last_updated", "2026-01-02T11:59:00+00:00", NOON + 1, false);
    assert_lines("");
    tell("light.hall", "last_updated", "2026-01-02T11:59:59.5+00:00", NOON + 2, false);
    assert_lines("m,entity_id=light.hall value=1 1767355199500000000\n");
}

static void without_a_time_it_goes_on_at_its_arrival(void **state)
{
    (void)state;
    tell("light.x", "last_updated", "2026-01-02T11:00:00+00:00", NOON - S, false);
    stage_run_feed(&run, all, "m,entity_id=light.hall value=1", NOON, false);
    stage_run_advance(&run, NOON + JOIN_WINDOW_NS);
    assert_lines("");
    stage_run_advance(&run, NOON + JOIN_WINDOW_NS + 1);
    assert_lines("m,entity_id=light.hall value=1 1767355200000000000\n");
    /* The time of that one must not be taken for the next. */
    tell("light.hall", "last_updated", "2026-01-02T12:00:00+00:00", NOON + S, false);
    stage_run_feed(&run, all, "m,entity_id=light.hall value=0", NOON + S + 1, false);
    assert_lines("");
}

static void a_newer_state_lets_the_older_go(void **state)
{
    (void)state;
    tell("light.x", "last_updated", "2026-01-02T11:00:00+00:00", NOON - S, false);
    stage_run_feed(&run, all, "m,entity_id=light.hall value=1", NOON, false);
    stage_run_feed(&run, all, "m,entity_id=light.hall value=0", NOON + 1, false);
    assert_lines("m,entity_id=light.hall value=1 1767355200000000000\n");
}

static void a_house_that_tells_no_times_is_not_waited_for(void **state)
{
    (void)state;
    stage_run_feed(&run, all, "m,entity_id=light.hall value=1", NOON, false);
    assert_lines("m,entity_id=light.hall value=1 1767355200000000000\n");
    tell("light.x", "last_updated", "2026-01-02T11:00:00+00:00", NOON, false);
    stage_run_feed(&run, states_only, "m,entity_id=light.hall value=2", NOON + 1, false);
    assert_lines("m,entity_id=light.hall value=2 1767355200000000001\n");
    stage_run_feed(&run, all, "m,entity_id=light.hall value=3", NOON + JOIN_FORGET_NS, false);
    assert_lines("m,entity_id=light.hall value=3 1767441600000000000\n");
}

static void retained_ones_meet_in_any_order_or_are_left_out(void **state)
{
    (void)state;
    feed_retained("m,entity_id=light.a value=1", NOON);
    tell("light.a", "last_updated", "2026-01-01T00:00:00+00:00", NOON + 1, true);
    assert_lines("m,entity_id=light.a value=1 1767225600000000000\n");
    tell("light.b", "last_updated", "2026-01-01T00:00:01+00:00", NOON + 2, true);
    feed_retained("m,entity_id=light.b value=2", NOON + 3);
    assert_lines("m,entity_id=light.b value=2 1767225601000000000\n");
    feed_retained("m,entity_id=light.c value=3", NOON + 4);
    stage_run_advance(&run, NOON + S);
    assert_lines("");
    assert_string_equal(buf_cstr(&run.left_out), "retained, and no time of its own came with it\n");
    /* A time that came long before is not of this state. */
    tell("light.d", "last_updated", "2026-01-01T00:00:01+00:00", NOON, true);
    feed_retained("m,entity_id=light.d value=4", NOON + S);
    assert_lines("");
}

static void assert_left_out(void)
{
    assert_string_equal(buf_cstr(&run.left_out),
                        "the eventstream brings this state of the entity too\n");
    buf_reset(&run.left_out);
}

#define EVENT_TIME " 1767355199000000000"

static void what_the_eventstream_brings_too_is_stored_once(void **state)
{
    (void)state;
    /* The first state that both bring shows that there is an eventstream. */
    stage_run_feed(&run, events, "m,entity_id=light.x value=1" EVENT_TIME, NOON - S, false);
    assert_lines("m,entity_id=light.x value=1" EVENT_TIME "\n");
    /* Before it, after it, and after its time has come too. */
    stage_run_feed(&run, events, "m,entity_id=light.a value=1" EVENT_TIME, NOON, false);
    stage_run_feed(&run, states_only, "m,entity_id=light.a value=1", NOON + JOIN_WINDOW_NS, false);
    assert_lines("m,entity_id=light.a value=1" EVENT_TIME "\n");
    assert_left_out();
    stage_run_feed(&run, states_only, "m,entity_id=light.b value=1", NOON, false);
    assert_lines("");
    stage_run_feed(&run, events, "m,entity_id=light.b value=1" EVENT_TIME, NOON + 1, false);
    assert_lines("m,entity_id=light.b value=1" EVENT_TIME "\n");
    assert_left_out();
    stage_run_feed(&run, all, "m,entity_id=light.c value=1", NOON, false);
    tell("light.c", "last_updated", "2026-01-02T11:59:59+00:00", NOON + 1, false);
    assert_lines("");
    assert_true(stage_run_restart(&run, sources));
    stage_run_feed(&run, events, "m,entity_id=light.c state=\"on\"" EVENT_TIME, NOON + 2, false);
    assert_lines("m,entity_id=light.c state=\"on\"" EVENT_TIME "\n"); /* of the same time */
    assert_left_out();
    stage_run_feed(&run, events, "m,entity_id=light.d state=\"on\"" EVENT_TIME, NOON, false);
    assert_true(stage_run_restart(&run, sources));
    stage_run_feed(&run, all, "m,entity_id=light.d value=1", NOON + 1, false);
    tell("light.d", "last_updated", "2026-01-02T11:59:59+00:00", NOON + 2, false);
    assert_lines("m,entity_id=light.d state=\"on\"" EVENT_TIME "\n");
    assert_left_out();
}

static void what_only_one_stream_brings_is_stored(void **state)
{
    (void)state;
    stage_run_feed(&run, events, "m,entity_id=light.a value=0" EVENT_TIME, NOON - S, false);
    assert_lines("m,entity_id=light.a value=0" EVENT_TIME "\n");
    stage_run_advance(&run, NOON);
    stage_run_feed(&run, all, "m,entity_id=light.a value=0", NOON, false); /* too long ago */
    stage_run_feed(&run, all, "other,entity_id=light.b value=1", NOON, false);
    stage_run_feed(&run, events, "m,entity_id=light.b value=1" EVENT_TIME, NOON + 1, false);
    assert_lines("m,entity_id=light.b value=1" EVENT_TIME "\n");
    tell("light.a", "last_updated", "2026-01-02T11:59:58+00:00", NOON + 2, false);
    assert_lines("");
    stage_run_advance(&run, NOON + JOIN_WINDOW_NS + 1);
    assert_lines("m,entity_id=light.a value=0 1767355198000000000\n"
                 "other,entity_id=light.b value=1 1767355200000000000\n");
    assert_string_equal(buf_cstr(&run.left_out), "");
}

static void a_silent_eventstream_is_not_waited_for(void **state)
{
    (void)state;
    stage_run_feed(&run, states_only, "m,entity_id=light.a value=1", NOON - S, false);
    assert_lines("m,entity_id=light.a value=1 1767355199000000000\n"); /* none was heard yet */
    stage_run_feed(&run, events, "events,kind=x value=1" EVENT_TIME, NOON, false);
    stage_run_feed(&run, states_only, "m,entity_id=light.a value=1", NOON, false);
    assert_lines("events,kind=x value=1" EVENT_TIME "\n"
                 "m,entity_id=light.a value=1 1767355200000000000\n"); /* no state was */
    stage_run_feed(&run, events, "m,entity_id=light.b value=0" EVENT_TIME, NOON, false);
    buf_reset(&run.lines);
    stage_run_feed(&run, states_only, "m,entity_id=light.a value=2", NOON + JOIN_FORGET_NS - 1,
                   false);
    assert_lines("");
    stage_run_advance(&run, NOON + JOIN_FORGET_NS + S);
    buf_reset(&run.lines);
    stage_run_feed(&run, states_only, "m,entity_id=light.a value=1", NOON + JOIN_FORGET_NS + S,
                   false);
    assert_lines("m,entity_id=light.a value=1 1767441601000000000\n");
}

static size_t saved_size(void)
{
    struct buf saved = {0};
    join_stage.save(run.state, &saved);
    size_t size = saved.len;
    buf_free(&saved);
    return size;
}

static void what_has_expired_is_not_saved(void **state)
{
    (void)state;
    size_t empty = saved_size();
    tell("light.b", "last_updated", "2026-01-01T00:00:01+00:00", NOON, true);
    stage_run_feed(&run, events, "m,entity_id=light.c value=0", NOON, false);
    stage_run_feed(&run, all, "m,entity_id=light.a value=1", NOON, false);
    assert_true(saved_size() > empty);
    stage_run_advance(&run, NOON + JOIN_WINDOW_NS + 1);
    assert_int_equal(saved_size(), empty);
    feed_retained("m,entity_id=light.b value=2", NOON + JOIN_WINDOW_NS + 2);
    stage_run_advance(&run, NOON + 3 * JOIN_WINDOW_NS);
    assert_string_equal(buf_cstr(&run.left_out), "retained, and no time of its own came with it\n");
}

static void a_restart_keeps_what_waits(void **state)
{
    (void)state;
    tell("light.b", "last_updated", "2026-01-01T00:00:01+00:00", NOON, true);
    stage_run_feed(&run, all, "m,entity_id=light.a value=1", NOON, false);
    assert_true(stage_run_restart(&run, sources));
    tell("light.a", "last_updated", "2026-01-02T11:59:59+00:00", NOON + 1, false);
    feed_retained("m,entity_id=light.b value=2", NOON + 3);
    assert_lines("m,entity_id=light.a value=1 1767355199000000000\n"
                 "m,entity_id=light.b value=2 1767225601000000000\n");
    assert_false(join_stage.load(run.state, TEXT("cut")));
}

static void what_an_entity_is_is_told_when_it_changes(void **state)
{
    (void)state;
    tell("sensor.t", "unit_of_measurement", "°C", NOON, true);
    tell("sensor.t", "unit_of_measurement", "°C", NOON + 1, false);
    tell("sensor.t", "friendly_name", "Kitchen, warm", NOON + 2, false);
    tell("sensor.t", "last_updated", "2026-01-01T00:00:01+00:00", NOON + 3, false);
    assert_true(stage_run_restart(&run, sources));
    tell("sensor.t", "friendly_name", "Kitchen, warm", NOON + 4, false);
    tell("sensor.t", "unit_of_measurement", "°F", NOON + 5, false);
    tell("nodot", "unit_of_measurement", "°F", NOON + 6, false);
    assert_lines("entities,domain=sensor,entity_id=sensor.t unit=\"°C\" 1767355200000000000\n"
                 "entities,domain=sensor,entity_id=sensor.t friendly_name=\"Kitchen, warm\" "
                 "1767355200000000002\n"
                 "entities,domain=sensor,entity_id=sensor.t unit=\"°F\" 1767355200000000005\n");
    stage_run_feed(&run, all, "m t=1 5", NOON, false); /* points walk through */
    assert_lines("m t=1 5\n");
}

/* Once, and again when the rule was changed; of the entity's series alone. */
static void an_area_is_told_by_rule(void **state)
{
    static struct settings_tag areas[] = {{(char *)"sensor.t", (char *)"Kitchen"},
                                          {(char *)"sensor.u", (char *)"Hall"}};
    (void)state;
    settings.writer.areas = areas;
    settings.writer.areas_count = 2;
    stage_run_feed(&run, all, "m,entity_id=sensor.t value=1", NOON, false);
    assert_lines("entities,domain=sensor,entity_id=sensor.t area=\"Kitchen\" 1767355200000000000\n"
                 "m,entity_id=sensor.t value=1 1767355200000000000\n");
    assert_true(stage_run_restart(&run, sources));
    stage_run_feed(&run, all, "m,entity_id=sensor.t value=2", NOON + 1, false);
    stage_run_feed(&run, all, "m,entity_id=sensor.x value=3", NOON + 2, false);
    assert_lines("m,entity_id=sensor.t value=2 1767355200000000001\n"
                 "m,entity_id=sensor.x value=3 1767355200000000002\n");
    areas[0].value = (char *)"Cellar";
    stage_run_feed(&run, events, "m,entity_id=sensor.t value=4", NOON + 3, false);
    assert_lines("entities,domain=sensor,entity_id=sensor.t area=\"Cellar\" 1767355200000000003\n"
                 "m,entity_id=sensor.t value=4 1767355200000000003\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_live_state_gets_the_time_that_follows, begin_join, end),
        cmocka_unit_test_setup_teardown(without_a_time_it_goes_on_at_its_arrival, begin_join, end),
        cmocka_unit_test_setup_teardown(a_newer_state_lets_the_older_go, begin_join, end),
        cmocka_unit_test_setup_teardown(a_house_that_tells_no_times_is_not_waited_for, begin_join,
                                        end),
        cmocka_unit_test_setup_teardown(retained_ones_meet_in_any_order_or_are_left_out, begin_join,
                                        end),
        cmocka_unit_test_setup_teardown(what_the_eventstream_brings_too_is_stored_once, begin_join,
                                        end),
        cmocka_unit_test_setup_teardown(what_only_one_stream_brings_is_stored, begin_join, end),
        cmocka_unit_test_setup_teardown(a_silent_eventstream_is_not_waited_for, begin_join, end),
        cmocka_unit_test_setup_teardown(what_has_expired_is_not_saved, begin_join, end),
        cmocka_unit_test_setup_teardown(a_restart_keeps_what_waits, begin_join, end),
        cmocka_unit_test_setup_teardown(an_area_is_told_by_rule, begin_entities, end),
        cmocka_unit_test_setup_teardown(what_an_entity_is_is_told_when_it_changes, begin_entities,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
