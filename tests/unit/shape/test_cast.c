/* Every pair of types, and the values at which a cast stops being exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "influx/line.h"
#include "writer/shape/cast.h"

#define NO "-" /* not exact */

/* Values as line protocol writes them: 1 is a number, 1i an integer. */
static const struct {
    const char *value, *number, *integer, *truth, *text;
} rows[] = {
    {"21.5", "21.5", NO, NO, "\"21.5\""},
    {"21", "21", "21i", NO, "\"21\""},
    {"-3", "-3", "-3i", NO, "\"-3\""},
    {"1", "1", "1i", "true", "\"1\""},
    {"0", "0", "0i", "false", "\"0\""},
    {"-0.0", "-0", "0i", "false", "\"-0\""},
    {"1e+21", "1e+21", NO, NO, "\"1e+21\""},
    {"9007199254740992", "9007199254740992", "9007199254740992i", NO, "\"9007199254740992\""},
    {"9223372036854775808", "9223372036854776000", NO, NO, "\"9223372036854776000\""},
    {"-9223372036854775808", "-9223372036854776000", "-9223372036854775808i", NO,
     "\"-9223372036854776000\""},
    {"5i", "5", "5i", NO, "\"5\""},
    {"1i", "1", "1i", "true", "\"1\""},
    {"0i", "0", "0i", "false", "\"0\""},
    {"2i", "2", "2i", NO, "\"2\""},
    {"9007199254740993i", NO, "9007199254740993i", NO, "\"9007199254740993\""},
    {"9223372036854775807i", NO, "9223372036854775807i", NO, "\"9223372036854775807\""},
    {"-9223372036854775808i", "-9223372036854776000", "-9223372036854775808i", NO,
     "\"-9223372036854775808\""},
    {"true", "1", "1i", "true", "\"true\""},
    {"false", "0", "0i", "false", "\"false\""},
    {"\"21.5\"", "21.5", NO, NO, "\"21.5\""},
    {"\"21.50\"", "21.5", NO, NO, "\"21.50\""},
    {"\"21\"", "21", "21i", NO, "\"21\""},
    {"\"21.0\"", "21", "21i", NO, "\"21.0\""},
    {"\"-5e3\"", "-5000", "-5000i", NO, "\"-5e3\""},
    {"\"1E-2\"", "0.01", NO, NO, "\"1E-2\""},
    {"\"0\"", "0", "0i", NO, "\"0\""},
    {"\"0.1\"", "0.1", NO, NO, "\"0.1\""},
    {"\"9007199254740993\"", NO, "9007199254740993i", NO, "\"9007199254740993\""},
    {"\"9223372036854775808\"", NO, NO, NO, "\"9223372036854775808\""},
    {"\"true\"", NO, NO, "true", "\"true\""},
    {"\"false\"", NO, NO, "false", "\"false\""},
    {"\"True\"", NO, NO, NO, "\"True\""},
    {"\"on\"", NO, NO, NO, "\"on\""},
    /* Texts that look like numbers and say more, or are another's way to write one. */
    {"\"007\"", NO, NO, NO, "\"007\""},
    {"\"-01\"", NO, NO, NO, "\"-01\""},
    {"\"+1\"", NO, NO, NO, "\"+1\""},
    {"\"1,5\"", NO, NO, NO, "\"1,5\""},
    {"\" 1\"", NO, NO, NO, "\" 1\""},
    {"\"1 \"", NO, NO, NO, "\"1 \""},
    {"\".5\"", NO, NO, NO, "\".5\""},
    {"\"5.\"", NO, NO, NO, "\"5.\""},
    {"\"5e\"", NO, NO, NO, "\"5e\""},
    {"\"5e+\"", NO, NO, NO, "\"5e+\""},
    {"\"1.2.3\"", NO, NO, NO, "\"1.2.3\""},
    {"\"-\"", NO, NO, NO, "\"-\""},
    {"\"\"", NO, NO, NO, "\"\""},
    {"\"0x1F\"", NO, NO, NO, "\"0x1F\""},
    {"\"1e400\"", NO, NO, NO, "\"1e400\""},
    {"\"nan\"", NO, NO, NO, "\"nan\""},
    {"\"inf\"", NO, NO, NO, "\"inf\""},
    {"\"21.5 °C\"", NO, NO, NO, "\"21.5 °C\""},
};

