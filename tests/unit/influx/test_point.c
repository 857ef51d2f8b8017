#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "influx/point.h"

static struct point point;

static void a_cleared_point_is_empty(void **state)
{
    (void)state;
    point_clear(&point);
    assert_int_equal(point.measurement.len, 0);
    assert_int_equal(point.tag_count, 0);
    assert_int_equal(point.field_count, 0);
    assert_false(point.timed);
}

static void an_empty_tag_is_left_out(void **state)
{
    (void)state;
    point_clear(&point);
    assert_int_equal(point_tag(&point, TEXT(""), TEXT("v")), ERR_OK);
    assert_int_equal(point_tag(&point, TEXT("k"), TEXT("")), ERR_OK);
    assert_int_equal(point.tag_count, 0);
}

static void the_first_tag_and_the_last_field_of_a_key_hold(void **state)
{
    (void)state;
    point_clear(&point);
    assert_int_equal(point_tag(&point, TEXT("k"), TEXT("first")), ERR_OK);
    assert_int_equal(point_tag(&point, TEXT("k"), TEXT("second")), ERR_OK);
    assert_int_equal(point.tag_count, 1);
    assert_true(text_equal(point.tags[0].value, TEXT("first")));

    assert_int_equal(point_number(&point, TEXT("f"), 1.5), ERR_OK);
    assert_int_equal(point_bool(&point, TEXT("g"), true), ERR_OK);
    assert_int_equal(point_text(&point, TEXT("f"), TEXT("word")), ERR_OK);
    assert_int_equal(point_integer(&point, TEXT("g"), -7), ERR_OK);
    assert_int_equal(point.field_count, 2);
    assert_int_equal(point.fields[0].type, FIELD_TEXT);
    assert_true(text_equal(point.fields[0].text, TEXT("word")));
    assert_int_equal(point.fields[1].type, FIELD_INTEGER);
    assert_int_equal(point.fields[1].integer, -7);
}

static void beyond_the_limits_is_too_large(void **state)
{
    (void)state;
    static char names[POINT_MAX_FIELDS + 1][16];
    point_clear(&point);
    for (int i = 0; i <= POINT_MAX_FIELDS; i++)
        snprintf(names[i], sizeof names[i], "n%d", i);
    for (int i = 0; i < POINT_MAX_TAGS; i++)
        assert_int_equal(point_tag(&point, text_of(names[i]), TEXT("v")), ERR_OK);
    assert_int_equal(point_tag(&point, TEXT("more"), TEXT("v")), ERR_TOO_LARGE);
    for (int i = 0; i < POINT_MAX_FIELDS; i++)
        assert_int_equal(point_number(&point, text_of(names[i]), i), ERR_OK);
    assert_int_equal(point_number(&point, text_of(names[POINT_MAX_FIELDS]), 1), ERR_TOO_LARGE);
    assert_int_equal(point_number(&point, text_of(names[3]), 1), ERR_OK); /* replaces */
    assert_int_equal(point.tag_count, POINT_MAX_TAGS);
    assert_int_equal(point.field_count, POINT_MAX_FIELDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cleared_point_is_empty),
        cmocka_unit_test(an_empty_tag_is_left_out),
        cmocka_unit_test(the_first_tag_and_the_last_field_of_a_key_hold),
        cmocka_unit_test(beyond_the_limits_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
