#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "influx/line.h"

static struct point point;
static struct buf out;
static unsigned cleaned;
static struct err_reason why;

static enum err encode(void)
{
    buf_reset(&out);
    cleaned = 12345;
    return line_encode(&point, &out, &cleaned, &why);
}

#define MUST(call) assert_int_equal((call), ERR_OK)

static void assert_line(const char *line, size_t len, unsigned times_cleaned)
{
    if (out.len != len || memcmp(out.data, line, len) != 0)
        fail_msg("wrote <%.*s>, due was <%.*s>", (int)out.len, out.data, (int)len, line);
    assert_int_equal(cleaned, times_cleaned);
}

#define LINE(literal, times) assert_line(literal "\n", sizeof(literal), times)

/* What a name becomes in each of its four places; NULL: as in a key. */
static void names_are_escaped_and_cleaned(void **state)
{
    (void)state;
    static const struct {
        struct text name;
        const char *key, *measurement;
        unsigned cleaned;
    } rows[] = {
        {TEXT("plain"), "plain", NULL, 0},
        {TEXT("two words"), "two\\ words", NULL, 0},
        {TEXT("a,b"), "a\\,b", NULL, 0},
        {TEXT("a=b"), "a\\=b", "a=b", 0},
        {TEXT("say \"hi\""), "say\\ \"hi\"", NULL, 0},
        {TEXT("\xC3\xBC\xE2\x82\xAC\xF0\x9F\x8F\xA0"), "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x8F\xA0", NULL,
         0},
        {TEXT("a\\b"), "a/b", NULL, 1},
        {TEXT("end\\"), "end/", NULL, 1},
        {TEXT("end\\\\"), "end//", NULL, 2},
        {TEXT("a\nb v=1"), "a_b\\ v\\=1", "a_b\\ v=1", 1},
        {TEXT("a\rb\tc\x7F"), "a_b_c_", NULL, 3},
        {TEXT("a\0b"), "a_b", NULL, 1},
        {TEXT("\x80"), "\xEF\xBF\xBD", NULL, 1},
        {TEXT("\xC3"), "\xEF\xBF\xBD", NULL, 1},
        {TEXT("\xC3\\"), "\xEF\xBF\xBD/", NULL, 2},
        {TEXT("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD", NULL, 2},
        {TEXT("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", NULL, 3},
        {TEXT("\xF4\x90\x80\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", NULL, 4},
        {TEXT("#tag"), "#tag", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char due[256];
        struct text name = rows[i].name;
        point_clear(&point);
        point.measurement = TEXT("m");
        MUST(point_tag(&point, name, name));
        MUST(point_integer(&point, name, 1));
        MUST(encode());
        const char *key = rows[i].key;
        int len = snprintf(due, sizeof due, "m,%s=%s %s=1i\n", key, key, key);
        assert_line(due, (size_t)len, 3 * rows[i].cleaned);

        if (name.at[0] == '#')
            continue;
        point_clear(&point);
        point.measurement = name;
        MUST(point_integer(&point, TEXT("f"), 1));
        MUST(encode());
        len = snprintf(due, sizeof due, "%s f=1i\n",
                       rows[i].measurement ? rows[i].measurement : rows[i].key);
        assert_line(due, (size_t)len, rows[i].cleaned);
    }
}

static void a_measurement_never_makes_a_comment(void **state)
{
    (void)state;
    point_clear(&point);
    point.measurement = TEXT("#m");
    MUST(point_bool(&point, TEXT("f"), true));
    MUST(encode());
    LINE("_m f=true", 1);
}

static void the_reserved_time_is_renamed(void **state)
{
    (void)state;
    point_clear(&point);
    point.measurement = TEXT("time");
    MUST(point_tag(&point, TEXT("time"), TEXT("time")));
    MUST(point_text(&point, TEXT("time"), TEXT("noon")));
    MUST(encode());
    LINE("time,time_=time time_=\"noon\"", 2);
}

static void tags_are_sorted_by_bytes(void **state)
{
    (void)state;
    point_clear(&point);
    point.measurement = TEXT("m");
    MUST(point_tag(&point, TEXT("b"), TEXT("2")));
    MUST(point_tag(&point, TEXT("\xC3\xA4"), TEXT("5")));
    MUST(point_tag(&point, TEXT("B"), TEXT("1")));
    MUST(point_tag(&point, TEXT("ba"), TEXT("3")));
    MUST(point_tag(&point, TEXT("z"), TEXT("4")));
    MUST(point_bool(&point, TEXT("f"), false));
    MUST(encode());
    LINE("m,B=1,b=2,ba=3,z=4,\xC3\xA4=5 f=false", 0);
}

/* 1.x refuses duplicate tags, 3.x both: what cleaning made equal must not meet in one line. */
static void keys_that_cleaning_makes_equal_come_once(void **state)
{
    (void)state;
    point_clear(&point);
    point.measurement = TEXT("m");
    MUST(point_tag(&point, TEXT("a/b"), TEXT("1")));
    MUST(point_tag(&point, TEXT("a\\b"), TEXT("2")));
    MUST(point_tag(&point, TEXT("a0"), TEXT("3")));
    MUST(point_integer(&point, TEXT("time_"), 4));
    MUST(point_integer(&point, TEXT("time"), 5));
    MUST(point_integer(&point, TEXT("x\r"), 6));
    MUST(point_integer(&point, TEXT("x_"), 7));
    MUST(encode());
    LINE("m,a/b=1,a0=3 time_=4i,x_=6i", 6);
}

static void numbers_read_back(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } rows[] = {
        {0, "0"},
        {21.5, "21.5"},
        {-0.5, "-0.5"},
        {0.1, "0.1"},
        {1e21, NULL},
        {1e-7, NULL},
        {5e-324, NULL},
        {1.7976931348623157e308, NULL},
        {1.0 / 3, "0.3333333333333333"},
        {123456789, "123456789"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        point_clear(&point);
        point.measurement = TEXT("m");
        MUST(point_number(&point, TEXT("f"), rows[i].number));
        MUST(encode());
        struct text value = {out.data + 4, out.len - 5};
        double back = 0;
        assert_true(text_number(value, &back));
        assert_memory_equal(&back, &rows[i].number, sizeof back);
        if (rows[i].text)
            assert_true(text_equal(value, text_of(rows[i].text)));
        const char *dot = memchr(value.at, '.', value.len); /* 3.x: digits on both sides */
        assert_true(!dot || (dot > value.at && dot[-1] >= '0' && dot[-1] <= '9'));
        assert_true(!dot || (dot[1] >= '0' && dot[1] <= '9'));
        assert_true(value.at[0] != '+');
    }
}

static void numbers_that_are_none_are_left_out(void **state)
{
    (void)state;
    point_clear(&point);
    point.measurement = TEXT("m");
    MUST(point_number(&point, TEXT("nan"), NAN));
    MUST(point_number(&point, TEXT("inf"), INFINITY));
    MUST(point_number(&point, TEXT("ninf"), -INFINITY));
    MUST(point_integer(&point, TEXT(""), 1));
    MUST(point_integer(&point, TEXT("low"), INT64_MIN));
    MUST(point_integer(&point, TEXT("high"), INT64_MAX));
    MUST(encode());
    LINE("m low=-9223372036854775808i,high=9223372036854775807i", 4);
}

static void text_keeps_all_but_nul_and_cr(void **state)
{
    (void)state;
    static const struct {
        struct text text;
        const char *line;
        unsigned cleaned;
    } rows[] = {
        {TEXT(""), "m f=\"\"\n", 0},
        {TEXT("a,b =c"), "m f=\"a,b =c\"\n", 0},
        {TEXT("\""), "m f=\"\\\"\"\n", 0},
        {TEXT("\\"), "m f=\"\\\\\"\n", 0},
        {TEXT("C:\\new\\"), "m f=\"C:\\\\new\\\\\"\n", 0},
        {TEXT("\\\""), "m f=\"\\\\\\\"\"\n", 0},
        {TEXT("two\nlines\tand a tab"), "m f=\"two\nlines\tand a tab\"\n", 0},
        {TEXT("a\r\nb"), "m f=\"a_\nb\"\n", 1},
        {TEXT("a\0b"), "m f=\"a_b\"\n", 1},
        {TEXT("\xFF\xC3\xBC"), "m f=\"\xEF\xBF\xBD\xC3\xBC\"\n", 1},
        {TEXT("\xC3\""), "m f=\"\xEF\xBF\xBD\\\"\"\n", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        point_clear(&point);
        point.measurement = TEXT("m");
        MUST(point_text(&point, TEXT("f"), rows[i].text));
        MUST(encode());
        assert_line(rows[i].line, strlen(rows[i].line), rows[i].cleaned);
    }
}

/* Encodes `len` bytes of `fill` with `last` as the end and gives the number of value bytes. */
static size_t kept_of(size_t len, char fill, const char *last)
{
    char *bytes = malloc(len + 8);
    assert_non_null(bytes);
    memset(bytes, fill, len);
    memcpy(bytes + len, last, strlen(last));
    point_clear(&point);
    point.measurement = TEXT("m");
    MUST(point_text(&point, TEXT("f"), (struct text){bytes, len + strlen(last)}));
    MUST(encode());
    free(bytes);
    assert_true(text_utf8_valid(buf_view(&out)));
    return out.len - strlen("m f=\"\"\n");
}

static void long_text_is_cut_at_a_character(void **state)
{
    (void)state;
    assert_int_equal(kept_of(65536, 'x', ""), 65536);
    assert_int_equal(cleaned, 0);
    assert_int_equal(kept_of(65536, 'x', "y"), 65536);
    assert_int_equal(cleaned, 1);
    assert_int_equal(kept_of(65534, 'x', "\xC3\xBC"), 65536);
    assert_int_equal(kept_of(65535, 'x', "\xC3\xBC"), 65535);
    assert_int_equal(kept_of(65534, 'x', "\xE2\x82\xAC"), 65534);
    assert_int_equal(kept_of(65533, 'x', "\xF0\x9F\x8F\xA0"), 65533);
    assert_int_equal(kept_of(200000, '\xFF', ""), 65535); /* 21,845 replacements */
    assert_int_equal(kept_of(65536, '"', ""), 2 * 65536); /* escapes do not count */
}

static void what_cannot_be_said_is_refused(void **state)
{
    (void)state;
    static char longest[65536];
    memset(longest, 'k', sizeof longest);
    struct text too_long = {longest, sizeof longest};

    point_clear(&point);
    MUST(point_bool(&point, TEXT("f"), true));
    assert_int_equal(encode(), ERR_INVALID);
    assert_non_null(strstr(why.text, "measurement"));
    assert_int_equal(cleaned, 12345); /* outputs untouched */

    point.measurement = TEXT("m");
    point.field_count = 0;
    assert_int_equal(encode(), ERR_INVALID);
    MUST(point_number(&point, TEXT("f"), NAN));
    assert_int_equal(encode(), ERR_INVALID);
    assert_non_null(strstr(why.text, "field"));
    assert_int_equal(out.len, 0);

    MUST(point_number(&point, TEXT("f"), 1));
    point.measurement = too_long;
    assert_int_equal(encode(), ERR_INVALID);
    point.measurement = TEXT("m");
    MUST(point_tag(&point, too_long, TEXT("v")));
    assert_int_equal(encode(), ERR_INVALID);
    point.tags[0] = (struct point_tag){TEXT("t"), too_long};
    assert_int_equal(encode(), ERR_INVALID);
    point.tag_count = 0;
    point.fields[0].key = too_long;
    assert_int_equal(encode(), ERR_INVALID);

    /* together: "m,t=" and the value, and the field's key, are 65,531 at most */
    point.fields[0].key = TEXT("f");
    point.tags[0].value.len = 65531 - 4 - 1;
    point.tag_count = 1;
    MUST(encode());
    point.tags[0].value.len++;
    assert_int_equal(encode(), ERR_INVALID);
    assert_int_equal(out.len, 0);
}

static void the_time_stands_at_the_end_when_there_is_one(void **state)
{
    (void)state;
    point_clear(&point);
    point.measurement = TEXT("m");
    MUST(point_bool(&point, TEXT("f"), true));
    point.time_ns = 1700000000123456789;
    MUST(encode());
    LINE("m f=true", 0);
    point.timed = true;
    MUST(encode());
    LINE("m f=true 1700000000123456789", 0);
    point.time_ns = INT64_MIN + 2;
    MUST(encode());
    LINE("m f=true -9223372036854775806", 0);
    point.time_ns = INT64_MIN + 1;
    assert_int_equal(encode(), ERR_INVALID);
    point.time_ns = INT64_MAX;
    assert_int_equal(encode(), ERR_INVALID);
    point.time_ns = INT64_MAX - 1;
    MUST(encode());
}

static void lines_follow_one_another_and_a_failure_leaves_them(void **state)
{
    (void)state;
    buf_reset(&out);
    point_clear(&point);
    point.measurement = TEXT("m");
    MUST(point_bool(&point, TEXT("f"), true));
    MUST(line_encode(&point, &out, &cleaned, NULL));
    point.field_count = 0;
    assert_int_equal(line_encode(&point, &out, &cleaned, NULL), ERR_INVALID);
    MUST(point_bool(&point, TEXT("g"), true));
    MUST(line_encode(&point, &out, &cleaned, NULL));
    assert_true(text_equal(buf_view(&out), TEXT("m f=true\nm g=true\n")));
}

static int free_out(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_escaped_and_cleaned),
        cmocka_unit_test(a_measurement_never_makes_a_comment),
        cmocka_unit_test(the_reserved_time_is_renamed),
        cmocka_unit_test(tags_are_sorted_by_bytes),
        cmocka_unit_test(keys_that_cleaning_makes_equal_come_once),
        cmocka_unit_test(numbers_read_back),
        cmocka_unit_test(numbers_that_are_none_are_left_out),
        cmocka_unit_test(text_keeps_all_but_nul_and_cr),
        cmocka_unit_test(long_text_is_cut_at_a_character),
        cmocka_unit_test(what_cannot_be_said_is_refused),
        cmocka_unit_test(the_time_stands_at_the_end_when_there_is_one),
        cmocka_unit_test(lines_follow_one_another_and_a_failure_leaves_them),
    };
    return cmocka_run_group_tests(tests, NULL, free_out);
}
