/* The id of a field is that of its names as they stand in the line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "influx/line.h"
#include "writer/shape/field_id.h"

static struct point point, again;

static uint64_t id_of(struct text measurement, struct text key)
{
    return field_id(field_id_measurement(measurement), key);
}

static void names_are_taken_as_the_line_has_them(void **state)
{
    (void)state;
    static const struct text names[] = {
        {"temperature", 11}, {"a b,c=d", 7},      {"\\", 1},           {"a\\b/c", 5}, {"#x", 2},
        {"##", 2},           {"x\r\n\ty\x7f", 6}, {"time", 4},         {"Times", 5},  {"\0", 1},
        {"k\xc3\xbc", 3},    {"k\xc3", 2},        {"\xff\xfe\x80", 3}, {"\"q\"", 3},  {"_", 1},
    };
    const size_t count = sizeof names / sizeof *names;
    struct buf line = {0}, scratch = {0};
    for (size_t i = 0; i < count * count; i++) {
        unsigned cleaned;
        point_clear(&point);
        point.measurement = names[i / count];
        assert_int_equal(point_number(&point, names[i % count], 1), ERR_OK);
        buf_reset(&line);
        assert_int_equal(line_encode(&point, &line, &cleaned, NULL), ERR_OK);
        struct text written = {line.data, line.len - 1};
        assert_int_equal(line_parse(written, &scratch, &again, NULL), ERR_OK);
        if (id_of(point.measurement, point.fields[0].key) !=
            id_of(again.measurement, again.fields[0].key))
            fail_msg("another id: %s", buf_cstr(&line));
    }
    buf_free(&line);
    buf_free(&scratch);
}

static void names_do_not_run_into_each_other(void **state)
{
    (void)state;
    assert_true(id_of(TEXT("ab"), TEXT("c")) != id_of(TEXT("a"), TEXT("bc")));
    assert_true(id_of(TEXT("a"), TEXT("b")) != id_of(TEXT("b"), TEXT("a")));
    assert_true(id_of(TEXT("m"), TEXT("t")) != id_of(TEXT("m"), TEXT("t_str")));
}

/* They stand in files: another algorithm is another format. */
static void ids_stay_what_they_are(void **state)
{
    (void)state;
    assert_true(id_of(TEXT("device_metrics"), TEXT("temperature")) == UINT64_C(0xd5ce33d191240dc8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_taken_as_the_line_has_them),
        cmocka_unit_test(names_do_not_run_into_each_other),
        cmocka_unit_test(ids_stay_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
