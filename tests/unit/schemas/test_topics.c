/* What a topic is, what is named when it is nothing, and what is built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schemas/topics.h"

static const struct {
    const char *root, *topic;
    enum topic_kind kind;
    const char *name, *metric;
} topics[] = {
    {"hearthline", "hearthline/readings/kitchen-01", TOPIC_READING, "kitchen-01", ""},
    {"hearthline", "hearthline/readings/a/power", TOPIC_READING_VALUE, "a", "power"},
    {"hearthline", "hearthline/events/door bell", TOPIC_EVENT, "door bell", ""},
    {"hearthline", "hearthline/line", TOPIC_LINE, "", ""},
    {"hearthline", "hearthline/services/writer/status", TOPIC_STATUS, "writer", ""},
    {"hearthline", "hearthline/services/writer/metrics", TOPIC_METRICS, "writer", ""},
    {"hearthline", "hearthline/services/writer/marker", TOPIC_MARKER, "writer", ""},
    {"hearthline", "hearthline/services/writer/marker/probe/1", TOPIC_MARKER, "writer", ""},
    {"hearthline", "hearthline/request/stats", TOPIC_REQUEST, "stats", ""},
    {"hearthline", "hearthline/request/stats/services", TOPIC_REQUEST, "stats/services", ""},
    {"hearthline", "hearthline/response", TOPIC_RESPONSE, "", ""},
    {"hearthline", "hearthline/response/a/b/c", TOPIC_RESPONSE, "", ""},
    {"hearthline", "hearthline/alerts/active", TOPIC_ALERT, "", ""},
    {"hearthline", "hearthline/rejected/not_json", TOPIC_REJECTED, "not_json", ""},
    {"home/log", "home/log/readings/a", TOPIC_READING, "a", ""},
    {"home/log", "home/readings/a", TOPIC_FOREIGN, "", ""},
    {"hearthline", "", TOPIC_FOREIGN, "", ""},
    {"hearthline", "hearthlin", TOPIC_FOREIGN, "", ""},
    {"hearthline", "hearthlines/line", TOPIC_FOREIGN, "", ""},
    {"hearthline", "homeassistant/events", TOPIC_FOREIGN, "", ""},
    {"hearthline", "/hearthline/line", TOPIC_FOREIGN, "", ""},
    {"hearthline", "hearthline", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/readings", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/readings/", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/readings//power", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/readings/a/", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/readings/a/b/c", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/line/", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline//line", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/Readings/a", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/services/writer", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/services//status", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/services/writer/statuses", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/request", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/request/", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/rejected/a/b", TOPIC_UNKNOWN, "", ""},
};

static void each_topic_is_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        struct topic got = topic_parse(topics[i].root, text_of(topics[i].topic));
        if (got.kind != topics[i].kind || !text_equal(got.name, text_of(topics[i].name)) ||
            !text_equal(got.metric, text_of(topics[i].metric)))
            fail_msg("%s: kind %d, name \"%.*s\", metric \"%.*s\"", topics[i].topic, (int)got.kind,
                     TEXT_ARGS(got.name), TEXT_ARGS(got.metric));
    }
}

static void bytes_behind_the_topic_do_not_count(void **state)
{
    (void)state;
    assert_int_equal(topic_parse("hearthline", (struct text){"hearthline/lines", 15}).kind,
                     TOPIC_LINE);
    assert_int_equal(topic_parse("hearthline", TEXT("hearthline/line\0")).kind, TOPIC_UNKNOWN);
    assert_int_equal(topic_parse("hearthline", (struct text){NULL, 0}).kind, TOPIC_FOREIGN);
}

static void the_writer_journals_what_is_not_our_own_word(void **state)
{
    (void)state;
    const enum topic_kind input[] = {TOPIC_FOREIGN, TOPIC_READING, TOPIC_READING_VALUE, TOPIC_EVENT,
                                     TOPIC_LINE,    TOPIC_METRICS, TOPIC_UNKNOWN};
    const enum topic_kind own[] = {TOPIC_STATUS,   TOPIC_MARKER, TOPIC_REQUEST,
                                   TOPIC_RESPONSE, TOPIC_ALERT,  TOPIC_REJECTED};
    for (size_t i = 0; i < sizeof input / sizeof input[0]; i++)
        assert_true(topic_is_input(input[i]));
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        assert_false(topic_is_input(own[i]));
}

static const struct {
    const char *topic, *form;
} nearest[] = {
    {"hearthline/reading/kitchen", "hearthline/readings/<device>"},
    {"hearthline/readings", "hearthline/readings/<device>"},
    {"hearthline/Readings/a/power", "hearthline/readings/<device>/<metric>"},
    {"hearthline/readings/a/b/c", "hearthline/readings/<device>/<metric>"},
    {"hearthline/event/door", "hearthline/events/<source>"},
    {"hearthline/lines", "hearthline/line"},
    {"hearthline/services/writer/stats", "hearthline/services/<service>/status"},
    {"hearthline/service/a/metrics", "hearthline/services/<service>/metrics"},
    {"hearthline/requests/stats", "hearthline/request/<endpoint...>"},
};

static void the_nearest_form_is_named(void **state)
{
    (void)state;
    struct buf form = {0};
    for (size_t i = 0; i < sizeof nearest / sizeof nearest[0]; i++) {
        buf_reset(&form);
        topic_nearest("hearthline", text_of(nearest[i].topic), &form);
        assert_string_equal(buf_cstr(&form), nearest[i].form);
    }
    char slashes[4096] = "hearthline/";
    memset(slashes + 11, '/', sizeof slashes - 11);
    buf_reset(&form);
    topic_nearest("hearthline", (struct text){slashes, sizeof slashes}, &form);
    assert_true(text_starts(buf_view(&form), TEXT("hearthline/")));
    buf_free(&form);
}

static void what_is_built_is_read_again_and_levels_are_made_harmless(void **state)
{
    (void)state;
    static const struct {
        const char *(*build)(struct buf *b, const char *root, const char *level);
        enum topic_kind kind;
    } builders[] = {
        {topic_status, TOPIC_STATUS},
        {topic_metrics, TOPIC_METRICS},
        {topic_marker, TOPIC_MARKER},
        {topic_rejected, TOPIC_REJECTED},
    };
    struct buf b = {0};
    for (size_t i = 0; i < sizeof builders / sizeof builders[0]; i++) {
        buf_reset(&b);
        struct topic got = topic_parse("h/x", text_of(builders[i].build(&b, "h/x", "a/+#b")));
        assert_int_equal(got.kind, builders[i].kind);
        assert_true(text_equal(got.name, TEXT("a___b")));
    }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_topic_is_what_the_table_says),
        cmocka_unit_test(bytes_behind_the_topic_do_not_count),
        cmocka_unit_test(the_writer_journals_what_is_not_our_own_word),
        cmocka_unit_test(the_nearest_form_is_named),
        cmocka_unit_test(what_is_built_is_read_again_and_levels_are_made_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
