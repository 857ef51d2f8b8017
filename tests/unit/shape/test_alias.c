/* A renamed entity keeps its series, whatever way its names go; by the house's word and by rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "writer/shape/alias.h"
#include "writer/shape/fold.h"

#define START_NS INT64_C(1767355200000000000)

struct world {
    struct settings settings;
    struct settings_source list[3];
    struct settings_tag rules[4];
    struct sources *sources;
    struct fold *fold;
    struct buf lines;
    int64_t now_ns;
};
static struct world w;

static void take_line(void *context, struct text line, unsigned destination)
{
    (void)destination;
    (void)context;
    if (!memmem(line.at, line.len, "_rollup", 7))
        buf_text(&w.lines, line);
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    (void)context;
    fail_msg("rejected: %s", reject->words);
}

static int begin(void **state)
{
    (void)state;
    w = (struct world){.settings.topic_root = (char *)"hearthline", .now_ns = START_NS};
    w.list[0] = (struct settings_source){.decoder = (char *)"homeassistant_eventstream",
                                         .filter = (char *)"ha/events"};
    w.list[1] = (struct settings_source){.decoder = (char *)"homeassistant_eventstream",
                                         .filter = (char *)"ha/layout",
                                         .layout = SETTINGS_LAYOUT_HOMEASSISTANT,
                                         .default_measurement = (char *)"",
                                         .override_measurement = (char *)"m"};
    w.list[2] = (struct settings_source){.decoder = (char *)"homeassistant_statestream",
                                         .filter = (char *)"ha/#"};
    w.settings.writer.sources = w.list;
    w.settings.writer.sources_count = 3;
    w.settings.writer.aliases = w.rules;
    return 0;
}

static int end(void **state)
{
    (void)state;
    fold_close(w.fold);
    sources_close(w.sources);
    buf_free(&w.lines);
    return 0;
}

static void add_rule(const char *series, const char *name)
{
    w.rules[w.settings.writer.aliases_count++] =
        (struct settings_tag){(char *)(uintptr_t)series, (char *)(uintptr_t)name};
}

static void start(void)
{
    assert_int_equal(sources_open(&w.settings, &w.sources, NULL), ERR_OK);
    assert_int_equal(fold_open(w.sources, &w.fold), ERR_OK);
}

/* What a kill -9 leaves: the saved state. */
static void restart(void)
{
    struct buf saved = {0};
    fold_save(w.fold, &saved);
    fold_close(w.fold);
    assert_int_equal(fold_open(w.sources, &w.fold), ERR_OK);
    assert_int_equal(fold_load(w.fold, buf_view(&saved)), ERR_OK);
    buf_free(&saved);
}

static void show(const char *topic, const char *payload, uint8_t flags)
{
    const struct fold_sink sink = {.line = take_line, .reject = take_reject};
    const struct journal_record record = {.type = JOURNAL_MESSAGE,
                                          .arrival_ns = w.now_ns += 1024,
                                          .flags = flags,
                                          .topic = text_of(topic),
                                          .payload = text_of(payload)};
    buf_reset(&w.lines);
    fold_record(w.fold, &record, &sink);
}

/* What a state of the statestream becomes when no eventstream brings it too. */
static void show_state(const char *topic, const char *payload)
{
    const struct fold_sink sink = {.line = take_line, .reject = take_reject};
    show(topic, payload, 0);
    const struct journal_record tick = {.type = JOURNAL_TICK, .arrival_ns = w.now_ns += 1000000000};
    fold_record(w.fold, &tick, &sink);
}

/* What the registry says: a rename where there is an old id, else the action. */
static void registry(const char *action, const char *id, const char *old)
{
    char payload[512], more[256] = "";
    if (old)
        snprintf(more, sizeof more, ",\"old_entity_id\":\"%s\",\"changes\":{\"entity_id\":\"%s\"}",
                 old, old);
    snprintf(payload, sizeof payload,
             "{\"event_type\":\"entity_registry_updated\",\"event_data\":{\"action\":\"%s\","
             "\"entity_id\":\"%s\"%s}}",
             action, id, more);
    show("ha/events", payload, 0);
}

