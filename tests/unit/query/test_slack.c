/* Memory is given back once a burst, and only after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "query-service/slack.h"

static void a_burst_gives_its_memory_back_once_it_is_over(void **state)
{
    static const struct {
        unsigned pending;
        int64_t now_ms;
        bool gives;
    } turns[] = {
        {1, 5000, false},
        {0, 9000, false}, /* that was no burst */
        {SLACK_BURST, 10000, false},
        {3, 12000, false},
        {0, 12000 + SLACK_AFTER_MS - 1, false},
        {0, 12000 + SLACK_AFTER_MS, true},
        {0, 20000, false},
        {SLACK_BURST - 1, 30000, false},
        {0, 40000, false},
        {500, 50000, false},
        {1, 50000 + SLACK_AFTER_MS, false},
        {0, 50000 + 2 * SLACK_AFTER_MS, true},
    };
    struct slack slack = {0};
    (void)state;
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++)
        assert_int_equal(slack_turn(&slack, turns[i].pending, turns[i].now_ms), turns[i].gives);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_gives_its_memory_back_once_it_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
