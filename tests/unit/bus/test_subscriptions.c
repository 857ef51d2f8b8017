#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bus/subscriptions.h"

static bool is_wanted(const struct subscriptions *s, const char *filter, bool sent)
{
    for (size_t i = 0; i < s->wanted_count; i++)
        if (strcmp(s->wanted[i].what.filter, filter) == 0)
            return s->wanted[i].sent == sent;
    return false;
}

static bool is_unwanted(const struct subscriptions *s, const char *filter)
{
    for (size_t i = 0; i < s->unwanted_count; i++)
        if (strcmp(s->unwanted[i].filter, filter) == 0)
            return true;
    return false;
}

static void mark_sent(struct subscriptions *s)
{
    for (size_t i = 0; i < s->wanted_count; i++)
        s->wanted[i].sent = true;
}

static void only_the_difference_is_sent(void **state)
{
    const struct bus_subscription before[] = {
        {"a", 1, 1, true, true}, {"b", 2, 1, true, true}, {"c", 3, 1, true, true}};
    const struct bus_subscription after[] = {
        {"a", 1, 1, true, true}, {"b", 9, 1, true, true}, {"d", 4, 1, true, true}};
    struct subscriptions s = {0};
    (void)state;
    assert_int_equal(subscriptions_set(&s, before, 3), ERR_OK);
    mark_sent(&s);
    assert_int_equal(subscriptions_set(&s, after, 3), ERR_OK);
    assert_true(is_wanted(&s, "a", true));
    assert_true(is_wanted(&s, "b", false)); /* another identifier */
    assert_true(is_wanted(&s, "d", false));
    assert_true(is_unwanted(&s, "c"));
    assert_int_equal(s.unwanted_count, 1);

    assert_int_equal(subscriptions_set(&s, before, 3), ERR_OK); /* wanted again */
    assert_false(is_unwanted(&s, "c"));
    assert_true(is_unwanted(&s, "d"));

    mark_sent(&s);
    subscriptions_forget_sent(&s);
    assert_true(is_wanted(&s, "a", false));
    subscriptions_free(&s);
}

static void a_dropped_filter_is_no_longer_wanted(void **state)
{
    const struct bus_subscription list[] = {{.filter = "a"}, {.filter = "b"}};
    struct subscriptions s = {0};
    (void)state;
    assert_int_equal(subscriptions_set(&s, list, 2), ERR_OK);
    assert_int_equal(subscriptions_drop(&s, "a"), ERR_OK);
    assert_int_equal(subscriptions_drop(&s, "a"), ERR_OK);
    assert_int_equal(subscriptions_drop(&s, "old/#"), ERR_OK);
    assert_int_equal(subscriptions_drop(&s, "old/#/x"), ERR_INVALID);
    assert_int_equal(s.wanted_count, 1);
    assert_true(is_wanted(&s, "b", false));
    assert_int_equal(s.unwanted_count, 2);
    subscriptions_free(&s);
}

/* mosquitto answers the first ones with a DISCONNECT, which would come again at every connect. */
static void what_breaks_a_connection_is_refused(void **state)
{
    static const struct bus_subscription bad[] = {
        {.filter = NULL},
        {.filter = ""},
        {.filter = "a/#/b"},
        {.filter = "a/+room"},
        {.filter = "a", .qos = 3},
        {.filter = "a", .id = 268435456},
        {.filter = "$share/group/a", .no_local = true},
        {.filter = "good"} /* stands there twice */,
    };
    const struct bus_subscription good = {.filter = "good"};
    struct subscriptions s = {0};
    (void)state;
    assert_int_equal(subscriptions_set(&s, &good, 1), ERR_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct bus_subscription list[] = {good, bad[i]};
        assert_int_equal(subscriptions_set(&s, list, 2), ERR_INVALID);
        assert_int_equal(s.wanted_count, 1);
    }
    const struct bus_subscription largest = {.filter = "+/a", .id = 268435455, .qos = 2};
    assert_int_equal(subscriptions_set(&s, &largest, 1), ERR_OK);
    subscriptions_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_difference_is_sent),
        cmocka_unit_test(a_dropped_filter_is_no_longer_wanted),
        cmocka_unit_test(what_breaks_a_connection_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