static void rename_entity(const char *old, const char *name)
{
    registry("update", name, old);
}

/* The entity_id under which a state of sensor.<name> is stored, by either stream. */
static const char *stored(const char *name)
{
    static char found[2][300];
    char topic[300], payload[700];
    snprintf(topic, sizeof topic, "ha/sensor/%s/state", name);
    snprintf(payload, sizeof payload,
             "{\"event_type\":\"state_changed\",\"event_data\":{\"new_state\":{\"entity_id\":"
             "\"sensor.%s\",\"state\":\"%d\"}}}",
             name, (int)(w.now_ns % 1000000 + 1));
    for (int stream = 0; stream < 2; stream++) {
        if (stream)
            show_state(topic, "-7");
        else
            show("ha/events", payload, 0);
        const char *at = strstr(buf_cstr(&w.lines), "home_assistant_events,");
        at = at ? strstr(at, "entity_id=sensor.") : NULL;
        if (!at || sscanf(at, "entity_id=sensor.%250[^, ]", found[stream]) != 1)
            fail_msg("%s: %s", name, buf_cstr(&w.lines));
    }
    assert_string_equal(found[0], found[1]);
    return found[0];
}

static void a_renamed_entity_keeps_its_series(void **state)
{
    (void)state;
    start();
    assert_string_equal(stored("a"), "a");
    rename_entity("sensor.a", "sensor.b");
    assert_non_null(strstr(buf_cstr(&w.lines), "entities,domain=sensor,entity_id=sensor.a "
                                               "current_id=\"sensor.b\""));
    assert_string_equal(stored("b"), "a");
    restart();
    assert_string_equal(stored("b"), "a");
    rename_entity("sensor.b", "sensor.c");
    assert_string_equal(stored("c"), "a");
    show("ha/sensor/c/unit_of_measurement", "\"K\"", 0);
    assert_non_null(strstr(buf_cstr(&w.lines), "entity_id=sensor.a unit=\"K\""));
    assert_null(strstr(buf_cstr(&w.lines), "current_id")); /* told already */
    rename_entity("sensor.c", "sensor.a");
    assert_non_null(strstr(buf_cstr(&w.lines), "entity_id=sensor.a current_id=\"sensor.a\""));
    assert_string_equal(stored("a"), "a");
    assert_string_equal(stored("b"), "b");
}

/* The broker remembers the old name's state for ever, and hands it over at each subscription. */
static void what_is_retained_under_an_old_name_is_left_out(void **state)
{
    (void)state;
    w.list[2].retained = SETTINGS_RULE_IF_CHANGED;
    add_rule("sensor.r", "sensor.ruled");
    start();
    assert_string_equal(stored("a"), "a");
    rename_entity("sensor.a", "sensor.b");
    assert_string_equal(stored("b"), "a");
    static const char *const left[] = {"ha/sensor/a/state", "ha/sensor/r/state"};
    for (size_t i = 0; i < 2; i++) {
        uint64_t merged = fold_counts(w.fold)->points_merged;
        show(left[i], "99", JOURNAL_RETAINED);
        assert_int_equal(fold_counts(w.fold)->points_merged, merged + 1);
        assert_string_equal(buf_cstr(&w.lines), "");
    }
    show("ha/sensor/a/friendly_name", "\"Old\"", JOURNAL_RETAINED);
    assert_string_equal(buf_cstr(&w.lines), "");
    show("ha/sensor/b/friendly_name", "\"New\"", JOURNAL_RETAINED);
    assert_non_null(strstr(buf_cstr(&w.lines), "entity_id=sensor.a friendly_name=\"New\""));
    assert_string_equal(stored("a"), "a"); /* live: an entity that no registry told of */
}

