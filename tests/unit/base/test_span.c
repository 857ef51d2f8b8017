/* Spans of time: what is read, what is refused with which words, how they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/span.h"

static void reads_what_people_write(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"15m", 900},
        {"1h", 3600},
        {"6h", 21600},
        {"24h", 86400},
        {"7d", 604800},
        {"30d", 2592000},
        {"90s", 90},
        {"1s", 1},
        {"2w", 1209600},
        {"0010m", 600},
        {"100000h", 360000000},
        {"9223372036s", SPAN_MAX_S},
        {"106751d", INT64_C(9223286400)},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t seconds = -1;
        struct err_reason why = {""};
        enum err err = span_parse(text_of(good[i].text), &seconds, &why);
        if (err != ERR_OK || seconds != good[i].seconds)
            fail_msg("%s: %lld, %s", good[i].text, (long long)seconds, why.text);
    }
    int64_t seconds;
    assert_int_equal(span_parse((struct text){"5mile", 2}, &seconds, NULL), ERR_OK);
    assert_int_equal(seconds, 300);
}

static void refuses_with_words(void **state)
{
    (void)state;
    static const struct {
        struct text text;
        const char *words;
    } bad[] = {
        {{NULL, 0}, "no span"},
        {{"", 0}, "no span"},
        {{"15", 2}, "without a unit"},
        {{"0", 1}, "without a unit"},
        {{"m", 1}, "no span"},
        {{"0m", 2}, "no time at all"},
        {{"000w", 4}, "no time at all"},
        {{"-1h", 3}, "no span"},
        {{"+1h", 3}, "no span"},
        {{" 1h", 3}, "no span"},
        {{"1h ", 3}, "no span"},
        {{"1 h", 3}, "no span"},
        {{"1.5h", 4}, "no span"},
        {{"1e3s", 4}, "no span"},
        {{"0x1h", 4}, "no span"},
        {{"1h30m", 5}, "no span"},
        {{"1H", 2}, "no span"},
        {{"15M", 3}, "no span"},
        {{"1y", 2}, "no span"},
        {{"1mo", 3}, "no span"},
        {{"100ms", 5}, "no span"},
        {{"1\0m", 3}, "no span"},
        {{"\xD9\xA1m", 3}, "no span"}, /* another script's digit */
        {{"9223372037s", 11}, "longer than 292 years"},
        {{"106752d", 7}, "longer than 292 years"},
        {{"9223372036854775807s", 20}, "longer than 292 years"},
        {{"9223372036854775807w", 20}, "longer than 292 years"},
        {{"18446744073709551617s", 21}, "longer than 292 years"},
        {{"99999999999999999999999999999999999999999999999999d", 51}, "longer than 292 years"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t seconds = -7;
        struct err_reason why = {""};
        enum err err = span_parse(bad[i].text, &seconds, &why);
        if (err != ERR_INVALID || seconds != -7 || !strstr(why.text, bad[i].words) ||
            !strstr(why.text, "like 15m"))
            fail_msg("%zu: %s: %s", i, err_text(err), why.text);
    }
}

static void writes_the_largest_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "0s"},         {-5, "0s"},        {1, "1s"},
        {60, "1m"},        {90, "90s"},       {900, "15m"},
        {3600, "1h"},      {5400, "90m"},     {86400, "1d"},
        {90000, "25h"},    {604800, "7d"},    {2592000, "30d"},
        {86401, "86401s"}, {INT64_MIN, "0s"}, {INT64_MAX, "9223372036854775807s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[SPAN_TEXT_BYTES];
        span_format(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
        int64_t again = 0;
        if (cases[i].seconds > 0 && cases[i].seconds <= SPAN_MAX_S) {
            assert_int_equal(span_parse(text_of(text), &again, NULL), ERR_OK);
            assert_true(again == cases[i].seconds);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_people_write),
        cmocka_unit_test(refuses_with_words),
        cmocka_unit_test(writes_the_largest_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
