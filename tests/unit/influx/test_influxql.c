#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "influx/influxql.h"

static void nothing_leaves_its_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *identifier, *literal;
    } rows[] = {
        {"plain", "\"plain\"", "'plain'"},
        {"", "\"\"", "''"},
        {"it's", "\"it's\"", "'it\\'s'"},
        {"a\"b", "\"a\\\"b\"", "'a\"b'"},
        {"a\\", "\"a\\\\\"", "'a\\\\'"},
        {"\\'; DROP DATABASE x --", "\"\\\\'; DROP DATABASE x --\"",
         "'\\\\\\'; DROP DATABASE x --'"},
        {"a\nb", "\"a\\nb\"", "'a\\nb'"},
    };
    struct buf out = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_reset(&out);
        influxql_identifier(text_of(rows[i].text), &out);
        assert_string_equal(buf_cstr(&out), rows[i].identifier);
        buf_reset(&out);
        influxql_literal(text_of(rows[i].text), &out);
        assert_string_equal(buf_cstr(&out), rows[i].literal);
    }
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_leaves_its_quotes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
