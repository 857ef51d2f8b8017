#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "writer/flood.h"

static const struct source attic = {.filter = "a/#", .max_series = 3};
static const struct source barn = {.filter = "b/#", .max_series = 3};

static struct fold_reject of(enum reject reason, const struct source *source)
{
    return (struct fold_reject){.reason = reason, .source = source};
}

static void few_a_minute_are_shown_and_all_of_other_reasons(void **state)
{
    struct flood flood = {0};
    struct fold_reject series = of(REJECT_TOO_MANY_SERIES, &attic);
    struct fold_reject other = of(REJECT_NOT_JSON, &attic);
    unsigned shown = 0, others = 0;
    (void)state;
    for (int64_t ms = 5000; ms < 5000 + 3 * FLOOD_MINUTE_MS; ms += 10) {
        shown += flood_shows(&flood, &series, ms);
        others += flood_shows(&flood, &other, ms);
    }
    assert_int_equal(shown, 3 * FLOOD_SHOWN);
    assert_int_equal(others, 3 * FLOOD_MINUTE_MS / 10);
    flood_free(&flood);
}

static void it_begins_once_a_source_and_bound(void **state)
{
    struct flood flood = {0};
    struct source raised = attic;
    raised.max_series = 4;
    const struct fold_reject rejects[] = {
        of(REJECT_TOO_MANY_SERIES, &attic), of(REJECT_TOO_MANY_SERIES, &barn),
        of(REJECT_TOO_MANY_SERIES, &raised), of(REJECT_NOT_JSON, &attic),
        of(REJECT_TOO_MANY_SERIES, NULL)};
    const bool begins[] = {true, true, true, false, false};
    (void)state;
    for (size_t i = 0; i < sizeof begins; i++)
        assert_int_equal(flood_begins(&flood, &rejects[i]), begins[i]);
    for (size_t i = 0; i < sizeof begins; i++)
        assert_false(flood_begins(&flood, &rejects[i]));
    flood_free(&flood);
}

static void the_last_one_is_known(void **state)
{
    struct flood flood = {0};
    struct source named = attic;
    named.name = "guests";
    struct fold_reject series = of(REJECT_TOO_MANY_SERIES, &named);
    struct fold_reject other = of(REJECT_NOT_JSON, &attic);
    (void)state;
    flood_shows(&flood, &other, 1000);
    assert_true(flood_quiet_s(&flood, 2000) < 0);
    for (unsigned i = 0; i < 2 * FLOOD_SHOWN; i++) /* also of those that are not shown */
        flood_shows(&flood, &series, 5000 + i);
    assert_true(flood_quiet_s(&flood, 5000 + 2 * FLOOD_SHOWN + 1499) == 1.5);
    assert_string_equal(flood.refused_source, "guests");
    flood_free(&flood);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_a_minute_are_shown_and_all_of_other_reasons),
        cmocka_unit_test(it_begins_once_a_source_and_bound),
        cmocka_unit_test(the_last_one_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
