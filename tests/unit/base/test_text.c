/* Texts: comparing, trimming, UTF-8, and numbers whatever the locale. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"

static void compares_and_trims(void **state)
{
    (void)state;
    assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
    assert_true(text_compare(TEXT("ab"), TEXT("a")) > 0);
    assert_true(text_compare(TEXT("\xFF"), TEXT("a")) > 0);
    assert_int_equal(text_compare((struct text){0}, TEXT("")), 0);
    assert_true(text_equal(text_trim(TEXT(" \t\r\na b\n")), TEXT("a b")));
    assert_int_equal(text_trim(TEXT(" \n ")).len, 0);
    assert_int_equal(text_trim((struct text){0}).len, 0);
    assert_true(text_equal(text_of(NULL), TEXT("")));
    assert_true(text_starts(TEXT("abc"), TEXT("ab")));
    assert_false(text_starts(TEXT("a"), TEXT("ab")));
}

static void knows_utf8(void **state)
{
    (void)state;
    static const struct text good[] = {
        {NULL, 0},
        {"plain text of more than eight bytes", 35},
        {"a\0b", 3},
        {"\x7F\xC2\x80\xDF\xBF", 5},
        {"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", 12},
        {"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 8},
        {"12345678\xC3\xA9", 10},
    };
    static const struct text bad[] = {
        {"\x80", 1},
        {"\xC0\x80", 2},
        {"\xC1\xBF", 2},
        {"\xC3", 1},
        {"\xC3\x28", 2},
        {"\xE0\x9F\xBF", 3},
        {"\xED\xA0\x80", 3},
        {"\xE2\x82", 2},
        {"\xE2\x28\xAC", 3},
        {"\xE2\x82\x28", 3},
        {"\xF0\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 4},
        {"\xF5\x80\x80\x80", 4},
        {"\xF0\x90\x80", 3},
        {"\xFF", 1},
        {"1234567\xFF", 8},
        {"12345678\xC3", 9},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!text_utf8_valid(good[i]))
            fail_msg("good %zu", i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (text_utf8_valid(bad[i]))
            fail_msg("bad %zu", i);
}

static void reads_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double number;
    } good[] = {
        {"0", 0},
        {"-0", -0.0},
        {"21.5", 21.5},
        {"+21.5", 21.5},
        {".5", .5},
        {"5.", 5},
        {"007", 7},
        {"1e3", 1e3},
        {"1E+3", 1e3},
        {"1e-3", 1e-3},
        {"123456789012345", 123456789012345},
        {"1234567890123456789", 1234567890123456789.0},
        {"0.1", 0.1},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"123456789012345e22", 123456789012345e22},
        {"0.30000000000000004", 0.30000000000000004},
        {"9007199254740993", 9007199254740992.0},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"5e-324", 5e-324},
        {"1e-99999999999999999999", 0},
        {"0e99999999999999999999", 0},
        {"0.000000000000000000000000000000000000001", 1e-39},
        {"100000000000000000000000000000000000000", 1e38},
    };
    static const char *const bad[] = {"",        "-",   "+",      ".",
                                      "e5",      "1e",  "1e+",    "1.5.2",
                                      "0x10",    "nan", "inf",    "1,5",
                                      " 1",      "1 ",  "--1",    "1e5.5",
                                      "1e400",   "1_0", "-1e999", "1e99999999999999999999",
                                      "Infinity"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double number = 77;
        if (!text_number(text_of(good[i].text), &number) || number != good[i].number ||
            signbit(number) != signbit(good[i].number))
            fail_msg("%s: %.17g", good[i].text, number);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double number = 77;
        if (text_number(text_of(bad[i]), &number) || number != 77)
            fail_msg("%s", bad[i]);
    }
    double number;
    assert_false(text_number((struct text){NULL, 0}, &number));
    assert_false(text_number((struct text){"1\0", 2}, &number));
    char digits[TEXT_NUMBER_MAX + 2];
    memset(digits, '0', sizeof digits);
    assert_true(text_number((struct text){digits, TEXT_NUMBER_MAX}, &number));
    assert_false(text_number((struct text){digits, TEXT_NUMBER_MAX + 1}, &number));
}

/* The fast way and the C library agree on every short decimal. */
static void agrees_with_the_library(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        char text[64];
        snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)(seed >> (i % 2 ? 44 : 28)),
                 (unsigned long long)(seed >> 20 & 0xFFFFFF), (int)(seed >> 8 & 63) - 32);
        double number;
        assert_true(text_number(text_of(text), &number));
        if (number != strtod(text, NULL))
            fail_msg("%s: %.17g", text, number);
    }
}

static void reads_integers(void **state)
{
    (void)state;
    long long integer = 0;
    assert_true(text_integer(TEXT("9223372036854775807"), &integer));
    assert_true(integer == LLONG_MAX);
    assert_true(text_integer(TEXT("-9223372036854775808"), &integer));
    assert_true(integer == LLONG_MIN);
    assert_true(text_integer(TEXT("+7"), &integer));
    assert_int_equal(integer, 7);
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      "1.0",
                                      "1e3",
                                      " 1",
                                      "1 ",
                                      "a",
                                      "0x1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (text_integer(text_of(bad[i]), &integer))
            fail_msg("%s", bad[i]);
    assert_int_equal(integer, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_and_trims), cmocka_unit_test(knows_utf8),
        cmocka_unit_test(reads_numbers),      cmocka_unit_test(agrees_with_the_library),
        cmocka_unit_test(reads_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
