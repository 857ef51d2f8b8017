/* What `hearthline watch` makes of what it hears, and what it shows of that: cut and never wrapped,
 * with nothing in it that could steer the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/watch_screen.h"

#define NOW_NS (INT64_C(1795168800) * CLOCK_NS_PER_S) /* 2026-11-20T10:00:00Z */

static struct watch_house *house;
static struct buf out;

static int open_one(void **state)
{
    (void)state;
    house = watch_house_new();
    return house ? 0 : -1;
}

static int close_one(void **state)
{
    (void)state;
    watch_house_free(house);
    buf_free(&out);
    out = (struct buf){0};
    return 0;
}

static void hear_at(const char *topic, const char *payload, bool retained, int64_t now_ns)
{
    char whole[512];
    snprintf(whole, sizeof whole, "hearthline/%s", topic);
    watch_house_hear(house, "hearthline", text_of(whole), text_of(payload), retained, now_ns);
}

static void hear(const char *topic, const char *payload)
{
    hear_at(topic, payload, false, NOW_NS);
}

static const char *show(struct watch_frame frame)
{
    frame.now_ns = frame.now_ns ? frame.now_ns : NOW_NS;
    frame.broker = frame.broker ? frame.broker : "mqtt://b:1883";
    buf_reset(&out);
    watch_screen(house, &frame, &out);
    assert_false(out.failed);
    return buf_cstr(&out);
}

static const struct watch_frame plain = {.connected = true};

static void says(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\" is not in:\n%s", words, text);
}

static void says_not(const char *text, const char *words)
{
    if (strstr(text, words))
        fail_msg("\"%s\" is in:\n%s", words, text);
}

static const char online[] = "{\"schema\":1,\"service\":\"writer\",\"state\":\"online\","
                             "\"instance\":\"a\",\"since\":\"2026-11-20T09:00:00Z\"}";
static const char offline[] = "{\"schema\":1,\"service\":\"writer\",\"state\":\"offline\","
                              "\"instance\":\"a\",\"since\":\"2026-11-20T09:00:00Z\"}";
static const char holding[] =
    "{\"schema\":1,\"service\":\"writer\",\"state\":\"holding\",\"instance\":\"a\","
    "\"since\":\"2026-11-20T09:00:00Z\",\"reason\":\"the journal is full\"}";
static const char metrics[] =
    "{\"schema\":1,\"service\":\"writer\",\"time\":\"2026-11-20T09:59:56Z\",\"interval_s\":10,"
    "\"events_processed\":240,\"events_total\":90210,\"lines_written\":480,"
    "\"processing_time_ms\":131.4,\"success_rate\":75,\"received\":90210,\"decoded\":90180,"
    "\"repeated\":12,\"ignored\":10,\"rejected\":3,\"dropped\":0,\"pending\":5,"
    "\"points_made\":180420,\"points_stored\":180390,\"points_merged\":20,\"points_rejected\":1,"
    "\"points_dropped\":0,\"points_pending\":9,\"journal_bytes\":4096,"
    "\"journal_max_bytes\":1073741824,\"journal_oldest_s\":0.25}";
static const char active[] =
    "{\"schema\":1,\"timestamp\":\"2026-11-20T10:00:00Z\",\"count\":2,\"firing\":1,"
    "\"acknowledged\":1,\"alerts\":["
    "{\"schema\":1,\"service\":\"writer\",\"rule\":\"influxdb_away\",\"subject\":\"\","
    "\"state\":\"firing\",\"level\":\"error\",\"message\":\"InfluxDB does not answer\","
    "\"timestamp\":\"2026-11-20T09:57:00Z\",\"since\":\"2026-11-20T09:55:00Z\",\"value\":null},"
    "{\"schema\":1,\"service\":\"system\",\"rule\":\"device_silent\",\"subject\":\"kitchen-01\","
    "\"state\":\"acknowledged\",\"level\":\"warning\",\"message\":\"kitchen-01 is silent\","
    "\"timestamp\":\"2026-11-20T09:50:00Z\",\"value\":1500,\"silenced\":true}]}";
