/* The balance holds when everything is accounted for, and shows by how much when it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "writer/ledger.h"

/* Records 1 to 100 were read: 80 messages became points, 5 were ignored, 3 refused, 2 could not be
 * read, 1 was given up, 9 were our own; 12 wait. 300 points were made. */
static struct fold_counts some_counts(void)
{
    struct fold_counts c = {
        .internal = 9, .damaged = 2, .dropped = 1, .decoded = 80, .ignored = 5, .points_made = 300};
    c.rejected[REJECT_NOT_JSON] = 2;
    c.rejected[REJECT_EMPTY] = 1;
    c.points_refused[REJECT_BAD_VALUE] = 4;
    c.points_refused[REJECT_BAD_TIME] = 1;
    return c;
}

static const struct ledger_outcomes some_outcomes = {.stored = 270, .rejected = 3, .dropped = 2};

static struct ledger some_ledger(const struct fold_counts *counts,
                                 const struct ledger_outcomes *outcomes, uint64_t waiting)
{
    return ledger_make(counts, outcomes, 101, 113, 7, waiting);
}

static void all_that_came_in_is_accounted_for(void **state)
{
    (void)state;
    struct fold_counts counts = some_counts();
    struct ledger l = some_ledger(&counts, &some_outcomes, 20);
    assert_int_equal(l.received, 100 - 9 + 12 + 7);
    assert_int_equal(l.decoded, 80);
    assert_int_equal(l.repeated, 7);
    assert_int_equal(l.ignored, 5);
    assert_int_equal(l.rejected, 5); /* what could not be read too */
    assert_int_equal(l.dropped, 1);
    assert_int_equal(l.pending, 12);
    assert_int_equal(l.difference, 0);
    assert_int_equal(l.points_made, 300);
    assert_int_equal(l.points_rejected, 8); /* by us and by the server */
    assert_int_equal(l.points_pending, 20);
    assert_int_equal(l.points_difference, 0);
}

static void what_is_missing_or_counted_twice_shows(void **state)
{
    (void)state;
    struct fold_counts lost = some_counts(), twice = some_counts();
    lost.decoded--;
    twice.ignored++;
    assert_int_equal(some_ledger(&lost, &some_outcomes, 20).difference, 1);
    assert_int_equal(some_ledger(&twice, &some_outcomes, 20).difference, -1);
    struct fold_counts counts = some_counts();
    struct ledger_outcomes fewer = some_outcomes, more = some_outcomes;
    fewer.stored -= 2;
    more.rejected += 3;
    assert_int_equal(some_ledger(&counts, &fewer, 20).points_difference, 2);
    assert_int_equal(some_ledger(&counts, &more, 20).points_difference, -3);
    assert_int_equal(some_ledger(&counts, &some_outcomes, 19).points_difference, 1);
}

static void a_new_journal_is_in_balance(void **state)
{
    (void)state;
    static const struct fold_counts none;
    static const struct ledger_outcomes nothing;
    struct ledger l = ledger_make(&none, &nothing, 1, 1, 0, 0);
    assert_int_equal(l.received, 0);
    assert_int_equal(l.difference, 0);
    assert_int_equal(l.points_difference, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_came_in_is_accounted_for),
        cmocka_unit_test(what_is_missing_or_counted_twice_shows),
        cmocka_unit_test(a_new_journal_is_in_balance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
