#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/spelling.h"

static void words_are_as_far_apart_as_bytes_must_change(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        unsigned distance;
    } rows[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"linger", "linger", 0},
        {"readin", "reading", 1},
        {"raeding", "reading", 2},
        {"kitten", "sitting", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(spelling_distance(text_of(rows[i].a), text_of(rows[i].b)),
                         rows[i].distance);
}

static const char *word_at(const void *context, size_t index)
{
    return ((const char *const *)context)[index];
}

static void the_nearest_is_named_unless_it_would_be_a_guess(void **state)
{
    (void)state;
    static const char *const words[] = {"check", NULL, "explain", "flush"};
    assert_int_equal(spelling_nearest(TEXT("chekc"), 4, words, word_at), 0);
    assert_int_equal(spelling_nearest(TEXT("flash"), 4, words, word_at), 3);
    assert_int_equal(spelling_nearest(TEXT("synchronise"), 4, words, word_at), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_as_far_apart_as_bytes_must_change),
        cmocka_unit_test(the_nearest_is_named_unless_it_would_be_a_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
