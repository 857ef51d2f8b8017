#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "writer/decoders/levels.h"

static void the_device_stands_where_the_filter_says(void **state)
{
    static const struct {
        const char *filter;
        bool found;
        unsigned before;
        bool captured;
    } cases[] = {
        {"zigbee2mqtt/#", true, 1, false},
        {"home/zigbee2mqtt/#", true, 2, false},
        {"+site/zigbee2mqtt/#", true, 2, false},
        {"zigbee2mqtt/+", true, 1, false},
        {"zigbee2mqtt/+/availability", true, 1, false},
        {"zigbee2mqtt/+device_id", true, 1, true},
        {"zigbee2mqtt/+device_id/#", true, 1, true},
        {"+/esphome/+device_id/#", true, 2, true},
        {"#", true, 0, false},
        {"zigbee2mqtt/lamp", false, 0, false},
        {"+site/lamp", false, 0, false},
        {"", false, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct levels_device device = {0};
        assert_int_equal(levels_device_of(cases[i].filter, &device), cases[i].found);
        assert_int_equal(device.before, cases[i].before);
        assert_int_equal(device.captured, cases[i].captured);
    }
}

static void levels_are_cut_at_both_ends(void **state)
{
    struct text rest = TEXT("a/bc//d"), level;
    (void)state;
    assert_true(levels_cut_first(&rest, &level));
    assert_true(text_equal(level, TEXT("a")));
    assert_true(levels_cut_last(&rest, &level));
    assert_true(text_equal(level, TEXT("d")));
    assert_true(text_equal(rest, TEXT("bc/")));
    assert_true(levels_cut_last(&rest, &level));
    assert_true(text_equal(level, TEXT("")));
    assert_true(levels_cut_last(&rest, &level));
    assert_true(text_equal(level, TEXT("bc")));
    assert_false(levels_cut_last(&rest, &level));
    assert_false(levels_cut_first(&rest, &level));
}

static void what_stands_behind_some_levels(void **state)
{
    (void)state;
    assert_true(text_equal(levels_behind(TEXT("a/b/c"), 0), TEXT("a/b/c")));
    assert_true(text_equal(levels_behind(TEXT("a/b/c"), 1), TEXT("b/c")));
    assert_true(text_equal(levels_behind(TEXT("a/b/c"), 3), TEXT("")));
    assert_true(text_equal(levels_behind(TEXT("a/b/c"), 9), TEXT("")));
    assert_true(text_equal(levels_behind(TEXT("//c"), 1), TEXT("/c")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_device_stands_where_the_filter_says),
        cmocka_unit_test(levels_are_cut_at_both_ends),
        cmocka_unit_test(what_stands_behind_some_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
