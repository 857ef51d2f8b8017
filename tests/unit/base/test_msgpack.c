/* msgpack as it is written: the bytes of the specification's shortest forms, msgpack-c as the
 * judge of the rest, and what comes back when it is read again. */
#include <math.h>
#include <msgpack.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/msgpack.h"

static struct value_document *document;

static int set_up(void **state)
{
    (void)state;
    document = value_document_new();
    return document ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    value_document_free(document);
    return 0;
}

static struct value read_value(enum value_encoding encoding, struct text payload)
{
    struct value root = {NULL};
    struct err_reason why = {""};
    if (value_parse(document, encoding, payload, &root, &why) != ERR_OK)
        fail_msg("%.*s: %s", (int)(payload.len < 60 ? payload.len : 60), payload.at, why.text);
    return root;
}

static void assert_bytes(const struct buf *out, struct text expected, const char *of)
{
    if (out->failed || !text_equal(buf_view(out), expected))
        fail_msg("%s: %zu bytes, the first 0x%02X", of, out->len,
                 out->len ? (unsigned char)out->data[0] : 0);
}

#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static void writes_the_shortest_form(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        struct text msgpack;
    } cases[] = {
        {"null", BYTES("\xC0")},
        {"false", BYTES("\xC2")},
        {"true", BYTES("\xC3")},
        {"0", BYTES("\x00")},
        {"127", BYTES("\x7F")},
        {"128", BYTES("\xCC\x80")},
        {"255", BYTES("\xCC\xFF")},
        {"256", BYTES("\xCD\x01\x00")},
        {"65535", BYTES("\xCD\xFF\xFF")},
        {"65536", BYTES("\xCE\x00\x01\x00\x00")},
        {"4294967295", BYTES("\xCE\xFF\xFF\xFF\xFF")},
        {"4294967296", BYTES("\xCF\x00\x00\x00\x01\x00\x00\x00\x00")},
        {"9223372036854775807", BYTES("\xCF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF")},
        {"-1", BYTES("\xFF")},
        {"-32", BYTES("\xE0")},
        {"-33", BYTES("\xD0\xDF")},
        {"-128", BYTES("\xD0\x80")},
        {"-129", BYTES("\xD1\xFF\x7F")},
        {"-32768", BYTES("\xD1\x80\x00")},
        {"-32769", BYTES("\xD2\xFF\xFF\x7F\xFF")},
        {"-2147483648", BYTES("\xD2\x80\x00\x00\x00")},
        {"-2147483649", BYTES("\xD3\xFF\xFF\xFF\xFF\x7F\xFF\xFF\xFF")},
        {"-9223372036854775808", BYTES("\xD3\x80\x00\x00\x00\x00\x00\x00\x00")},
        {"1.0", BYTES("\xCB\x3F\xF0\x00\x00\x00\x00\x00\x00")},
        {"-21.5", BYTES("\xCB\xC0\x35\x80\x00\x00\x00\x00\x00")},
        {"9223372036854775808", BYTES("\xCB\x43\xE0\x00\x00\x00\x00\x00\x00")},
        {"1e999", BYTES("\xCB\x7F\xF0\x00\x00\x00\x00\x00\x00")},
        {"\"\"", BYTES("\xA0")},
        {"\"a\\u0000\\u00e9\"", BYTES("\xA4"
                                      "a\0\xC3\xA9")},
        {"[]", BYTES("\x90")},
        {"{}", BYTES("\x80")},
        {"[[],{\"a\":[1,null]},2]", BYTES("\x93\x90\x81\xA1"
                                          "a\x92\x01\xC0\x02")},
    };
    struct buf out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_reset(&out);
        msgpack_write(read_value(VALUE_JSON, text_of(cases[i].json)), &out);
        assert_bytes(&out, cases[i].msgpack, cases[i].json);
    }
    buf_reset(&out);
    buf_char(&out, '!');
    msgpack_write((struct value){NULL}, &out); /* appended, and nothing is nil */
    assert_bytes(&out, (struct text)BYTES("!\xC0"), "no value");
    buf_free(&out);
}

