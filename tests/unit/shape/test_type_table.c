/* The table of field types against a plain list, at its bound and where places are shared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "writer/shape/type_table.h"

#define FEW 60u

/* Ids that fall on three neighbouring places, so that every search passes others. */
static uint64_t crowded(unsigned i)
{
    return ((uint64_t)(i + 1) << 33 | (uint64_t)(i + 1) << 1) + i % 3;
}

static void what_is_removed_leaves_the_others(void **state)
{
    (void)state;
    struct type_table *table = type_table_new();
    bool there[FEW] = {false};
    uint64_t dice = 1;
    for (unsigned round = 0; round < 20000; round++) {
        dice = dice * 6364136223846793005u + 1442695040888963407u;
        unsigned i = (unsigned)(dice >> 33) % FEW;
        if (there[i])
            type_table_remove(table, crowded(i));
        else
            assert_int_equal(type_table_add(table, crowded(i), (uint8_t)(i % 4))->type, i % 4);
        there[i] = !there[i];
        size_t count = 0;
        for (unsigned k = 0; k < FEW; k++) {
            const struct type_entry *entry = type_table_find(table, crowded(k));
            assert_int_equal(entry != NULL, there[k]);
            assert_true(!entry || entry->type == k % 4);
            count += there[k];
        }
        assert_int_equal(type_table_count(table), count);
    }
    type_table_remove(table, 12345); /* not there */
    type_table_free(table);
}

static void a_full_table_keeps_what_it_has(void **state)
{
    (void)state;
    struct type_table *table = type_table_new();
    for (uint64_t i = 0; i < TYPE_TABLE_FIELDS; i++)
        assert_non_null(type_table_add(table, i * 0x9e3779b97f4a7c15u, 1));
    assert_null(type_table_add(table, 1, 2));
    assert_null(type_table_find(table, 1));
    assert_non_null(type_table_add(table, 0, 3)); /* one that is there */
    assert_int_equal(type_table_find(table, 0)->type, 3);
    assert_int_equal(type_table_count(table), TYPE_TABLE_FIELDS);
    type_table_remove(table, 0x9e3779b97f4a7c15u);
    assert_non_null(type_table_add(table, 1, 2));
    size_t at = 0, walked = 0;
    while (type_table_next(table, &at))
        walked++;
    assert_int_equal(walked, TYPE_TABLE_FIELDS);
    type_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_removed_leaves_the_others),
        cmocka_unit_test(a_full_table_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
