/* Windows of a history: which length follows from what is asked, and where they begin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "query-service/endpoints/history_windows.h"

#define T   1711843200LL /* 2024-03-31 00:00 UTC, a Sunday */
#define DAY 86400LL

struct asked {
    const char *period, *window, *zone;
    unsigned points; /* 0: left out */
};

static enum err make(const struct asked *asked, int64_t now_s, struct history_windows *ret,
                     struct err_reason *why)
{
    struct request request = {.period = text_of(asked->period),
                              .window = text_of(asked->window),
                              .time_zone = text_of(asked->zone)};
    if (asked->points)
        request.points = fields_unsigned(asked->points);
    return history_windows_make(&request, now_s * CLOCK_NS_PER_S, ret, why);
}

/* However the period lies, the rows are never more than were wanted, and the next shorter rung
 * would give more. */
static void test_ladder(void **state)
{
    static const struct {
        struct asked asked;
        int64_t length_s;
    } cases[] = {
        {{"1m", NULL, NULL, 0}, 1},
        {{"5m", NULL, NULL, 0}, 1},
        {{"15m", NULL, NULL, 0}, 5},
        {{"1h", NULL, NULL, 0}, 30},
        {{"6h", NULL, NULL, 0}, 120},
        {{"24h", NULL, NULL, 0}, 300},
        {{NULL, NULL, NULL, 0}, 300},
        {{"7d", NULL, NULL, 0}, 3600},
        {{"30d", NULL, NULL, 0}, 10800},
        {{"365d", NULL, NULL, 0}, 7 * DAY},
        {{"3650d", NULL, NULL, 0}, 14 * DAY},
        {{"3660d", NULL, NULL, 2000}, 7 * DAY},
        {{"24h", NULL, NULL, 24}, 3600},
        {{"24h", NULL, NULL, 23}, 7200},
        {{"24h", NULL, NULL, 1440}, 60},
        {{"24h", NULL, NULL, 2000}, 60},
        {{"24h", NULL, NULL, 1}, DAY},
        {{"7d", NULL, NULL, 7}, DAY},
        {{"7d", NULL, NULL, 6}, 7 * DAY},
        {{"7d", NULL, NULL, 1}, 7 * DAY},
        {{"200d", NULL, NULL, 2}, 112 * DAY},
        {{"100s", NULL, NULL, 1}, 100},
        {{"30d", NULL, "Europe/Berlin", 31}, DAY},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err_reason why = {""};
        struct history_windows w;
        if (make(&cases[i].asked, T, &w, &why) != ERR_OK)
            fail_msg("case %zu: %s", i, why.text);
        if (w.length_s != cases[i].length_s)
            fail_msg("case %zu: %lld s", i, (long long)w.length_s);
        assert_true(w.count <= (cases[i].asked.points ? cases[i].asked.points : HISTORY_POINTS));
        history_windows_free(&w);
    }
}

/* Windows follow each other without a hole, cover the period, and the first and last touch it. */
static void test_cover(void **state)
{
    static const char *const zones[] = {"",
                                        "Europe/Berlin",
                                        "America/New_York",
                                        "Pacific/Apia",
                                        "Australia/Lord_Howe",
                                        "America/Sao_Paulo"};
    static const char *const windows[] = {"1s", "7s", "5m", "6h", "1d", "3d", "1w", "2w", NULL};
    (void)state;
    for (size_t z = 0; z < sizeof zones / sizeof zones[0]; z++) {
        for (size_t k = 0; k < sizeof windows / sizeof windows[0]; k++) {
            struct asked asked = {k < 2 ? "30m" : k < 3 ? "5d" : "100d", windows[k], zones[z], 0};
            struct err_reason why = {""};
            struct history_windows w;
            if (make(&asked, 1325376000 + 12345, &w, &why) != ERR_OK)
                fail_msg("%s %s: %s", zones[z], windows[k], why.text);
            assert_true(w.starts_ms[0] <= w.from_ms && w.starts_ms[1] > w.from_ms);
            assert_true(w.starts_ms[w.count] >= w.to_ms && w.starts_ms[w.count - 1] < w.to_ms);
            for (unsigned i = 0; i < w.count; i++) {
                assert_true(w.starts_ms[i] < w.starts_ms[i + 1]);
                assert_int_equal(history_windows_of(&w, w.starts_ms[i]), i);
                assert_int_equal(history_windows_of(&w, w.starts_ms[i] + 1), w.count);
            }
            history_windows_free(&w);
        }
    }
}

/* Runs end where a day has another length. */
static void test_runs(void **state)
{
    struct asked asked = {"10d", "1d", "Europe/Berlin", 0};
    struct history_windows w;
    (void)state;
    assert_int_equal(make(&asked, T + 6 * DAY - 7200, &w, NULL), ERR_OK);
    /* from 26 March 23:00 to midnight of 6 April */
    assert_int_equal(w.count, 11);
    assert_int_equal(history_windows_run(&w, 0), 5);
    assert_int_equal(history_windows_run(&w, 5), 6);
    assert_int_equal(w.starts_ms[6] - w.starts_ms[5], 23 * 3600000);
    assert_int_equal(history_windows_run(&w, 6), 11);
    history_windows_free(&w);
}

static void test_refused(void **state)
{
    static const struct {
        struct asked asked;
        const char *words;
    } cases[] = {
        {{"1h", "2h", NULL, 0}, "right would be at most 1h"},
        {{"7d", "36h", NULL, 0}, "whole days, such as 2d"},
        {{"1h", "1s", NULL, 0}, "more than 2000 rows"},
        {{"1h", "1m", NULL, 59}, "more than 59 rows"},
        {{"1h", "0s", NULL, 0}, "window"},
        {{"1h", "1.5m", NULL, 0}, "window"},
        {{"1h", "-1m", NULL, 0}, "window"},
        {{"1h", "99999999999999999999s", NULL, 0}, "window"},
        {{"1h", NULL, "Europe/Berli", 0}, "time_zone"},
        {{"1y", NULL, NULL, 0}, "period"},
        {{"3661d", NULL, NULL, 0}, "period"},
        {{"1h", NULL, NULL, 2001}, "points: right would be 1 to 2000"},
        {{"3660d", "1d", NULL, 0}, "more than 2000 rows"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err_reason why = {""};
        struct history_windows w = {0};
        assert_int_equal(make(&cases[i].asked, T, &w, &why), ERR_INVALID);
        if (!strstr(why.text, cases[i].words))
            fail_msg("case %zu: %s", i, why.text);
        assert_null(w.starts_ms);
    }
}

static void test_end(void **state)
{
    struct request request = {.period = TEXT("15m"), .end_ns = (T - 3600) * CLOCK_NS_PER_S};
    struct history_windows w = {0};
    struct err_reason why = {""};
    (void)state;
    assert_int_equal(history_windows_make(&request, T * CLOCK_NS_PER_S, &w, NULL), ERR_OK);
    assert_int_equal(w.to_ms, (T - 3600) * 1000);
    assert_int_equal(w.from_ms, (T - 3600 - 900) * 1000);
    assert_string_equal(w.period, "15m");
    history_windows_free(&w);
    request.end_ns = (T + 1) * CLOCK_NS_PER_S;
    assert_int_equal(history_windows_make(&request, T * CLOCK_NS_PER_S, &w, &why), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ladder),  cmocka_unit_test(test_cover), cmocka_unit_test(test_runs),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
