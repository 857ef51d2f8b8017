/* The bounded table against a plain list that is searched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "writer/shape/recent.h"

enum { MOST = 50, KEYS = 120, STEPS = 20000 };

/* What should be there: keys from the oldest to the newest, and a value each. */
static struct {
    uint64_t keys[MOST + 1], values[MOST + 1];
    unsigned count;
} model;

static void model_remove(uint64_t key)
{
    for (unsigned i = 0; i < model.count; i++) {
        if (model.keys[i] != key)
            continue;
        for (model.count--; i < model.count; i++) {
            model.keys[i] = model.keys[i + 1];
            model.values[i] = model.values[i + 1];
        }
    }
}

static void model_add(uint64_t key, uint64_t value)
{
    model_remove(key);
    if (model.count == MOST)
        model_remove(model.keys[0]);
    model.keys[model.count] = key;
    model.values[model.count++] = value;
}

static void assert_same(struct recent *recent)
{
    uint64_t key;
    unsigned i = 0;
    for (uint64_t *at = recent_oldest(recent, &key); at; at = recent_newer(recent, at, &key)) {
        assert_true(i < model.count);
        assert_int_equal(key, model.keys[i]);
        assert_int_equal(*at, model.values[i++]);
        assert_ptr_equal(recent_find(recent, key), at);
    }
    assert_int_equal(i, model.count);
    assert_int_equal(recent_count(recent), model.count);
}

static void it_does_what_a_list_does(void **state)
{
    struct recent *recent = recent_new(MOST, sizeof(uint64_t));
    uint64_t dice = 1;
    (void)state;
    for (unsigned i = 0; i < STEPS; i++) {
        dice = dice * UINT64_C(6364136223846793005) + 1;
        uint64_t key = (dice >> 33) % KEYS;
        bool known = recent_find(recent, key) != NULL;
        if ((dice >> 60) < 4) {
            recent_remove(recent, key);
            model_remove(key);
        } else {
            uint64_t *value = recent_touch(recent, key);
            assert_true(known || *value == 0);
            *value = i + 1;
            model_add(key, i + 1);
        }
        if (i % 16 == 0)
            assert_same(recent);
    }
    recent_free(recent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_does_what_a_list_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
