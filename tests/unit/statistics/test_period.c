#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "query-service/statistics/period.h"
#include "schemas/message_time.h"

static int64_t at(const char *time)
{
    int64_t ns;
    assert_int_equal(message_time_rfc3339(text_of(time), &ns, NULL), ERR_OK);
    return ns;
}

static struct period make(const char *name, const char *window, const char *end, const char *now)
{
    struct period period;
    struct err_reason why = {""};
    if (period_make(text_of(name), text_of(window), *end ? at(end) : 0, at(now), &period, &why))
        fail_msg("%s, window \"%s\": %s", name, window, why.text);
    return period;
}

#define assert_time(ns, due)                                                                       \
    do {                                                                                           \
        char got_[CLOCK_RFC3339_SIZE];                                                             \
        clock_format_rfc3339(ns, got_);                                                            \
        assert_string_equal(got_, due);                                                            \
    } while (0)

static void a_period_begins_and_ends_where_its_measurements_do(void **state)
{
    (void)state;
    static const struct {
        const char *name, *end, *now, *from, *to, *split;
        unsigned window_s, windows;
    } cases[] = {
        {"15m", "", "2026-03-01T12:03:27.5Z", "2026-03-01T11:48:20Z", "2026-03-01T12:03:20Z",
         "2026-03-01T11:48:20Z", 60, 16},
        {"", "", "2026-03-01T12:03:27Z", "2026-03-01T11:03:20Z", "2026-03-01T12:03:20Z",
         "2026-03-01T11:03:20Z", 300, 13},
        {"1h", "2026-03-01T11:00:00Z", "2026-03-01T12:03:27Z", "2026-03-01T10:00:00Z",
         "2026-03-01T11:00:00Z", "2026-03-01T10:00:00Z", 300, 12},
        {"6h", "", "2026-03-01T12:06:27Z", "2026-03-01T06:05:00Z", "2026-03-01T12:06:20Z",
         "2026-03-01T12:05:00Z", 900, 25},
        {"6h", "", "2026-03-01T12:05:27Z", "2026-03-01T06:05:00Z", "2026-03-01T12:05:20Z",
         "2026-03-01T12:00:00Z", 900, 25},
        {"24h", "2026-02-01T00:00:00Z", "2026-03-01T12:05:27Z", "2026-01-31T00:00:00Z",
         "2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z", 3600, 24},
        {"7d", "", "2026-03-01T12:00:00Z", "2026-02-22T12:00:00Z", "2026-03-01T12:00:00Z",
         "2026-03-01T11:55:00Z", 21600, 28},
        {"30d", "2026-03-01T00:00:00Z", "2026-03-01T12:00:00Z", "2026-01-30T00:00:00Z",
         "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", 86400, 30},
        {"90d", "2026-03-01T00:00:00Z", "2026-03-01T12:00:00Z", "2025-12-01T00:00:00Z",
         "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", 3 * 86400, 31},
        {"90m", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01T10:30:00Z",
         "2026-03-01T12:00:00Z", "2026-03-01T10:30:00Z", 300, 18},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct period p = make(cases[i].name, "", cases[i].end, cases[i].now);
        assert_time(p.from_ns, cases[i].from);
        assert_time(p.to_ns, cases[i].to);
        assert_time(p.split_ns, cases[i].split);
        assert_int_equal(p.window_ns, cases[i].window_s * CLOCK_NS_PER_S);
        assert_int_equal(period_windows(&p), cases[i].windows);
        assert_string_equal(p.name, cases[i].name[0] ? cases[i].name : "1h");
    }
}

static void a_day_is_24_hours_also_when_clocks_are_turned(void **state)
{
    (void)state;
    struct period p = make("24h", "", "2026-03-29T12:00:00+02:00", "2026-04-01T00:00:00Z");
    assert_time(p.from_ns, "2026-03-28T10:00:00Z"); /* 11:00 at the house */
    p = make("7d", "1d", "2026-03-30T00:00:00+02:00", "2026-04-01T00:00:00Z");
    assert_int_equal(period_windows(&p), 8); /* days of UTC: both ends are cut */
    assert_time(period_window_start(&p, 0), "2026-03-22T00:00:00Z");
}

static void windows_are_found_by_time(void **state)
{
    (void)state;
    struct period p = make("15m", "5m", "", "2026-03-01T12:03:27Z"); /* from 11:48:20 */
    assert_int_equal(period_windows(&p), 4);
    assert_time(period_window_start(&p, 0), "2026-03-01T11:45:00Z");
    assert_time(period_window_start(&p, 3), "2026-03-01T12:00:00Z");
    assert_int_equal(period_window_of(&p, at("2026-03-01T11:44:59.999Z")), 4);
    assert_int_equal(period_window_of(&p, at("2026-03-01T11:45:00Z")), 0);
    assert_int_equal(period_window_of(&p, at("2026-03-01T11:59:59.999999999Z")), 2);
    assert_int_equal(period_window_of(&p, at("2026-03-01T12:00:00Z")), 3);
    assert_int_equal(period_window_of(&p, at("2026-03-01T12:05:00Z")), 4);
    assert_int_equal(period_window_of(&p, INT64_MIN), 4);
    assert_int_equal(period_window_of(&p, INT64_MAX), 4);
}

static void what_is_no_period_is_refused_with_what_would_be_right(void **state)
{
    (void)state;
    static const struct {
        const char *name, *window, *end, *words;
    } cases[] = {
        {"1y", "", "", "m, h, d"},
        {"yesterday", "", "", "period \"yesterday\""},
        {"1h; DROP MEASUREMENT x --", "", "", "whole number"},
        {"-1h", "", "", "no span"},
        {"30s", "", "", "1m to 3660d"},
        {"3661d", "", "", "1m to 3660d"},
        {"000000000000000000000001h", "", "", "1m to 3660d"},
        {"1h", "2h", "", "longer than the period"},
        {"1h", "x", "", "window \"x\""},
        {"1h", "15s", "", "multiple of 10s"},
        {"6h", "1m", "", "multiple of 5m"},
        {"5h", "5s", "", "multiple of 10s"},
        {"30d", "5m", "", "at least 1500s"},
        {"1h", "", "2026-03-01T12:00:01Z", "future"},
        {"1h", "", "1970-01-01T00:30:00Z", "1970"},
        {"1h", "", "1677-10-01T00:00:00Z", "1970"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct period period = {.length_s = 7};
        struct err_reason why = {""};
        int64_t end = cases[i].end[0] ? at(cases[i].end) : 0;
        assert_int_equal(period_make(text_of(cases[i].name), text_of(cases[i].window), end,
                                     at("2026-03-01T12:00:00Z"), &period, &why),
                         ERR_INVALID);
        if (!strstr(why.text, cases[i].words))
            fail_msg("%s, %s: %s", cases[i].name, cases[i].window, why.text);
        assert_int_equal(period.length_s, 7);
    }
    struct period most = make("30d", "1500s", "", "2026-03-01T12:00:00Z");
    assert_true(period_windows(&most) <= PERIOD_WINDOWS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_period_begins_and_ends_where_its_measurements_do),
        cmocka_unit_test(a_day_is_24_hours_also_when_clocks_are_turned),
        cmocka_unit_test(windows_are_found_by_time),
        cmocka_unit_test(what_is_no_period_is_refused_with_what_would_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
