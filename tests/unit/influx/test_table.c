#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "influx/table.h"

#define RESULT(inside) "{\"results\":[{\"statement_id\":0" inside "}]}\n"

static struct table *read_table(const char *body)
{
    struct table *table = NULL;
    struct err_reason why = {""};
    if (table_read(text_of(body), &table, &why) != ERR_OK)
        fail_msg("%s: %s", body, why.text);
    return table;
}

#define assert_text(got, due)                                                                      \
    do {                                                                                           \
        struct text got_ = (got);                                                                  \
        assert_int_equal(got_.len, strlen(due));                                                   \
        assert_memory_equal(got_.at ? got_.at : "", due, got_.len);                                \
    } while (0)

static void series_have_tags_columns_and_rows(void **state)
{
    (void)state;
    struct table *table = read_table(RESULT(
        ",\"series\":[{\"name\":\"service_metrics\",\"tags\":{\"service\":\"writer\",\"site\":\"\"}"
        ","
        "\"columns\":[\"time\",\"count\",\"word\"],\"values\":["
        "[1700000000000,12,\"a\\n\\u00e9\"],[1700000300000,null,\"\"],[1700000600000,2.5,null]]},"
        "{\"name\":\"service_metrics\",\"tags\":{\"service\":\"query\"},"
        "\"columns\":[\"time\",\"count\",\"word\"],\"values\":[[0,-1,\"x\"]]}]"));
    double number = 7;
    assert_false(table_partial(table));
    assert_int_equal(table_series_count(table), 2);
    assert_text(table_name(table, 0), "service_metrics");
    assert_text(table_tag(table, 0, TEXT("service")), "writer");
    assert_text(table_tag(table, 1, TEXT("service")), "query");
    assert_text(table_tag(table, 0, TEXT("site")), "");
    assert_text(table_tag(table, 0, TEXT("nothing")), "");
    assert_int_equal(table_columns(table, 0), 3);
    assert_text(table_column_name(table, 0, 2), "word");
    int count = table_column(table, 0, TEXT("count"));
    assert_int_equal(count, 1);
    assert_int_equal(table_column(table, 0, TEXT("Count")), -1);
    assert_int_equal(table_rows(table, 0), 3);
    assert_true(table_time_ms(table, 0, 1) == 1700000300000);
    assert_true(table_number(table, 0, 0, count, &number));
    assert_true(number == 12);
    assert_true(table_number(table, 0, 2, count, &number));
    assert_true(number == 2.5);
    assert_false(table_number(table, 0, 1, count, &number)); /* null is no 0 */
    assert_false(table_number(table, 0, 0, 2, &number));     /* nor is text */
    assert_true(number == 2.5);
    assert_text(value_text(table_at(table, 0, 0, 2)), "a\n\xC3\xA9");
    assert_int_equal(value_kind(table_at(table, 0, 1, 1)), VALUE_NULL);
    assert_int_equal(value_kind(table_at(table, 0, 1, 2)), VALUE_TEXT);
    assert_true(table_number(table, 1, 0, count, &number));
    assert_true(number == -1);
    table_free(table);
}

static void nothing_is_found_out_of_range(void **state)
{
    (void)state;
    double number;
    struct table *table = read_table(
        RESULT(",\"series\":[{\"name\":\"m\",\"columns\":[\"mean\"],\"values\":[[1],[2]]}]"));
    assert_text(table_name(table, 1), "");
    assert_text(table_tag(table, 0, TEXT("host")), "");
    assert_text(table_tag(table, 1, TEXT("host")), "");
    assert_text(table_column_name(table, 0, 1), "");
    assert_int_equal(table_columns(table, 1), 0);
    assert_int_equal(table_rows(table, SIZE_MAX), 0);
    assert_int_equal(table_column(table, 1, TEXT("mean")), -1);
    assert_int_equal(value_kind(table_at(table, 0, 2, 0)), VALUE_NULL);
    assert_int_equal(value_kind(table_at(table, 0, SIZE_MAX, 0)), VALUE_NULL);
    assert_int_equal(value_kind(table_at(table, 0, 0, 1)), VALUE_NULL);
    assert_int_equal(value_kind(table_at(table, 0, 0, -1)), VALUE_NULL);
    assert_int_equal(value_kind(table_at(table, 1, 0, 0)), VALUE_NULL);
    assert_false(table_number(table, 0, 2, 0, &number));
    assert_true(table_time_ms(table, 0, 0) == 0); /* no such column */
    assert_true(table_time_ms(table, 9, 9) == 0);
    table_free(table);
    table_free(NULL);
}

