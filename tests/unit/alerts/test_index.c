#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "query-service/alerts/index.h"

struct thing {
    struct index_entry at;
    unsigned number;
};

static struct text key_of(unsigned number, char key[16])
{
    return (struct text){key, (size_t)snprintf(key, 16, "key %u", number)};
}

static bool is_even(void *context, struct index_entry *entry)
{
    (void)context;
    return ((struct thing *)entry)->number % 2 == 0;
}

static void sum_up(void *context, struct index_entry *entry)
{
    *(unsigned *)context += ((struct thing *)entry)->number;
}

static void what_is_put_in_is_found_until_it_is_taken_out(void **state)
{
    (void)state;
    struct index index = {0};
    char key[16];
    unsigned sum = 0;
    assert_null(index_find(&index, TEXT("")));
    for (unsigned i = 0; i < 5000; i++) {
        struct thing *thing = calloc(1, sizeof *thing);
        thing->number = i;
        assert_int_equal(index_add(&index, key_of(i, key), &thing->at), ERR_OK);
    }
    index_keep(&index, is_even, NULL);
    assert_int_equal(index.count, 2500);
    for (unsigned i = 0; i < 5000; i++) {
        struct thing *thing = (struct thing *)index_find(&index, key_of(i, key));
        assert_int_equal(thing != NULL, i % 2 == 0);
        if (thing)
            assert_int_equal(thing->number, i);
    }
    index_each(&index, sum_up, &sum);
    assert_int_equal(sum, 2499 * 2500);
    index_free(&index);
    assert_int_equal(index.count, 0);
    assert_null(index_find(&index, TEXT("key 2")));
}

static void keys_are_bytes(void **state)
{
    (void)state;
    static const struct text keys[] = {{"", 0}, {"\0", 1}, {"\0\0", 2}, {"a\0b", 3}, {"a", 1}};
    struct index index = {0};
    struct thing *things[5];
    for (size_t i = 0; i < 5; i++) {
        assert_null(index_find(&index, keys[i]));
        things[i] = calloc(1, sizeof *things[i]);
        assert_int_equal(index_add(&index, keys[i], &things[i]->at), ERR_OK);
    }
    for (size_t i = 0; i < 5; i++)
        assert_ptr_equal(index_find(&index, keys[i]), things[i]);
    index_free(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_in_is_found_until_it_is_taken_out),
        cmocka_unit_test(keys_are_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
