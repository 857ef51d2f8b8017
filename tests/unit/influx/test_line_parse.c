#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "influx/line.h"

static struct point point;
static struct buf scratch;
static struct err_reason why;

static enum err parse(const char *line)
{
    return line_parse(text_of(line), &scratch, &point, &why);
}

static void a_whole_line_is_read(void **state)
{
    (void)state;
    assert_int_equal(
        parse("my\\ m\\,x,b=2\\=2,a\\,\\ k=\xC3\xBC f=1.5,i=-42i,u=42u,s=\"a \\\"q\\\" "
              "\\\\ \\n,=\",t=T,x\\=y=false -17"),
        ERR_OK);
    assert_true(text_equal(point.measurement, TEXT("my m,x")));
    assert_int_equal(point.tag_count, 2);
    assert_true(text_equal(point.tags[0].key, TEXT("b")));
    assert_true(text_equal(point.tags[0].value, TEXT("2=2")));
    assert_true(text_equal(point.tags[1].key, TEXT("a, k")));
    assert_true(text_equal(point.tags[1].value, TEXT("\xC3\xBC")));
    assert_int_equal(point.field_count, 6);
    assert_int_equal(point.fields[0].type, FIELD_NUMBER);
    assert_true(point.fields[0].number > 1.4 && point.fields[0].number < 1.6);
    assert_int_equal(point.fields[1].type, FIELD_INTEGER);
    assert_int_equal(point.fields[1].integer, -42);
    assert_int_equal(point.fields[2].type, FIELD_INTEGER);
    assert_int_equal(point.fields[2].integer, 42);
    assert_int_equal(point.fields[3].type, FIELD_TEXT);
    assert_true(text_equal(point.fields[3].text, TEXT("a \"q\" \\ \\n,=")));
    assert_int_equal(point.fields[4].type, FIELD_BOOL);
    assert_true(point.fields[4].truth);
    assert_true(text_equal(point.fields[5].key, TEXT("x=y")));
    assert_false(point.fields[5].truth);
    assert_true(point.timed);
    assert_int_equal(point.time_ns, -17);
}

static void without_a_time_it_is_not_timed(void **state)
{
    (void)state;
    assert_int_equal(parse("m f=1 5"), ERR_OK);
    assert_true(point.timed);
    assert_int_equal(parse("m f=1"), ERR_OK);
    assert_false(point.timed);
}

static void good_lines(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "m f=1",
        "m f=1.0",
        "m f=-.5",
        "m f=.5",
        "m f=1.",
        "m f=1e+05",
        "m f=1E5",
        "m f=-1e-3",
        "m f=1e-400",
        "m f=007",
        "m f=-0i",
        "m f=9223372036854775807i",
        "m f=-9223372036854775808i",
        "m f=t",
        "m f=T",
        "m f=true",
        "m f=True",
        "m f=TRUE",
        "m f=f",
        "m f=F",
        "m f=false",
        "m f=False",
        "m f=FALSE",
        "m f=\"\"",
        "m f=\"a\nb\"",
        "m   f=1   5   ",
        "m f=1 9223372036854775806",
        "m f=1 -9223372036854775806",
        "m\t f=1", /* a tab is no separator, so it belongs to the name */
        "m=x f=1",
        "m\"x f=1",
        "m,t=\"q f=1",
        "m,t=a\"b\" f=1",
        "m a\"b=1,c\"=2",
        "m,a\\\\b=1 f=1", /* two backslashes stay two */
        "m\\#x f=1",
        "m f=1,f=2",    /* the last holds */
        "m time=1,f=2", /* the encoder gives it another name */
        "#m f=1",       /* line_next passes over comments, line_parse has a line */
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (parse(lines[i]) != ERR_OK)
            fail_msg("<%s> was refused: %s", lines[i], why.text);
}

static void bad_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        unsigned column;
    } rows[] = {
        {"", 1},
        {"m", 2},
        {"m ", 3},
        {"m,", 3},
        {"m,t=a", 6},
        {",t=a f=1", 1},
        {" f=1", 1},
        {"m,=v f=1", 3},
        {"m,t= f=1", 5},
        {"m,t f=1", 4},
        {"m,t=a=b f=1", 6},
        {"m,t=,b=c f=1", 5},
        {"m,,t=a f=1", 3},
        {"m,t=a,t=b f=1", 7},
        {"m,time=1 f=1", 3},
        {"m,t=a, f=1", 7},
        {"m f", 4},
        {"m f=", 5},
        {"m f=,g=1", 5},
        {"m =1", 3},
        {"m f=1,", 7},
        {"m f=1,g", 8},
        {"m f=1,=2", 7},
        {"m f=1,,g=2", 7},
        {"m f= 5", 5},
        {"m f=1, g=2", 7},
        {"m f=+1", 5},
        {"m f=1_000", 5},
        {"m f=0x1F", 5},
        {"m f=NaN", 5},
        {"m f=nan", 5},
        {"m f=Inf", 5},
        {"m f=-inf", 5},
        {"m f=1e400", 5},
        {"m f=1e", 5},
        {"m f=-", 5},
        {"m f=.", 5},
        {"m f=1.5i", 5},
        {"m f=1e2i", 5},
        {"m f=i", 5},
        {"m f=u", 5},
        {"m f=9223372036854775808i", 5},
        {"m f=-1u", 5},
        {"m f=18446744073709551615u", 5},
        {"m f=+1i", 5},
        {"m f=tRUE", 5},
        {"m f=yes", 5},
        {"m f=word", 5},
        {"m f=\"", 5},
        {"m f=\"a", 5},
        {"m f=\"a\\\"", 5},
        {"m f=\"a\\", 5},
        {"m f=\"a\"b", 8},
        {"m f=\"a\"\"b\"", 8},
        {"m f=1\"a\"", 5},
        {"m f=1 x", 7},
        {"m f=1 1.5", 7},
        {"m f=1 +5", 7},
        {"m f=1 5 6", 9},
        {"m f=1 -", 7},
        {"m f=1 9223372036854775807", 7},
        {"m f=1 -9223372036854775807", 7},
        {"m f=1 99999999999999999999", 7},
        {"m f=1 5\r", 7},
        {"m f=1\r", 5},
        {"m f=1,f=\"a\"", 7},
        {"m f=1i,f=1", 8},
        {"m time=1", 3},
        {"m\\ f=1", 7},
        {"m x\\=1", 7},
        {"m,t=a\\\\,b=c f=1", 10}, /* a backslash before the comma counts, whatever is before it */

    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char column[32];
        snprintf(column, sizeof column, "column %u:", rows[i].column);
        if (parse(rows[i].line) != ERR_INVALID)
            fail_msg("<%s> was accepted", rows[i].line);
        if (strncmp(why.text, column, strlen(column)) != 0)
            fail_msg("<%s>: %s, due was %s", rows[i].line, why.text, column);
    }
}

