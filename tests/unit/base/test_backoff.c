/* Waits before the next attempt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backoff.h"

static void stays_within_its_bounds(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct backoff b = backoff_make(100, 3000, seed);
        for (uint32_t attempt = 1; attempt < 80; attempt++) {
            uint64_t limit = attempt < 5 ? 100u << attempt : 3000;
            assert_in_range(backoff_next_ms(&b), 100, limit);
        }
        backoff_reset(&b);
        assert_in_range(backoff_next_ms(&b), 100, 200);
    }
}

/* Even over the whole range: each tenth of it gets about a tenth of the draws. */
static void spreads_evenly(void **state)
{
    (void)state;
    unsigned tenths[10] = {0};
    struct backoff b = backoff_make(1000, 1999, 7);
    for (int i = 0; i < 100000; i++)
        tenths[(backoff_next_ms(&b) - 1000) / 100]++;
    for (int i = 0; i < 10; i++)
        assert_in_range(tenths[i], 9500, 10500);
}

static void takes_strange_bounds(void **state)
{
    (void)state;
    struct backoff none = backoff_make(0, 0, 1);
    assert_int_equal(backoff_next_ms(&none), 0);
    struct backoff crossed = backoff_make(500, 100, 1);
    assert_int_equal(backoff_next_ms(&crossed), 500);
    struct backoff widest = backoff_make(1, UINT32_MAX, 1);
    widest.attempt = UINT32_MAX;
    assert_in_range(backoff_next_ms(&widest), 1, UINT32_MAX);
    assert_int_equal(widest.attempt, UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_within_its_bounds),
        cmocka_unit_test(spreads_evenly),
        cmocka_unit_test(takes_strange_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
