/* What a topic is, what is named when it is nothing, and what is built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/crc32c.h"
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
    {"hearthline", "hearthline/services/writer/live", TOPIC_LIVE, "writer", ""},
    {"hearthline", "hearthline/services/writer/marker", TOPIC_MARKER, "writer", ""},
    {"hearthline", "hearthline/services/writer/marker/probe/1", TOPIC_MARKER, "writer", ""},
    {"hearthline", "hearthline/request/stats", TOPIC_REQUEST, "stats", ""},
    {"hearthline", "hearthline/request/stats/services", TOPIC_REQUEST, "stats/services", ""},
    {"hearthline", "hearthline/response", TOPIC_RESPONSE, "", ""},
    {"hearthline", "hearthline/response/a/b/c", TOPIC_RESPONSE, "", ""},
    {"hearthline", "hearthline/alerts/active", TOPIC_ALERTS_ACTIVE, "", ""},
    {"hearthline", "hearthline/alerts/event", TOPIC_ALERTS_EVENT, "", ""},
    {"hearthline", "hearthline/alerts/silenced", TOPIC_ALERTS_SILENCED, "", ""},
    {"hearthline", "hearthline/alerts/writer/slow/-", TOPIC_ALERT, "writer", "slow"},
    {"hearthline", "hearthline/alerts/active/event/x", TOPIC_ALERT, "active", "event"},
    {"hearthline", "hearthline/rejected/not_json", TOPIC_REJECTED, "not_json", ""},
    {"hearthline", "hearthline/standing/day", TOPIC_STANDING, "", ""},
    {"hearthline", "hearthline/standing/wall/day", TOPIC_STANDING, "", ""},
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
    {"hearthline", "hearthline/alerts", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/alerts/writer", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/alerts/writer/slow", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/alerts/writer/slow/", TOPIC_UNKNOWN, "", ""},
    {"hearthline", "hearthline/alerts/writer/slow/a/b", TOPIC_UNKNOWN, "", ""},
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
    const enum topic_kind own[] = {TOPIC_STATUS,          TOPIC_MARKER,        TOPIC_REQUEST,
                                   TOPIC_RESPONSE,        TOPIC_ALERTS_ACTIVE, TOPIC_ALERTS_EVENT,
                                   TOPIC_ALERTS_SILENCED, TOPIC_ALERT,         TOPIC_STANDING,
                                   TOPIC_REJECTED,        TOPIC_LIVE};
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
        {topic_status, TOPIC_STATUS}, {topic_metrics, TOPIC_METRICS},   {topic_live, TOPIC_LIVE},
        {topic_marker, TOPIC_MARKER}, {topic_rejected, TOPIC_REJECTED},
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

static void an_endpoint_keeps_its_levels(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_string_equal(topic_request(&b, "h/x", "stats/services"), "h/x/request/stats/services");
    assert_true(text_equal(topic_parse("h/x", buf_view(&b)).name, TEXT("stats/services")));
    buf_reset(&b);
    assert_string_equal(topic_response(&b, "h", "a+/#"), "h/response/a_/_");
    assert_int_equal(topic_parse("h", buf_view(&b)).kind, TOPIC_RESPONSE);
    buf_free(&b);
}

static void the_topics_of_all_alerts_are_fixed(void **state)
{
    static const struct {
        const char *(*build)(struct buf *b, const char *root);
        enum topic_kind kind;
    } fixed[] = {
        {topic_alerts_active, TOPIC_ALERTS_ACTIVE},
        {topic_alerts_event, TOPIC_ALERTS_EVENT},
        {topic_alerts_silenced, TOPIC_ALERTS_SILENCED},
    };
    (void)state;
    struct buf b = {0};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        buf_reset(&b);
        assert_int_equal(topic_parse("h", text_of(fixed[i].build(&b, "h"))).kind, fixed[i].kind);
    }
    buf_free(&b);
}

#define A32  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A128 A32 A32 A32 A32
#define MARK "-XXXXXXXX" /* the digits are compared below */

