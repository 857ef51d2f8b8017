/* The layout homeassistant of the statestream: what belongs to one state is gathered, and becomes
 * the point that the eventstream would have brought. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "writer/shape/fold.h"
#include "writer/shape/gather.h"

#define START_NS INT64_C(1767355200000000000)

static struct settings_source list[] = {{.decoder = (char *)"homeassistant_statestream",
                                         .filter = (char *)"ha/#",
                                         .layout = SETTINGS_LAYOUT_HOMEASSISTANT,
                                         .default_measurement = (char *)"units",
                                         .override_measurement = (char *)""}};
static struct settings settings = {.topic_root = (char *)"hearthline",
                                   .writer = {.sources = list, .sources_count = 1}};
static struct sources *sources;
static struct fold *fold;
static struct buf lines, rejects;
static int64_t now_ns;

static void take_line(void *context, struct text line, unsigned destination)
{
    (void)context, (void)destination;
    if (!memmem(line.at, line.len, "_rollup", 7))
        buf_text(&lines, line);
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    (void)context;
    buf_printf(&rejects, "%s;", reject_id(reject->reason));
}

static const struct fold_sink sink = {.line = take_line, .reject = take_reject};

static int begin(void **state)
{
    (void)state;
    now_ns = START_NS;
    lines = rejects = (struct buf){0};
    return sources_open(&settings, &sources, NULL) || fold_open(sources, &fold);
}

static int end(void **state)
{
    (void)state;
    fold_close(fold);
    sources_close(sources);
    buf_free(&lines);
    buf_free(&rejects);
    return 0;
}

static void say_flagged(const char *what, const char *payload, uint8_t flags)
{
    char topic[256];
    snprintf(topic, sizeof topic, "ha/%s", what);
    const struct journal_record record = {.type = JOURNAL_MESSAGE,
                                          .arrival_ns = now_ns += 1024,
                                          .flags = flags,
                                          .topic = text_of(topic),
                                          .payload = text_of(payload)};
    fold_record(fold, &record, &sink);
}

static void say(const char *what, const char *payload)
{
    say_flagged(what, payload, 0);
}

static void wait_ns(int64_t span_ns)
{
    const struct journal_record tick = {.type = JOURNAL_TICK, .arrival_ns = now_ns += span_ns};
    fold_record(fold, &tick, &sink);
}

static void restart(void)
{
    struct buf saved = {0};
    fold_save(fold, &saved);
    fold_close(fold);
    assert_int_equal(fold_open(sources, &fold), ERR_OK);
    assert_int_equal(fold_load(fold, buf_view(&saved)), ERR_OK);
    buf_free(&saved);
}

static void assert_lines(const char *expected)
{
    assert_string_equal(buf_cstr(&lines), expected);
    buf_reset(&lines);
}

static void a_state_and_its_attributes_are_one_point(void **state)
{
    (void)state;
    say("sensor/t/state", "21.5");
    say("sensor/t/last_updated", "2026-01-02T11:59:59+00:00");
    say("sensor/t/last_changed", "2026-01-02T11:00:00+00:00");
    say("sensor/t/unit_of_measurement", "\"K\"");
    restart();
    say("sensor/t/battery", "\"87 %\"");
    say("sensor/t/list", "[1, null]");
    say("sensor/t/broken", "{");
    say("sensor/t/config", "{\"name\":\"x\"}");
    assert_lines("");
    restart();
    wait_ns(GATHER_WINDOW_NS);
    assert_lines("K,domain=sensor,entity_id=t value=21.5,battery_str=\"87 %\",battery=87,"
                 "list_str=\"[1, None]\" 1767355199000000000\n");
    wait_ns(GATHER_WINDOW_NS);
    assert_lines("");
    assert_string_equal(buf_cstr(&rejects), "");
    assert_int_equal(fold_counts(fold)->points_made, 1);
}

static void the_next_state_ends_the_one_before(void **state)
{
    (void)state;
    say("light/a/state", "on");
    say("light/a/brightness", "80");
    say("light/b/state", "off");
    say("light/a/state", "off");
    assert_lines("units,domain=light,entity_id=a state=\"on\",value=1,brightness=80 "
                 "1767355200000001024\n");
    say("light/a/brightness", "null");
    say("light/a/brightness", "7"); /* said twice: the last counts */
    wait_ns(2 * GATHER_WINDOW_NS);
    assert_lines("units,domain=light,entity_id=b state=\"off\",value=0 1767355200000003072\n"
                 "units,domain=light,entity_id=a state=\"off\",value=0,brightness=7 "
                 "1767355200000004096\n");
}

static void a_late_attribute_is_not_of_the_next_state(void **state)
{
    (void)state;
    say("light/a/brightness", "80");
    say("light/a/state", "off");
    wait_ns(2 * GATHER_WINDOW_NS);
    assert_lines("units,domain=light,entity_id=a state=\"off\",value=0 1767355200000002048\n");
}

static void what_is_retained_comes_in_any_order_and_needs_its_time(void **state)
{
    (void)state;
    say_flagged("light/a/brightness", "80", JOURNAL_RETAINED);
    say_flagged("light/a/last_updated", "2026-01-02T11:00:00+00:00", JOURNAL_RETAINED);
    say_flagged("light/a/state", "on", JOURNAL_RETAINED);
    say_flagged("light/b/state", "on", JOURNAL_RETAINED);
    wait_ns(2 * GATHER_WINDOW_NS);
    assert_lines("units,domain=light,entity_id=a state=\"on\",value=1,brightness=80 "
                 "1767351600000000000\n");
    assert_int_equal(fold_counts(fold)->points_merged, 1);
}

static void what_the_layout_leaves_out_becomes_no_point(void **state)
{
    (void)state;
    say("sensor/t/state", "unavailable");
    say("sensor/t/unit_of_measurement", "\"K\"");
    say("sensor/hearthline_lag/state", "5");
    say("sensor/u/friendly_name", "\"no state\"");
    wait_ns(2 * GATHER_WINDOW_NS);
    assert_lines("");
    say("sensor/t/state", "\xff");
    assert_string_equal(buf_cstr(&rejects), "not_utf8;");
    assert_int_equal(fold_counts(fold)->points_made, 0);
}

static void beyond_the_bound_the_oldest_ends_early(void **state)
{
    char what[64];
    (void)state;
    for (unsigned i = 0; i <= GATHER_ENTITIES; i++) {
        snprintf(what, sizeof what, "light/l%u/state", i);
        say(what, "on");
    }
    assert_lines("units,domain=light,entity_id=l0 state=\"on\",value=1 1767355200000001024\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_state_and_its_attributes_are_one_point),
        TEST(the_next_state_ends_the_one_before),
        TEST(a_late_attribute_is_not_of_the_next_state),
        TEST(what_is_retained_comes_in_any_order_and_needs_its_time),
        TEST(what_the_layout_leaves_out_becomes_no_point),
        TEST(beyond_the_bound_the_oldest_ends_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
