/* The cache gives what it was given until it expires, and holds no more than it may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "query-service/cache.h"

static void put(struct cache *cache, const char *key, const char *body, int64_t expires_ms)
{
    const struct cache_entry entry = {text_of(body), 7, 3};
    cache_put(cache, text_of(key), &entry, expires_ms);
}

static bool has(struct cache *cache, const char *key, const char *body, int64_t now_ms)
{
    struct cache_entry entry;
    return cache_get(cache, text_of(key), now_ms, &entry) &&
           text_equal(entry.body, text_of(body)) && entry.made_ns == 7 && entry.made_ms == 3;
}

static size_t entries(const struct cache *cache)
{
    size_t count, bytes;
    cache_size(cache, &count, &bytes);
    return count;
}

static void gives_until_it_expires(void **state)
{
    (void)state;
    struct cache *cache = cache_new(1 << 20);
    put(cache, "stats 1h", "one", 100);
    put(cache, "stats 6h", "six", 200);
    assert_true(has(cache, "stats 1h", "one", 99));
    assert_false(has(cache, "stats 1h", "one", 100));
    assert_int_equal(entries(cache), 1); /* what expired is gone */
    assert_true(has(cache, "stats 6h", "six", 199));
    assert_false(has(cache, "stats", "one", 0));
    cache_free(cache);
}

static void a_newer_one_takes_the_place(void **state)
{
    (void)state;
    struct cache *cache = cache_new(1 << 20);
    put(cache, "k", "old", 100);
    put(cache, "k", "new and longer", 100);
    assert_true(has(cache, "k", "new and longer", 0));
    assert_int_equal(entries(cache), 1);
    cache_free(cache);
}

static void what_was_not_used_goes_first(void **state)
{
    (void)state;
    char key[32];
    struct cache *cache = cache_new(1 << 20);
    for (int i = 0; i < CACHE_ENTRIES; i++) {
        snprintf(key, sizeof key, "key %d", i);
        put(cache, key, "body", 100);
    }
    assert_true(has(cache, "key 0", "body", 0)); /* used: now key 1 is the oldest */
    put(cache, "one more", "body", 100);
    assert_int_equal(entries(cache), CACHE_ENTRIES);
    assert_true(has(cache, "key 0", "body", 0));
    assert_false(has(cache, "key 1", "body", 0));
    assert_true(has(cache, "key 2", "body", 0));
    cache_free(cache);
}

static void holds_no_more_bytes_than_it_may(void **state)
{
    (void)state;
    static char body[2001];
    char key[32];
    size_t count, bytes;
    struct cache *cache = cache_new(20000);
    memset(body, 'x', sizeof body - 1);
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "key %d", i);
        put(cache, key, body, 100);
        cache_size(cache, &count, &bytes);
        assert_true(bytes <= 20000);
    }
    assert_true(count >= 8);
    assert_true(has(cache, "key 99", body, 0));
    assert_false(has(cache, "key 0", body, 0));
    cache_free(cache);
}

static void the_too_large_is_not_kept_and_drives_nothing_out(void **state)
{
    (void)state;
    static char body[6001];
    struct cache *cache = cache_new(20000);
    memset(body, 'x', sizeof body - 1);
    put(cache, "small", "body", 100);
    put(cache, "large", body, 100);
    assert_false(has(cache, "large", body, 0));
    assert_true(has(cache, "small", "body", 0));
    cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_until_it_expires),
        cmocka_unit_test(a_newer_one_takes_the_place),
        cmocka_unit_test(what_was_not_used_goes_first),
        cmocka_unit_test(holds_no_more_bytes_than_it_may),
        cmocka_unit_test(the_too_large_is_not_kept_and_drives_nothing_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