static void integers_are_exact(void **state)
{
    (void)state;
    struct table *table = read_table(
        RESULT(",\"series\":[{\"name\":\"m\",\"columns\":[\"time\",\"f\"],\"values\":["
               "[9223372036854775807,-9223372036854775808],[-9007199254740993,1e400]]}]"));
    double number;
    assert_true(table_time_ms(table, 0, 0) == INT64_MAX);
    assert_true(value_integer(table_at(table, 0, 0, 1)) == INT64_MIN);
    assert_true(table_time_ms(table, 0, 1) == -9007199254740993);
    assert_false(table_number(table, 0, 1, 1, &number)); /* infinite */
    table_free(table);
}

static void no_data_is_a_result(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t series, columns;
        bool partial;
    } rows[] = {
        {RESULT(""), 0, 0, false},
        {"{\"results\":[{}]}", 0, 0, false},
        {RESULT(",\"series\":null,\"error\":null"), 0, 0, false},
        {RESULT(",\"series\":[]"), 0, 0, false},
        {RESULT(",\"series\":[{\"name\":\"databases\",\"columns\":[\"name\"]}]"), 1, 1, false},
        {RESULT(",\"series\":[{\"name\":\"m\",\"tags\":null,\"columns\":[\"x\"],"
                "\"values\":null}]"),
         1, 1, false},
        {RESULT(",\"series\":[{\"columns\":[],\"values\":[]}]"), 1, 0, false},
        {RESULT(",\"series\":[{\"columns\":[\"x\"],\"values\":[],\"partial\":true}]"), 1, 1, true},
        {RESULT(",\"partial\":true"), 0, 0, true},
        {RESULT(",\"partial\":false,\"messages\":[{\"level\":\"warning\",\"text\":\"old\"}]"), 0, 0,
         false},
        {"{\"unknown\":[1,{}],\"results\":[{\"unknown\":{},\"series\":[{\"columns\":[\"x\"],"
         "\"unknown\":1}]}]}",
         1, 1, false},
        {"{\"results\":[{},{\"error\":\"of a statement that was not asked\"}]}", 0, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct table *table = read_table(rows[i].body);
        assert_int_equal(table_series_count(table), rows[i].series);
        assert_int_equal(table_columns(table, 0), rows[i].columns);
        assert_int_equal(table_rows(table, 0), 0);
        assert_int_equal(table_partial(table), rows[i].partial);
        table_free(table);
    }
}

static void an_error_in_a_reply_is_the_server_s_no(void **state)
{
    (void)state;
    static const struct {
        const char *body, *words;
    } rows[] = {
        {"{\"error\":\"timeout\"}", "timeout"},
        {"{\"results\":[{\"statement_id\":0,\"error\":\"database not found: x\"}]}",
         "database not found: x"},
        {"{\"results\":[{\"statement_id\":0,\"series\":[{\"name\":\"m\",\"columns\":[\"x\"],"
         "\"values\":[[1]]}],\"error\":\"query-timeout limit\\nexceeded\"}]}",
         "query-timeout limit?exceeded"},
        {"{\"error\":\"first\",\"results\":[{\"error\":\"second\"}]}", "first"},
        {"{\"error\":{\"code\":1}}", "an error without words"},
        {"{\"results\":[{\"error\":\"\"}]}", "an error without words"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct table *table = NULL;
        struct err_reason why = {""};
        assert_int_equal(table_read(text_of(rows[i].body), &table, &why), ERR_REFUSED);
        assert_string_equal(why.text, rows[i].words);
        assert_null(table);
    }
}

static void what_is_not_influxdb_s_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        " ",
        "<html>Hello</html>",
        "null",
        "[]",
        "\"results\"",
        "{}",
        "{\"results\":[]}",
        "{\"results\":null}",
        "{\"results\":{\"0\":{}}}",
        "{\"results\":[null]}",
        "{\"results\":[[]]}",
        RESULT("") RESULT(""), /* two documents, as `chunked` would send them */
        RESULT(",\"series\":{}"),
        RESULT(",\"series\":[1]"),
        RESULT(",\"series\":[null]"),
        RESULT(",\"series\":[{\"columns\":\"x\"}]"),
        RESULT(",\"series\":[{\"columns\":{\"x\":1}}]"),
        RESULT(",\"series\":[{\"columns\":[\"x\"],\"tags\":[]}]"),
        RESULT(",\"series\":[{\"columns\":[\"x\"],\"values\":{}}]"),
        RESULT(",\"series\":[{\"columns\":[\"x\"],\"values\":[1]}]"),
        RESULT(",\"series\":[{\"columns\":[\"x\"],\"values\":[[1],[]]}]"),
        RESULT(",\"series\":[{\"columns\":[\"x\"],\"values\":[[1,2]]}]"),
        RESULT(",\"series\":[{\"columns\":[\"x\"],\"values\":[{\"x\":1}]}]"),
        RESULT(",\"series\":[{\"values\":[[1]]}]"),
        RESULT(",\"series\":[{\"columns\":[\"x\"],\"values\":[[NaN]]}]"),
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct table *table = NULL;
        struct err_reason why = {""};
        if (table_read(text_of(bodies[i]), &table, &why) != ERR_INVALID)
            fail_msg("taken: %s", bodies[i]);
        assert_true(*why.text);
        assert_null(table);
    }
}