static void limits_are_kept(void **state)
{
    (void)state;
    struct buf line = {0};
    buf_string(&line, "m");
    for (int i = 0; i <= POINT_MAX_TAGS; i++)
        buf_printf(&line, ",t%d=v", i);
    buf_string(&line, " f=1");
    assert_int_equal(parse(buf_cstr(&line)), ERR_INVALID);
    assert_non_null(strstr(why.text, "more tags"));

    buf_reset(&line);
    buf_string(&line, "m f=1");
    for (int i = 0; i < POINT_MAX_FIELDS; i++)
        buf_printf(&line, ",f%d=1", i);
    assert_int_equal(parse(buf_cstr(&line)), ERR_INVALID);
    assert_non_null(strstr(why.text, "more fields"));

    buf_reset(&line);
    buf_string(&line, "m,t=");
    for (int i = 0; i < 65526; i++)
        buf_char(&line, 'v');
    size_t series_len = line.len;
    buf_string(&line, " f=1");
    assert_int_equal(parse(buf_cstr(&line)), ERR_OK);
    buf_cut(&line, series_len);
    buf_string(&line, " ff=1");
    assert_int_equal(parse(buf_cstr(&line)), ERR_INVALID);
    buf_free(&line);
}

static void next_is(struct text *rest, const char *line)
{
    struct text got = {NULL, 0};
    assert_true(line_next(rest, &got));
    if (!text_equal(got, text_of(line)))
        fail_msg("got <%.*s>, due was <%s>", TEXT_ARGS(got), line);
}

static void lines_are_cut_outside_of_quotes(void **state)
{
    (void)state;
    struct text line;
    struct text rest =
        TEXT("\n\r\n  a f=1\r\n# comment with f=\"quote\n\n\t#another\nb,t=\" f=\"x\ny\" 5\n"
             "c\" f=1\nd f=\"\\\"\n\",g=2\n  e a\"b=1\nf g=1");
    next_is(&rest, "a f=1");
    next_is(&rest, "b,t=\" f=\"x\ny\" 5");
    next_is(&rest, "c\" f=1");
    next_is(&rest, "d f=\"\\\"\n\",g=2");
    next_is(&rest, "e a\"b=1");
    next_is(&rest, "f g=1");
    assert_false(line_next(&rest, &line));

    rest = TEXT("a f=1\nb s=\"x\nc f=1\nd f=2"); /* never closed: it takes the rest */
    next_is(&rest, "a f=1");
    next_is(&rest, "b s=\"x\nc f=1\nd f=2");
    assert_false(line_next(&rest, &line));

    rest = TEXT("# only a comment");
    assert_false(line_next(&rest, &line));
    rest = (struct text){NULL, 0};
    assert_false(line_next(&rest, &line));
}

/* Each line stands in a block of its own, so that the sanitizer sees one byte too far. */
static void every_beginning_of_a_line_is_safe(void **state)
{
    (void)state;
    static const char line[] =
        "m\\ x,t\\,=a\\=b,u=\"c f=\"a\\\"b\\\\\",g\\ =-1.5e3,h=12i,i=true 123\n#\\";
    for (size_t len = 0; len < sizeof line; len++) {
        char *exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, line, len);
        struct text rest = {exact, len}, one;
        while (line_next(&rest, &one)) {
            enum err err = line_parse(one, &scratch, &point, &why);
            assert_true(err == ERR_OK || err == ERR_INVALID);
        }
        free(exact);
    }
}

static int free_scratch(void **state)
{
    (void)state;
    buf_free(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_line_is_read),
        cmocka_unit_test(without_a_time_it_is_not_timed),
        cmocka_unit_test(good_lines),
        cmocka_unit_test(bad_lines),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(lines_are_cut_outside_of_quotes),
        cmocka_unit_test(every_beginning_of_a_line_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, free_scratch);
}
