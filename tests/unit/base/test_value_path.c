#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/value_path.h"

static const char message[] =
    "{\"gw\":\"g1\",\"a\":{\"b\":1,\"c.d\":2,\"\":3},\"n\":null,"
    "\"list\":[{\"v\":10},{\"w\":0},{\"v\":12,\"in\":[1,2]},5,{\"in\":[]},{\"in\":[3]}],"
    "\"switch:0\":{\"on\":true},\"deep\":[[1,2],[3]]}";

static void append_value(struct buf *out, struct value v)
{
    if (value_kind(v) == VALUE_INTEGER)
        buf_integer(out, value_integer(v));
    else
        buf_string(out, value_kind_name(value_kind(v)));
}

/* All values of a path with their indices: "0=10 2=12 ". */
static void walk_path(struct value root, struct value part, const char *text, struct buf *out)
{
    struct value_path path;
    struct value v;
    assert_int_equal(value_path_parse(text_of(text), &path, NULL), ERR_OK);
    struct value_path_walk walk = value_path_walk(&path, root, part);
    buf_reset(out);
    while (value_path_next(&walk, &v)) {
        for (unsigned i = 0; i < path.each; i++)
            buf_printf(out, "%u%s", walk.index[i], i + 1 < path.each ? "." : "=");
        append_value(out, v);
        buf_char(out, ' ');
    }
    if (path.each == 0) {
        struct value found;
        assert_int_equal(value_path_find(&path, root, part, &found), out->len > 0);
    }
}

static void a_path_finds_what_it_names(void **state)
{
    static const struct {
        const char *path, *found;
    } cases[] = {
        {"a.b", "1 "},
        {"a[\"b\"]", "1 "},
        {"a[\"c.d\"]", "2 "},
        {"a[\"\"]", "3 "},
        {"[\"a\"].b", "1 "},
        {"a.b?", "1 "},
        {"a", "an object "},
        {"n", "null "},
        {"$", "an object "},
        {"$.a.b", "1 "},
        {"$[\"a\"].b", "1 "},
        {"switch:0.on", "true or false "},
        {"list[0].v", "10 "},
        {"list[3]", "5 "},
        {"list[6]", ""},
        {"list[999999]", ""},
        {"a[0]", ""},
        {"a.b.c", ""},
        {"list.v", ""},
        {"x?", ""},
        {"list[*].v", "0=10 2=12 "},
        {"list[*].in[*]", "2.0=1 2.1=2 5.0=3 "},
        {"deep[*][*]", "0.0=1 0.1=2 1.0=3 "},
        {"deep[*][0]", "0=1 1=3 "},
        {"deep[1][*]", "0=3 "},
        {"a[*]", ""},
        {"x[*].v", ""},
    };
    struct value_document *document = value_document_new();
    struct value root;
    struct buf out = {0};
    (void)state;
    assert_int_equal(value_parse(document, VALUE_JSON, text_of(message), &root, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        walk_path(root, root, cases[i].path, &out);
        if (strcmp(buf_cstr(&out), cases[i].found) != 0)
            fail_msg("%s gave \"%s\", expected \"%s\"", cases[i].path, buf_cstr(&out),
                     cases[i].found);
    }
    buf_free(&out);
    value_document_free(document);
}

static void a_dollar_begins_at_the_whole_message(void **state)
{
    struct value_document *document = value_document_new();
    struct value root, part;
    struct buf out = {0};
    (void)state;
    assert_int_equal(value_parse(document, VALUE_JSON, text_of(message), &root, NULL), ERR_OK);
    assert_true(value_get(root, TEXT("a"), &part));
    walk_path(root, part, "b", &out);
    assert_string_equal(buf_cstr(&out), "1 ");
    walk_path(root, part, "$.a.b", &out);
    assert_string_equal(buf_cstr(&out), "1 ");
    walk_path(root, part, "$.list[*].v", &out);
    assert_string_equal(buf_cstr(&out), "0=10 2=12 ");
    walk_path(root, part, "a.b", &out);
    assert_string_equal(buf_cstr(&out), "");
    buf_free(&out);
    value_document_free(document);
}

static void what_is_no_path_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *path, *words;
    } cases[] = {
        {"", "a key, like sensors[0].temperature at byte 1"},
        {"?", "a key at byte 1"},
        {".a", "a key at byte 1"},
        {"a.", "a key at byte 3"},
        {"a..b", "a key at byte 3"},
        {"a[", "an index like [0]"},
        {"a[]", "at byte 3"},
        {"a[x]", "at byte 3"},
        {"a[-1]", "at byte 3"},
        {"a[1", "a ] at byte 4"},
        {"a[*", "a ] at byte 4"},
        {"a[1]b", "a dot, a [ or the end at byte 5"},
        {"a[\"b]", "a key that ends with a quote at byte 4"},
        {"a[\"b\"", "a ] at byte 6"},
        {"a]", "a dot, a [ or the end at byte 2"},
        {"a?b", "a dot, a [ or the end at byte 2"},
        {"a??", "at byte 2"},
        {"$a", "a dot, a [ or the end at byte 2"},
        {"a.$", "a key at byte 3"},
        {"a[1000000]", "at most 999999 at byte 3"},
        {"a[99999999999999999999]", "at byte 3"},
        {"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", "at most 16 steps"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value_path path = {.count = 99};
        struct err_reason why = {""};
        if (value_path_parse(text_of(cases[i].path), &path, &why) != ERR_INVALID ||
            !strstr(why.text, cases[i].words) || path.count != 99)
            fail_msg("%s says \"%s\", expected \"%s\"", cases[i].path, why.text, cases[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_finds_what_it_names),
        cmocka_unit_test(a_dollar_begins_at_the_whole_message),
        cmocka_unit_test(what_is_no_path_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