/* What only msgpack can say is written as it was read: these are in their shortest form. */
static void writes_what_json_has_not(void **state)
{
    (void)state;
    static const struct text cases[] = {
        BYTES("\xC4\x00"),
        BYTES("\xC4\x03"
              "\x00\xFF\x80"),
        BYTES("\xD6\xFF\x00\x00\x00\x00"),
        BYTES("\xD6\xFF\xFF\xFF\xFF\xFF"),
        BYTES("\xD7\xFF\x00\x00\x00\x01\x00\x00\x00\x00"),                     /* 2^32 s */
        BYTES("\xD7\xFF\xEE\x6B\x27\xFC\x00\x00\x00\x01"),                     /* 999,999,999 ns */
        BYTES("\xC7\x0C\xFF\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), /* 1969 */
        BYTES("\xC7\x0C\xFF\x3B\x9A\xC9\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
        BYTES("\x83\x01\xA1"
              "a\xC0\x90\xC3\x2A"), /* keys that are no text */
        BYTES("\xCB\xFF\xF0\x00\x00\x00\x00\x00\x00"),
        BYTES("\xCB\x80\x00\x00\x00\x00\x00\x00\x00"), /* -0 */
    };
    struct buf out = {0};
    char name[16];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_reset(&out);
        msgpack_write(read_value(VALUE_MSGPACK, cases[i]), &out);
        snprintf(name, sizeof name, "case %zu", i);
        assert_bytes(&out, cases[i], name);
    }
    buf_reset(&out);
    msgpack_write(read_value(VALUE_MSGPACK, (struct text)BYTES("\xCA\x7F\xC0\x00\x00")), &out);
    assert_int_equal(out.len, 9);
    assert_true(isnan(value_number(read_value(VALUE_MSGPACK, buf_view(&out)))));
    buf_free(&out);
}

/* A part of a message is written alone. */
static void writes_a_part(void **state)
{
    (void)state;
    struct value root = read_value(VALUE_JSON, TEXT("{\"a\":{\"b\":[1,2]},\"c\":3}"));
    struct value part;
    struct buf out = {0};
    assert_true(value_get(root, TEXT("a"), &part));
    msgpack_write(part, &out);
    assert_bytes(&out,
                 (struct text)BYTES("\x81\xA1"
                                    "b\x92\x01\x02"),
                 "part");
    buf_free(&out);
}

/* Lengths and counts on both sides of each form's end, judged by msgpack-c. */
static void grows_its_counts(void **state)
{
    (void)state;
    static const size_t sizes[] = {15, 16, 31, 32, 255, 256, 65535, 65536};
    struct buf json = {0}, out = {0};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s];
        buf_reset(&json);
        buf_reset(&out);
        buf_string(&json, "[\"");
        for (size_t i = 0; i < n; i++)
            buf_char(&json, 'x');
        buf_string(&json, "\",[");
        for (size_t i = 0; i < n; i++)
            buf_string(&json, i ? ",7" : "7");
        buf_string(&json, "],{");
        for (size_t i = 0; i < n; i++)
            buf_printf(&json, "%s\"%zu\":-%zu", i ? "," : "", i, i);
        buf_string(&json, "}]");
        msgpack_write(read_value(VALUE_JSON, buf_view(&json)), &out);
        msgpack_unpacked got;
        msgpack_unpacked_init(&got);
        size_t used = 0;
        assert_int_equal(msgpack_unpack_next(&got, out.data, out.len, &used),
                         MSGPACK_UNPACK_SUCCESS);
        assert_int_equal(used, out.len);
        const msgpack_object *parts = got.data.via.array.ptr;
        assert_int_equal(parts[0].via.str.size, n);
        assert_int_equal(parts[1].via.array.size, n);
        assert_int_equal(parts[2].via.map.size, n);
        assert_int_equal(parts[1].via.array.ptr[n - 1].via.u64, 7);
        assert_true(parts[2].via.map.ptr[n - 1].val.via.i64 == -(int64_t)(n - 1));
        /* What msgpack-c packs of it is the same, byte for byte: nothing was longer than needed. */
        msgpack_sbuffer again;
        msgpack_sbuffer_init(&again);
        msgpack_packer packer;
        msgpack_packer_init(&packer, &again, msgpack_sbuffer_write);
        assert_int_equal(msgpack_pack_object(&packer, got.data), 0);
        assert_bytes(&out, (struct text){again.data, again.size}, "msgpack-c");
        msgpack_sbuffer_destroy(&again);
        msgpack_unpacked_destroy(&got);
    }
    buf_free(&json);
    buf_free(&out);
}

/* As deep as JSON may be: written, if not read again. */
static void writes_any_depth(void **state)
{
    (void)state;
    struct buf json = {0}, out = {0};
    for (int i = 0; i < VALUE_JSON_LEVELS; i++)
        buf_char(&json, '[');
    for (int i = 0; i < VALUE_JSON_LEVELS; i++)
        buf_char(&json, ']');
    msgpack_write(read_value(VALUE_JSON, buf_view(&json)), &out);
    assert_int_equal(out.len, VALUE_JSON_LEVELS);
    assert_int_equal((unsigned char)out.data[0], 0x91);
    assert_int_equal((unsigned char)out.data[out.len - 1], 0x90);
    buf_free(&json);
    buf_free(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_the_shortest_form), TEST(writes_what_json_has_not), TEST(writes_a_part),
        TEST(grows_its_counts),         TEST(writes_any_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
