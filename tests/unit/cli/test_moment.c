/* The times that a person types, and spans in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/moment.h"

#define NOW (1795262400 * CLOCK_NS_PER_S) /* 2026-11-21T12:00:00Z */

static void times_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds; /* from NOW */
    } rows[] = {
        {"now", 0},
        {"-0s", 0},
        {"-90s", -90},
        {"-30m", -1800},
        {"-2h", -7200},
        {"-7d", -604800},
        {"-2w", -1209600},
        {"2026-11-21T12:00:01Z", 1},
        {"2026-11-21T13:00:00+01:00", 0},
        {"2026-11-21 11:59:00Z", -60},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ns = -1;
        assert_int_equal(moment_parse(text_of(rows[i].text), NOW, &ns, NULL), ERR_OK);
        assert_int_equal(ns, NOW + rows[i].seconds * CLOCK_NS_PER_S);
    }
}

static void what_is_no_time_is_refused_with_words(void **state)
{
    static const char *const rows[] = {
        "",
        "-",
        "2h",
        "-h",
        "--2h",
        "- 2h",
        "-2",
        "-2y",
        "Now",
        "-2.5h",
        "-+2h",
        "2026-11-21",
        "-h2",
        "-2hh",
        "never",
        "-99999999999h",
        "-9223372036854775807w",
        "2026-11-21T12:00:00",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ns = 42;
        struct err_reason why = {""};
        assert_int_equal(moment_parse(text_of(rows[i]), NOW, &ns, &why), ERR_INVALID);
        assert_int_equal(ns, 42);
        assert_non_null(strstr(why.text, "-2h"));
    }
}

static void spans_are_said_in_words(void **state)
{
    static const struct {
        int64_t ns;
        const char *words;
    } rows[] = {
        {0, "0 ms"},
        {850000000, "850 ms"},
        {12300000000, "12.3 s"},
        {300 * CLOCK_NS_PER_S, "5 min"},
        {3 * 3600 * CLOCK_NS_PER_S, "3.0 h"},
        {7 * 86400 * CLOCK_NS_PER_S, "7.0 days"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[MOMENT_SPAN_SIZE];
        moment_span(rows[i].ns, text);
        assert_string_equal(text, rows[i].words);
    }
    char text[MOMENT_SPAN_SIZE];
    moment_span(INT64_MAX, text);
    moment_span(INT64_MIN, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(what_is_no_time_is_refused_with_words),
        cmocka_unit_test(spans_are_said_in_words),
    };
    return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
