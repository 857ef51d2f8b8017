#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "writer/state_pace.h"

#define START_MS 1000000

static const struct {
    const char *what;
    int64_t cost_ms;
    uint64_t records, segments;
    int64_t after_ms;
    bool due;
} cases[] = {
    {"nothing new", 1, 0, 0, 100000, false},
    {"a record, soon", 1, 1, 0, 999, false},
    {"a record, a second later", 1, 1, 0, 1000, true},
    {"many records, soon", 1, 20000, 0, 100, true},
    {"many records, too soon for what it costs", 2, 20000, 0, 199, false},
    {"a second, too soon for what it costs", 40, 100, 0, 3999, false},
    {"a hundred times the cost", 40, 100, 0, 4000, true},
    {"the longest pause", 5000, 100, 0, 29999, false},
    {"not more than the longest pause", 5000, 100, 0, 30000, true},
    {"one segment", 5000, 100, 1, 10, false},
    {"two segments", 5000, 100, 2, 10, true},
};

static void when_it_is_due(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct state_pace pace = {0};
        struct journal_position at = {5, 64, 1000};
        assert_true(state_pace_due(&pace, at, START_MS));
        state_pace_taken(&pace, at, START_MS);
        state_pace_cost(&pace, cases[i].cost_ms * CLOCK_NS_PER_MS - 1000);
        state_pace_cost(&pace, 1000);
        at.number += cases[i].records;
        at.segment += cases[i].segments;
        if (state_pace_due(&pace, at, START_MS + cases[i].after_ms) != cases[i].due)
            fail_msg("%s: %s", cases[i].what, cases[i].due ? "not due" : "due");
    }
}

static void the_cost_of_the_last_alone_counts(void **state)
{
    struct state_pace pace = {0};
    (void)state;
    state_pace_taken(&pace, (struct journal_position){1, 64, 10}, START_MS);
    state_pace_cost(&pace, 100 * CLOCK_NS_PER_MS);
    state_pace_taken(&pace, (struct journal_position){1, 99, 20}, START_MS);
    state_pace_cost(&pace, 1);
    assert_true(state_pace_due(&pace, (struct journal_position){1, 99, 21}, START_MS + 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(when_it_is_due),
        cmocka_unit_test(the_cost_of_the_last_alone_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