static const char answer[] =
    "{\"schema\":1,\"timestamp\":\"2026-11-20T10:00:00Z\",\"period\":\"1h\","
    "\"source\":\"influxdb\",\"age_s\":4.25,\"metrics\":{\"total_events\":7214,"
    "\"events_per_minute\":120.23,\"error_rate_percent\":0.14,\"services\":{}}}";

static void a_house_is_shown_whole(void **state)
{
    (void)state;
    hear("services/writer/status", online);
    hear("services/writer/metrics", metrics);
    hear("alerts/active", active);
    watch_house_answer(house, text_of(answer), NOW_NS - 3 * CLOCK_NS_PER_S);
    assert_string_equal(
        show(plain),
        "Hearthline  2026-11-20T10:00:00Z  mqtt://b:1883\n"
        "\n"
        "SERVICE  STATE    EVENTS/S    PROCESSED   SUCCESS  PROCESSING  LAST SEEN  \n"
        "writer   online       24.0        90210    75.0 %      131 ms       0 ms  \n"
        "\n"
        "Rates     24.0 messages/s, 48.0 points/s\n"
        "Journal   4.0 KiB of 1.0 GiB wait, the oldest for 250 ms\n"
        "Ledger    messages balance: 90210, of them 5 pending, 3 rejected, 0 dropped\n"
        "          points balance: 180420, of them 9 pending, 1 rejected, 0 dropped\n"
        "Stats     influxdb, 7.2 s old, told 3.0 s ago; 1h: 7214 events, 120.2/min, errors 0.14 %\n"
        "Alerts    1 firing, 1 acknowledged\n"
        "  error         5 min  writer/influxdb_away  InfluxDB does not answer\n"
        "  warning      10 min  system/device_silent/kitchen-01  (acknowledged) (silenced) "
        "kitchen-01 is silent\n");
}

static void what_is_not_known_is_not_invented(void **state)
{
    (void)state;
    const char *text = show(plain);
    says(text, "no service has said anything");
    says(text, "Rates     - messages/s, - points/s");
    says(text, "Stats     not asked yet");
    says(text, "Alerts    not known");
    says_not(text, "Journal");
    hear("services/backup/metrics",
         "{\"schema\":1,\"service\":\"backup\",\"time\":\"2026-11-20T10:00:00Z\"}");
    says(show(plain), "backup   unknown         -            -         -           -");
    hear("services/writer/metrics", "{\"schema\":1,\"service\":\"writer\",\"received\":3,"
                                    "\"time\":\"2026-11-20T10:00:00Z\"}");
    text = show(plain);
    says(text, "Journal   - of - wait, the oldest for -");
    says(text, "Ledger    messages are not told in full\n");
    hear("alerts/active", "{\"schema\":1,\"count\":0,\"alerts\":[]}");
    says(show(plain), "Alerts    none");
}

static void what_is_old_says_so_and_counts_in_no_sum(void **state)
{
    (void)state;
    hear_at("services/writer/metrics", metrics, true, NOW_NS);
    struct watch_frame frame = plain;
    frame.now_ns = NOW_NS + 20 * CLOCK_NS_PER_S;
    says(show(frame), "24.0 messages/s");
    says(show(frame), "24.0 s  \n"); /* from its own time: the broker kept it */
    frame.now_ns = NOW_NS + 40 * CLOCK_NS_PER_S;
    says(show(frame), "Rates     - messages/s, - points/s");
    says(show(frame), "44.0 s  \n");
    frame.now_ns = NOW_NS + CLOCK_NS_PER_S;
    says(show(frame), "24.0 messages/s");
    hear("services/writer/status", offline);
    says(show(frame), "Rates     - messages/s, - points/s");
    hear("services/writer/status", holding);
    says(show(frame), "  writer is holding: the journal is full\n");
}

static void a_ledger_that_differs_is_said(void **state)
{
    char wrong[sizeof metrics];
    (void)state;
    memcpy(wrong, metrics, sizeof wrong);
    memcpy(strstr(wrong, "\"points_stored\":180390"), "\"points_stored\":180400", 22);
    hear("services/writer/metrics", wrong);
    says(show(plain), "points differ by -10: 180420");
    says(show(plain), "messages balance");
}

