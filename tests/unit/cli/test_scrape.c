/* A metric is found in Prometheus text by its whole name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/scrape.h"

static const char page[] = "# HELP a_total words a 5\n"
                           "# TYPE a_total counter\n"
                           "a_total_more 1\n"
                           "a_total{reason=\"x\"} 2\n"
                           "a_total 3\n"
                           "large 1.8e+16\n"
                           "empty \n"
                           "word NaN\n"
                           "last 4";

static void values_are_found(void **state)
{
    static const struct {
        const char *name;
        double value;
    } rows[] = {{"a_total", 3}, {"a_total_more", 1}, {"large", 1.8e16}, {"last", 4}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double value = -1;
        assert_true(scrape_value(text_of(page), rows[i].name, &value));
        assert_true(value == rows[i].value);
    }
}

static void what_is_not_there_is_not_found(void **state)
{
    static const char *const rows[] = {"a", "total", "a_total_mor", "empty", "word", "nothing"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double value = -1;
        assert_false(scrape_value(text_of(page), rows[i], &value));
        assert_true(value == -1);
    }
    double value;
    assert_false(scrape_value((struct text){NULL, 0}, "a", &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found),
        cmocka_unit_test(what_is_not_there_is_not_found),
    };
    return cmocka_run_group_tests_name("scrape", tests, NULL, NULL);
}
