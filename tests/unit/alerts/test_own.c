/* How many of a person's own rules can be asked; what they find is for tests/component/alerts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query-service/alerts/own.h"

static void more_rules_than_can_be_asked_are_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned means, increases, counts;
        enum err expected;
    } cases[] = {
        {0, 0, 0, ERR_OK},
        {OWN_STATEMENTS, 0, 0, ERR_OK},
        {OWN_STATEMENTS + 1, 0, 0, ERR_INVALID},
        {100, 30, 0, ERR_OK},
        {100, 31, 0, ERR_INVALID},
        {100, 15, 15, ERR_OK},
        {101, 15, 15, ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned count = cases[i].means + cases[i].increases + cases[i].counts;
        struct settings_alert_rule *rules = calloc(count + 1, sizeof *rules);
        for (unsigned k = 0; k < count; k++)
            rules[k].aggregate = k < cases[i].means ? SETTINGS_AGGREGATE_MEAN
                                 : k < cases[i].means + cases[i].increases
                                     ? SETTINGS_AGGREGATE_INCREASE
                                     : SETTINGS_AGGREGATE_COUNT;
        const struct settings_query_alerts settings = {.rules = rules, .rules_count = count};
        struct err_reason why = {""};
        assert_int_equal(own_check(&settings, &why), cases[i].expected);
        assert_true((cases[i].expected == ERR_OK) == (why.text[0] == '\0'));
        if (why.text[0])
            assert_non_null(strstr(why.text, "query.alerts.rules: "));
        free(rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(more_rules_than_can_be_asked_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