static void a_reply_that_was_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static const char body[] =
        RESULT(",\"series\":[{\"name\":\"m\",\"tags\":{\"a\":\"b\"},\"columns\":[\"time\",\"f\"],"
               "\"values\":[[1,2],[3,null]]}]");
    size_t whole = sizeof body - 2; /* without the newline at its end */
    for (size_t len = 0; len < whole; len++) {
        struct table *table = NULL;
        char *exact = malloc(len + 1);
        memcpy(exact, body, len);
        assert_int_equal(table_read((struct text){exact, len}, &table, NULL), ERR_INVALID);
        free(exact);
    }
}

static void hostile_replies_are_bounded(void **state)
{
    (void)state;
    struct table *table = NULL;
    struct err_reason why = {""};
    struct buf deep = {0};
    buf_string(&deep, "{\"results\":");
    for (int i = 0; i < 100000; i++)
        buf_char(&deep, '[');
    assert_int_equal(table_read(buf_view(&deep), &table, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "levels deep"));
    buf_free(&deep);

    static char long_words[2000];
    memset(long_words, 'w', sizeof long_words - 1);
    struct buf error = {0};
    buf_printf(&error, "{\"error\":\"%s\"}", long_words);
    assert_int_equal(table_read(buf_view(&error), &table, &why), ERR_REFUSED);
    buf_free(&error);

    char byte = 'x'; /* the length alone decides: nothing of it is read */
    struct text giant = {&byte, (size_t)TABLE_BODY_MAX_BYTES + 1};
    assert_int_equal(table_read(giant, &table, &why), ERR_TOO_LARGE);
    assert_null(table);

    table = read_table(
        RESULT(",\"series\":[{\"columns\":[\"x\",1],\"values\":[[[1,[2]],{\"a\":3}]]}]"));
    assert_int_equal(value_kind(table_at(table, 0, 0, 1)), VALUE_MAP);
    assert_text(table_column_name(table, 0, 1), "");
    table_free(table);
}

static void the_reply_is_copied(void **state)
{
    (void)state;
    char body[] = RESULT(",\"series\":[{\"name\":\"m\",\"columns\":[\"x\"],\"values\":[[\"y\"]]}]");
    struct table *table = read_table(body);
    memset(body, '#', sizeof body);
    assert_text(table_name(table, 0), "m");
    assert_text(value_text(table_at(table, 0, 0, 0)), "y");
    table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_have_tags_columns_and_rows),
        cmocka_unit_test(nothing_is_found_out_of_range),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(no_data_is_a_result),
        cmocka_unit_test(an_error_in_a_reply_is_the_server_s_no),
        cmocka_unit_test(what_is_not_influxdb_s_is_refused),
        cmocka_unit_test(a_reply_that_was_cut_anywhere_is_refused),
        cmocka_unit_test(hostile_replies_are_bounded),
        cmocka_unit_test(the_reply_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
