#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "query-service/alerts/words.h"

static void numbers(void **state)
{
    static const struct {
        double value;
        unsigned decimals;
        double threshold;
        const char *words;
    } table[] = {
        {6.2, 1, 5, "6.2"},        {6.24, 1, 5, "6.2"},         {6.25000001, 1, 5, "6.3"},
        {5.02, 1, 5, "5.02"},      {5.0004, 1, 5, "5.0004"},    {5, 1, 5, "5"},
        {1500.4, 0, 1000, "1500"}, {1000.4, 0, 1000, "1000.4"}, {-3.25, 2, 0, "-3.25"},
        {1e300, 2, 0, "1e+300"},   {1e308, 2, 0, "1e+308"},     {0, 1, 1, "0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct buf out = {0};
        words_number(table[i].value, table[i].decimals, table[i].threshold, &out);
        assert_string_equal(buf_cstr(&out), table[i].words);
        buf_free(&out);
    }
}

static void spans(void **state)
{
    static const struct {
        double seconds;
        const char *words;
    } table[] = {{0, "0 s"},         {45.9, "45 s"},      {119, "119 s"}, {120, "2 min"},
                 {1500, "25 min"},   {7199, "119 min"},   {7200, "2 h"},  {172799, "47 h"},
                 {172800, "2 days"}, {2592000, "30 days"}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct buf out = {0};
        words_span(table[i].seconds, &out);
        assert_string_equal(buf_cstr(&out), table[i].words);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(spans)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