static void two_writers_are_told_apart(void **state)
{
    (void)state;
    hear("services/writer/metrics", metrics);
    hear("services/attic/metrics", metrics);
    const char *text = show(plain);
    says(text, "Rates     48.0 messages/s, 96.0 points/s");
    says(text, "Journal   attic: 4.0 KiB");
    says(text, "Journal   writer: 4.0 KiB");
    says(text, "Ledger    attic: messages balance");
    assert_true(strstr(text, "\nattic ") < strstr(text, "\nwriter "));
}

static void what_is_taken_back_is_gone(void **state)
{
    (void)state;
    hear("services/writer/status", online);
    hear("services/writer/metrics", metrics);
    hear("services/writer/metrics", "");
    says(show(plain), "writer   online          -");
    hear("services/writer/status", "");
    says(show(plain), "no service has said anything");
    hear("alerts/active", active);
    hear("alerts/active", "");
    says(show(plain), "Alerts    not known");
}

static void a_broker_that_is_away_is_said_with_the_age_of_what_is_shown(void **state)
{
    struct watch_frame frame = {.broker_error = "connection refused",
                                .now_ns = NOW_NS + 34 * CLOCK_NS_PER_S};
    (void)state;
    says(show((struct watch_frame){.connected = false}), "\nConnecting to it\n");
    says(show(frame), "The broker is away; nothing was heard yet: connection refused\n");
    hear("services/writer/status", online);
    says(show(frame),
         "The broker is away; all this was heard up to 34.0 s ago: connection refused");
}

static void an_answer_that_fails_leaves_the_last_one_with_its_age(void **state)
{
    static const char busy[] =
        "{\"schema\":1,\"error\":{\"code\":\"busy\",\"message\":\"too much is asked\"}}";
    struct watch_frame frame = plain;
    (void)state;
    watch_house_no_answer(house, "the service is offline");
    says(show(plain), "Stats     no answer: the service is offline\nAlerts");
    watch_house_answer(house, text_of(answer), NOW_NS);
    says_not(show(plain), "no answer");
    watch_house_answer(house, text_of(busy), NOW_NS);
    frame.now_ns = NOW_NS + 60 * CLOCK_NS_PER_S;
    says(show(frame), "Stats     no answer: too much is asked\n"
                      "          influxdb, 64.2 s old, told 60.0 s ago; 1h: 7214 events");
    watch_house_answer(house, TEXT("not JSON"), NOW_NS);
    says(show(plain), "an answer came that is not JSON");
    watch_house_answer(house, TEXT("{}"), NOW_NS);
    says(show(plain), "an answer came that is none of stats");
    watch_house_answer(house,
                       TEXT("{\"source\":\"services-fallback\",\"period\":\"1h\",\"age_s\":null,"
                            "\"metrics\":{\"total_events\":null}}"),
                       NOW_NS);
    says(show(plain), "services-fallback, told 0 ms ago; 1h: - events, -/min, errors -");
}

/* --- what strangers send ----------------------------------------------------------- */

static void nothing_that_steers_a_terminal_gets_through(void **state)
{
    static const char evil[] =
        "{\"schema\":1,\"timestamp\":\"2026-11-20T10:00:00Z\",\"count\":1,\"firing\":1,"
        "\"alerts\":[{\"schema\":1,\"service\":\"\\u001b[2J\",\"rule\":\"r\\r\\n\","
        "\"subject\":\"\\u009b31m\\u007f\",\"state\":\"firing\",\"level\":\"error\","
        "\"message\":\"\\u001b]0;owned\\u0007\",\"timestamp\":\"2026-11-20T09:57:00Z\"}]}";
    (void)state;
    hear("services/\033[31mred/status", online);
    hear("services/writer/status",
         "{\"schema\":1,\"service\":\"writer\",\"state\":\"holding\",\"instance\":\"a\","
         "\"since\":\"2026-11-20T09:00:00Z\",\"reason\":\"\\u001b[2J\"}");
    hear("alerts/active", evil);
    watch_house_no_answer(house, "\033c");
    struct watch_frame frame = plain;
    frame.broker = "mqtt://\033[31m";
    frame.columns = 200;
    const char *text = show(frame);
    says(text, "\\x1b[31mred");
    says(text, "is holding: \\x1b[2J");
    for (const char *at = text; *at; at++)
        if (((unsigned char)*at < 0x20 && *at != '\n') || *at == 0x7f ||
            ((unsigned char)*at == 0xc2 && (unsigned char)at[1] < 0xa0))
            fail_msg("byte %02x in:\n%s", (unsigned char)*at, text);
}

