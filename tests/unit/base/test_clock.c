/* The clocks and their written form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void writes_rfc3339(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1795168800000000000, "2026-11-20T10:00:00Z"},
        {1795168800120000000, "2026-11-20T10:00:00.120Z"},
        {1795168800000120000, "2026-11-20T10:00:00.000120Z"},
        {1795168800000000001, "2026-11-20T10:00:00.000000001Z"},
        {951782400000000000, "2000-02-29T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[CLOCK_RFC3339_SIZE];
        clock_format_rfc3339(cases[i].ns, text);
        assert_string_equal(text, cases[i].text);
    }
}

static int64_t fixed(void *ns)
{
    return *(int64_t *)ns;
}

static void reads_the_system_and_what_is_handed_in(void **state)
{
    (void)state;
    struct clock system = clock_system();
    int64_t real_s = clock_real_ns(&system) / CLOCK_NS_PER_S;
    assert_in_range(real_s, time(NULL) - 5, time(NULL) + 5);
    int64_t before = clock_monotonic_ms(&system);
    assert_true(clock_monotonic_ms(&system) >= before);
    int64_t ns = 5999999;
    struct clock own = {fixed, fixed, &ns};
    assert_int_equal(clock_real_ns(&own), 5999999);
    assert_int_equal(clock_monotonic_ms(&own), 5);
}

static void what_comes_again_and_again_comes_due(void **state)
{
    (void)state;
    int64_t due_ms = 100;
    assert_false(clock_due(&due_ms, 99, 50));
    assert_false(clock_due(&due_ms, 1000, 0));
    assert_int_equal(due_ms, 100);
    assert_true(clock_due(&due_ms, 120, 50));
    assert_false(clock_due(&due_ms, 169, 50));
    assert_true(clock_due(&due_ms, 170, 50));
    assert_int_equal(clock_sooner_ms(3, 7), 3);
    assert_int_equal(clock_sooner_ms(7, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_rfc3339),
        cmocka_unit_test(reads_the_system_and_what_is_handed_in),
        cmocka_unit_test(what_comes_again_and_again_comes_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