static void names_that_are_swapped_keep_their_series(void **state)
{
    (void)state;
    start();
    rename_entity("sensor.a", "sensor.tmp");
    rename_entity("sensor.b", "sensor.a");
    rename_entity("sensor.tmp", "sensor.b");
    assert_string_equal(stored("a"), "b");
    assert_string_equal(stored("b"), "a");
    restart();
    assert_string_equal(stored("a"), "b");
    assert_string_equal(stored("b"), "a");
    assert_string_equal(stored("tmp"), "tmp");
}

static void a_new_entity_of_an_old_name_has_a_series_of_its_own(void **state)
{
    (void)state;
    start();
    rename_entity("sensor.a", "sensor.b");
    registry("create", "sensor.a", NULL);
    assert_non_null(strstr(buf_cstr(&w.lines), "entity_id=sensor.a#2 current_id=\"sensor.a\""));
    assert_string_equal(stored("a"), "a#2");
    assert_string_equal(stored("b"), "a");
    registry("create", "sensor.a", NULL); /* said twice */
    assert_string_equal(stored("a"), "a#2");
    rename_entity("sensor.a", "sensor.c");
    registry("create", "sensor.a", NULL);
    assert_string_equal(stored("a"), "a#3");
    assert_string_equal(stored("c"), "a#2");
}

static void what_was_removed_leaves_its_series(void **state)
{
    (void)state;
    start();
    rename_entity("sensor.a", "sensor.old");
    registry("remove", "sensor.old", NULL);
    restart();
    registry("create", "sensor.a", NULL); /* the unit that was put in its place */
    assert_string_equal(stored("a"), "a");
    assert_string_equal(stored("old"), "old");
    rename_entity("sensor.x", "sensor.y");
    registry("remove", "sensor.y", NULL);
    registry("create", "sensor.y", NULL); /* the same one again */
    assert_string_equal(stored("y"), "x");
    registry("create", "sensor.x", NULL);
    assert_string_equal(stored("x"), "x#2");
}

static void rules_win_and_are_followed_to_their_beginning(void **state)
{
    (void)state;
    add_rule("sensor.a", "sensor.b");
    add_rule("sensor.b", "sensor.c");
    add_rule("sensor.x", "sensor.y");
    add_rule("sensor.y", "sensor.x");
    start();
    assert_string_equal(stored("c"), "a");
    assert_string_equal(stored("b"), "a");
    assert_string_equal(stored("x"), "y");
    assert_string_equal(stored("y"), "x");
    show("ha/sensor/c/friendly_name", "\"Hall\"", 0);
    assert_non_null(strstr(buf_cstr(&w.lines), "entity_id=sensor.a current_id=\"sensor.c\""));
    rename_entity("sensor.c", "sensor.d");
    assert_string_equal(stored("d"), "a");
    rename_entity("sensor.z", "sensor.y");
    assert_string_equal(stored("y"), "x");
}

static void what_is_no_rename_changes_nothing(void **state)
{
    static const char *const others[] = {
        "{\"action\":\"update\",\"entity_id\":\"sensor.b\",\"changes\":{\"name\":null}}",
        "{\"action\":\"update\",\"entity_id\":\"sensor.b\",\"old_entity_id\":\"light.a\"}",
        "{\"action\":\"update\",\"entity_id\":\"sensor.b\",\"old_entity_id\":7}",
        "{\"action\":\"update\",\"entity_id\":\"sensor.b\",\"old_entity_id\":\"\"}",
        "{\"action\":\"update\",\"entity_id\":\"sensor.a\",\"old_entity_id\":\"sensor.a\"}",
        "{\"action\":\"remove\",\"entity_id\":\"sensor.a\"}",
        "{\"entity_id\":\"sensor.b\",\"old_entity_id\":\"sensor.a\"}",
    };
    (void)state;
    start();
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char payload[400];
        snprintf(payload, sizeof payload,
                 "{\"event_type\":\"entity_registry_updated\",\"event_data\":%s}", others[i]);
        show("ha/events", payload, 0);
        assert_null(strstr(buf_cstr(&w.lines), "entities"));
    }
    show("ha/events",
         "{\"event_type\":\"entity_registry_updated\",\"time_fired\":\"2026-01-01T00:00:00Z\","
         "\"event_data\":{\"action\":\"update\",\"entity_id\":\"sensor.b\",\"old_entity_id\":"
         "\"sensor.a\"}}",
         JOURNAL_RETAINED);
    assert_string_equal(stored("a"), "a");
    assert_string_equal(stored("b"), "b");
}