static void what_cannot_be_read_changes_nothing(void **state)
{
    static const char *const payloads[] = {"x", "{}", "[]", "7", "{\"schema\":2}", "\x81"};
    static const char *const topics[] = {"services/writer/status",
                                         "services/writer/metrics",
                                         "alerts/active",
                                         "services/writer/marker",
                                         "line",
                                         ""};
    (void)state;
    hear("services/writer/status", online);
    hear("services/writer/metrics", metrics);
    hear("alerts/active", active);
    char *before = strdup(show(plain));
    for (size_t t = 0; t < sizeof topics / sizeof *topics; t++)
        for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++)
            hear(topics[t], payloads[i]);
    assert_string_equal(show(plain), before);
    free(before);
}

static void figures_without_sense_are_shown_and_harm_nothing(void **state)
{
    (void)state;
    hear_at("services/writer/metrics",
            "{\"schema\":1,\"service\":\"writer\",\"time\":\"1677-09-21T00:12:44Z\","
            "\"interval_s\":0,\"events_processed\":5,\"journal_oldest_s\":1e300,\"received\":"
            "9223372036854775807,\"decoded\":0,\"repeated\":0,\"ignored\":0,\"rejected\":0,"
            "\"dropped\":0,\"pending\":0,\"processing_time_ms\":1e300}",
            true, NOW_NS);
    const char *text = show(plain);
    says(text, "messages differ by 9223372036854775807");
    says(text, "days");
    hear_at("services/writer/status", online, true, NOW_NS);
    watch_house_answer(house,
                       TEXT("{\"source\":\"influxdb\",\"age_s\":1e300,\"metrics\":"
                            "{\"total_events\":1e300,\"error_rate_percent\":-1e300}}"),
                       NOW_NS + CLOCK_NS_PER_S);
    says(show(plain), "Stats     influxdb, ");
}

static void there_are_never_more_services_and_alerts_than_there_is_room_for(void **state)
{
    char topic[128];
    struct buf list = {0};
    (void)state;
    for (int i = 0; i < 2 * WATCH_SERVICES_MAX; i++) {
        snprintf(topic, sizeof topic, "services/s%03d/status", 999 - i);
        hear(topic, online);
    }
    assert_int_equal(house->service_count, WATCH_SERVICES_MAX);
    says(show(plain), "  and more\n");
    buf_string(&list, "{\"count\":1000,\"firing\":1000,\"alerts\":[");
    const char *one = strstr(active, "{\"schema\":1,\"service\":\"writer\"");
    for (int i = 0; i < 1000; i++) {
        buf_string(&list, i ? "," : "");
        buf_append(&list, one, (size_t)(strstr(one, "},") - one) + 1);
    }
    buf_string(&list, "]}");
    hear("alerts/active", buf_cstr(&list));
    assert_int_equal(house->alerts.listed, WATCH_ALERTS_MAX);
    says(show(plain), "  and 872 more\n");
    buf_free(&list);
}

/* --- the frame --------------------------------------------------------------------- */

/* Many services and alerts, with long names of characters of several bytes. */
static void fill(int services)
{
    char topic[256];
    for (int i = 0; i < services; i++) {
        snprintf(topic, sizeof topic, "services/schlafzimmer-größe-%03d/status", i);
        hear(topic, i == 1 ? holding : online);
        snprintf(topic, sizeof topic, "services/schlafzimmer-größe-%03d/metrics", i);
        hear(topic, "{\"schema\":1,\"service\":\"x\",\"time\":\"2026-11-20T10:00:00Z\"}");
    }
    hear("services/writer/metrics", metrics);
    hear("alerts/active", active);
    watch_house_answer(house, text_of(answer), NOW_NS);
}