static const struct {
    const char *subject, *level;
} alert_levels[] = {
    {"kitchen-01", "kitchen-01"},
    {"", "-"},
    {"K\xc3\xbc"
     "che $ x",
     "K\xc3\xbc"
     "che $ x"},
    {"door-1A2B3C4D", "door-1A2B3C4D"}, /* a mark has small letters */
    {A128, A128},
    {"a/b", "a_b" MARK},
    {"a+b", "a_b" MARK},
    {"a#b", "a_b" MARK},
    {"a\nb", "a_b" MARK},
    {"a\x7f", "a_" MARK},
    {"a\xc2\x85", "a__" MARK},
    {"a\xff", "a_" MARK},
    {"\xc3", "_" MARK},
    {"-", "-" MARK},
    {"a_b-0123abcd", "a_b-0123abcd" MARK},
    {"-0123abcd", "-0123abcd" MARK},
    {A128 "a", A128 MARK},
    {A32 A32 A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xbc",
     A32 A32 A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" MARK},
};

static void expect_level(struct text got, const char *subject, const char *want)
{
    char level[256], mark[16];
    size_t kept = strlen(want), marked = kept - strlen(MARK);
    snprintf(level, sizeof level, "%s", want);
    if (kept > strlen(MARK) && strcmp(want + marked, MARK) == 0) {
        snprintf(mark, sizeof mark, "-%08x", (unsigned)crc32c(0, subject, strlen(subject)));
        memcpy(level + marked, mark, strlen(MARK));
    }
    if (!text_equal(got, text_of(level)))
        fail_msg("\"%s\" became \"%.*s\", not \"%s\"", subject, TEXT_ARGS(got), level);
}

static void each_part_of_an_alert_has_one_harmless_level(void **state)
{
    (void)state;
    struct buf b = {0};
    for (size_t i = 0; i < sizeof alert_levels / sizeof alert_levels[0]; i++) {
        const char *subject = alert_levels[i].subject, *level = alert_levels[i].level;
        buf_reset(&b);
        struct topic got =
            topic_parse("h", text_of(topic_alert(&b, "h", subject, subject, subject)));
        assert_int_equal(got.kind, TOPIC_ALERT);
        expect_level(got.name, subject, level);
        expect_level(got.rule, subject, level);
        expect_level(got.subject, subject, level);
        assert_true(text_utf8_valid(buf_view(&b)));
    }
    buf_free(&b);
}

/* Also when one of them is named after what another one becomes, and one after that. */
static void two_subjects_never_share_a_topic(void **state)
{
    (void)state;
    static const char *const first[] = {"a/b", "a+b", "a_b", "a//b", "", "_", "/", "a"};
    enum { FIRST = sizeof first / sizeof first[0], ALL = FIRST * 3 };
    char subjects[ALL][64], levels[ALL][64];
    struct buf b = {0};
    for (size_t i = 0; i < ALL; i++) {
        const char *subject = i < FIRST ? first[i] : levels[i - FIRST];
        snprintf(subjects[i], sizeof subjects[i], "%s", subject);
        buf_reset(&b);
        struct topic got = topic_parse("h", text_of(topic_alert(&b, "h", "s", "r", subject)));
        snprintf(levels[i], sizeof levels[i], "%.*s", TEXT_ARGS(got.subject));
    }
    for (size_t i = 0; i < ALL; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(subjects[i], subjects[k]) != 0 && strcmp(levels[i], levels[k]) == 0)
                fail_msg("\"%s\" and \"%s\" are both %s", subjects[i], subjects[k], levels[i]);
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
        cmocka_unit_test(an_endpoint_keeps_its_levels),
        cmocka_unit_test(the_topics_of_all_alerts_are_fixed),
        cmocka_unit_test(each_part_of_an_alert_has_one_harmless_level),
        cmocka_unit_test(two_subjects_never_share_a_topic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