static void the_layout_homeassistant_writes_the_name_of_the_house(void **state)
{
    (void)state;
    start();
    show("ha/layout",
         "{\"event_type\":\"entity_registry_updated\",\"event_data\":{\"action\":\"update\","
         "\"entity_id\":\"sensor.b\",\"old_entity_id\":\"sensor.a\"}}",
         0);
    assert_string_equal(buf_cstr(&w.lines), "");
    assert_string_equal(stored("b"), "a"); /* but all sources know */
    show("ha/layout",
         "{\"event_type\":\"state_changed\",\"event_data\":{\"new_state\":{\"entity_id\":"
         "\"sensor.b\",\"state\":\"1\"}}}",
         0);
    assert_non_null(strstr(buf_cstr(&w.lines), "m,domain=sensor,entity_id=b value=1"));
}

static void so_many_are_known_and_no_more(void **state)
{
    (void)state;
    char old[32], name[32];
    start();
    for (unsigned i = 0; i <= ALIAS_NAMES; i++) {
        snprintf(old, sizeof old, "sensor.o%u", i);
        snprintf(name, sizeof name, "sensor.n%u", i);
        rename_entity(old, name);
    }
    restart();
    assert_string_equal(stored("n0"), "o0");
    snprintf(name, sizeof name, "n%u", ALIAS_NAMES - 1);
    snprintf(old, sizeof old, "o%u", ALIAS_NAMES - 1);
    assert_string_equal(stored(name), old);
    snprintf(name, sizeof name, "n%u", ALIAS_NAMES);
    assert_string_equal(stored(name), name);
}

static void names_are_taken_over_from_a_saved_state(void **state)
{
    (void)state;
    struct buf saved = {0};
    start();
    rename_entity("sensor.a", "sensor.b");
    fold_save(w.fold, &saved);
    fold_close(w.fold);
    assert_int_equal(fold_open(w.sources, &w.fold), ERR_OK);
    assert_int_equal(fold_know(w.fold, buf_view(&saved)), ERR_OK);
    assert_string_equal(stored("b"), "a");
    buf_free(&saved);
}

static void wrong_rules_are_refused_with_words(void **state)
{
    static const char *const rules[][4] = {
        {"a", "sensor.b", NULL, NULL},
        {"sensor.a", "b", NULL, NULL},
        {"sensor.a", "light.a", NULL, NULL},
        {"sensor.a", "sensor.b", "sensor.a", "sensor.c"},
        {"sensor.a", "sensor.c", "sensor.b", "sensor.c"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct err_reason why = {""};
        w.settings.writer.aliases_count = 0;
        add_rule(rules[i][0], rules[i][1]);
        if (rules[i][2])
            add_rule(rules[i][2], rules[i][3]);
        assert_int_equal(sources_open(&w.settings, &w.sources, &why), ERR_INVALID);
        assert_non_null(strstr(why.text, "writer.aliases."));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_renamed_entity_keeps_its_series),
        TEST(what_is_retained_under_an_old_name_is_left_out),
        TEST(names_that_are_swapped_keep_their_series),
        TEST(a_new_entity_of_an_old_name_has_a_series_of_its_own),
        TEST(what_was_removed_leaves_its_series),
        TEST(rules_win_and_are_followed_to_their_beginning),
        TEST(what_is_no_rename_changes_nothing),
        TEST(the_layout_homeassistant_writes_the_name_of_the_house),
        TEST(so_many_are_known_and_no_more),
        TEST(names_are_taken_over_from_a_saved_state),
        TEST(wrong_rules_are_refused_with_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