/* Counts the lines, and fails when one has more columns; what paints takes none. */
static unsigned lines_within(const char *text, unsigned columns)
{
    unsigned lines = 1, column = 0;
    for (const char *at = text; *at; at++) {
        if (*at == '\033') {
            at += strcspn(at, "mHJK");
        } else if (*at == '\n') {
            lines++;
            column = 0;
        } else if (*at != '\r' && ((unsigned char)*at & 0xc0) != 0x80 && ++column > columns) {
            fail_msg("a line has more than %u columns:\n%s", columns, text);
        }
    }
    assert_true(text_utf8_valid(text_of(text)));
    return lines;
}

static void it_is_cut_at_the_frame(void **state)
{
    static const unsigned sizes[][2] = {{80, 24}, {80, 25}, {200, 60}, {40, 10}, {20, 3}, {1, 1}};
    (void)state;
    for (int services = 0; services <= 64; services += 16) {
        fill(services);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (int painted = 0; painted < 2; painted++) {
                struct watch_frame frame = {.columns = sizes[i][0],
                                            .rows = sizes[i][1],
                                            .drawn = true,
                                            .painted = painted,
                                            .connected = services % 32 == 0,
                                            .hint = "q ends it"};
                assert_in_range(lines_within(show(frame), sizes[i][0]), 1, sizes[i][1]);
            }
    }
}

/* 80 by 24 is the smallest that shows something of everything. */
static void a_small_terminal_shows_the_most_of_all(void **state)
{
    const struct watch_frame frame = {
        .columns = 80, .rows = 24, .drawn = true, .connected = true, .hint = "q ends it"};
    (void)state;
    fill(30);
    const char *text = show(frame);
    says(text, "schlafzimmer-gr  online");
    says(text, " more");
    says(text, "Journal");
    says(text, "Stats");
    says(text, "influxdb_away");
    says(text, "q ends it");
}

static void a_drawn_line_is_cleared_before_it_is_written(void **state)
{
    const struct watch_frame drawn = {.columns = 80, .rows = 60, .drawn = true, .connected = true};
    (void)state;
    const char *text = show(drawn);
    assert_int_equal(strncmp(text, "\033[H\033[KHearthline", 16), 0);
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        assert_int_equal(strncmp(at - 1, "\r\n\033[K", 5), 0);
    assert_string_equal(text + strlen(text) - 3, "\033[J");
}

static void colours_come_only_where_they_are_wanted(void **state)
{
    struct watch_frame frame = plain;
    (void)state;
    fill(2);
    assert_null(strchr(show(frame), '\033'));
    frame.painted = true;
    says(show(frame), "\033[32monline\033[0m");
    says(show(frame), "\033[31m75.0 %\033[0m");
    says(show(frame), "\033[31merror\033[0m");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_one, close_one)
    const struct CMUnitTest tests[] = {
        TEST(a_house_is_shown_whole),
        TEST(what_is_not_known_is_not_invented),
        TEST(what_is_old_says_so_and_counts_in_no_sum),
        TEST(a_ledger_that_differs_is_said),
        TEST(two_writers_are_told_apart),
        TEST(what_is_taken_back_is_gone),
        TEST(a_broker_that_is_away_is_said_with_the_age_of_what_is_shown),
        TEST(an_answer_that_fails_leaves_the_last_one_with_its_age),
        TEST(nothing_that_steers_a_terminal_gets_through),
        TEST(what_cannot_be_read_changes_nothing),
        TEST(figures_without_sense_are_shown_and_harm_nothing),
        TEST(there_are_never_more_services_and_alerts_than_there_is_room_for),
        TEST(it_is_cut_at_the_frame),
        TEST(a_small_terminal_shows_the_most_of_all),
        TEST(a_drawn_line_is_cleared_before_it_is_written),
        TEST(colours_come_only_where_they_are_wanted),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