static struct point point;
static struct buf memory, line;

static void read_value(const char *value)
{
    static struct buf written, scratch;
    buf_reset(&written);
    buf_printf(&written, "m f=%s", value);
    buf_cstr(&written);
    assert_int_equal(line_parse(buf_view(&written), &scratch, &point, NULL), ERR_OK);
}

static const char *cast_as(const char *value, enum field_type to, bool booleans)
{
    unsigned cleaned;
    read_value(value);
    buf_reset(&memory);
    buf_reset(&line);
    struct point_field *field = &point.fields[0];
    const struct point_field was = *field;
    if (!cast_exact(field, to, booleans, &memory, field)) {
        assert_memory_equal(field, &was, sizeof was);
        return NO;
    }
    assert_int_equal(field->type, to);
    assert_int_equal(line_encode(&point, &line, &cleaned, NULL), ERR_OK);
    buf_cut(&line, line.len - 1);
    return buf_cstr(&line) + strlen("m f=");
}

static void expect(const char *value, enum field_type to, bool booleans, const char *due)
{
    const char *got = cast_as(value, to, booleans);
    if (strcmp(got, due) != 0)
        fail_msg("%s as %d gives %s, due was %s", value, to, got, due);
}

/* Between booleans and numbers only where the rule says so. */
static const char *without_booleans(const char *value, const char *due, bool to_boolean)
{
    bool is_boolean = value[0] == 't' || value[0] == 'f', is_text = value[0] == '"';
    return is_boolean != to_boolean && !is_text ? NO : due;
}

static void every_pair_of_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *value = rows[i].value;
        expect(value, FIELD_NUMBER, true, rows[i].number);
        expect(value, FIELD_INTEGER, true, rows[i].integer);
        expect(value, FIELD_BOOL, true, rows[i].truth);
        expect(value, FIELD_TEXT, true, rows[i].text);
        expect(value, FIELD_NUMBER, false, without_booleans(value, rows[i].number, false));
        expect(value, FIELD_INTEGER, false, without_booleans(value, rows[i].integer, false));
        expect(value, FIELD_BOOL, false, without_booleans(value, rows[i].truth, true));
        expect(value, FIELD_TEXT, false, rows[i].text);
    }
}

static void nothing_is_written_without_room(void **state)
{
    (void)state;
    struct buf none = {0};
    read_value("21.5");
    struct point_field *field = &point.fields[0];
    assert_false(cast_exact(field, FIELD_TEXT, false, &none, field));
    assert_int_equal(field->type, FIELD_NUMBER);
    read_value("true");
    assert_true(cast_exact(field, FIELD_TEXT, false, &none, field));
}

static void types_have_words(void **state)
{
    (void)state;
    enum field_type type = FIELD_BOOL;
    assert_true(cast_type_of(TEXT("integer"), &type));
    assert_int_equal(type, FIELD_INTEGER);
    assert_true(cast_type_of(TEXT("float"), &type) && type == FIELD_NUMBER);
    assert_true(cast_type_of(TEXT("boolean"), &type) && type == FIELD_BOOL);
    assert_true(cast_type_of(TEXT("text"), &type) && type == FIELD_TEXT);
    assert_false(cast_type_of(TEXT("string"), &type));
    assert_int_equal(type, FIELD_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_types),
        cmocka_unit_test(nothing_is_written_without_room),
        cmocka_unit_test(types_have_words),
    };
    if (!buf_reserve(&memory, 4096))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&memory);
    buf_free(&line);
    return failed;
}
