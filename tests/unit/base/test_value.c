/* The one view of JSON and msgpack: what is read, what is refused and at which byte, and that
 * the libraries that others use read the same. */
#include <cjson/cJSON.h>
#include <math.h>
#include <msgpack.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/value.h"

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

static struct value parse(enum value_encoding encoding, struct text payload)
{
    struct value root = {0};
    struct err_reason why = {""};
    enum err err = value_parse(document, encoding, payload, &root, &why);
    if (err != ERR_OK)
        print_message("%.*s: %s\n", TEXT_ARGS(payload), why.text);
    assert_int_equal(err, ERR_OK);
    return root;
}

static void assert_text(struct value v, const char *bytes, size_t len)
{
    assert_int_equal(value_kind(v), VALUE_TEXT);
    assert_int_equal(value_text(v).len, len);
    assert_memory_equal(value_text(v).at, bytes, len);
}

static void reads_json_scalars(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum value_kind kind;
        double number;
    } good[] = {
        {"null", VALUE_NULL, 0},
        {" \t\r\n1 ", VALUE_INTEGER, 1},
        {"-0", VALUE_INTEGER, 0},
        {"9007199254740993", VALUE_INTEGER, 9007199254740992.0},
        {"9223372036854775808", VALUE_NUMBER, 9223372036854775808.0},
        {"1.0", VALUE_NUMBER, 1},
        {"1e3", VALUE_NUMBER, 1000},
        {"-1.5E-3", VALUE_NUMBER, -0.0015},
        {"1e-999", VALUE_NUMBER, 0},
        {"1e400", VALUE_NUMBER, INFINITY},
        {"-1e400", VALUE_NUMBER, -INFINITY},
        {"123456789012345678901234567890123456789012345678901234567890123456789012345",
         VALUE_NUMBER,
         123456789012345678901234567890123456789012345678901234567890123456789012345.0},
        {"true", VALUE_BOOL, 0},
        {"[]", VALUE_ARRAY, 0},
        {"{ }", VALUE_MAP, 0},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct value v = parse(VALUE_JSON, text_of(good[i].json));
        assert_int_equal(value_kind(v), good[i].kind);
        assert_true(value_number(v) == good[i].number);
    }
    assert_true(value_bool(parse(VALUE_JSON, TEXT("true"))));
    assert_false(value_bool(parse(VALUE_JSON, TEXT("false"))));
    assert_true(value_integer(parse(VALUE_JSON, TEXT("-9223372036854775808"))) == INT64_MIN);
    assert_true(value_integer(parse(VALUE_JSON, TEXT("9007199254740993"))) == 9007199254740993);
    assert_int_equal(value_integer(parse(VALUE_JSON, TEXT("\xEF\xBB\xBF 7"))), 7);
}

static void reads_json_text(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        struct text text;
    } good[] = {
        {"\"\"", {"", 0}},
        {"\"plain\"", {"plain", 5}},
        {"\"a\\u0000b\"", {"a\0b", 3}},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", {"\"\\/\b\f\n\r\t", 8}},
        {"\"\\u00e9\\u20AC\"", {"\xC3\xA9\xE2\x82\xAC", 5}},
        {"\"\\ud83d\\ude00!\"", {"\xF0\x9F\x98\x80!", 5}},
        {"\"\xC3\xA9\x7F\"", {"\xC3\xA9\x7F", 3}},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_text(parse(VALUE_JSON, text_of(good[i].json)), good[i].text.at, good[i].text.len);
}

static void finds_and_walks(void **state)
{
    (void)state;
    struct value root = parse(
        VALUE_JSON,
        TEXT("{\"a\\n\": [1, [2, {}], \"x\"], \"b\": {\"c\": null}, \"b\": 2, \"e\\t\": \"\\n\"}"));
    assert_int_equal(value_count(root), 4);
    struct value a, b, c;
    assert_true(value_get(root, TEXT("a\n"), &a));
    assert_true(value_get(root, TEXT("b"), &b));
    assert_true(value_get(b, TEXT("c"), &c));
    assert_int_equal(value_kind(c), VALUE_NULL);
    assert_false(value_get(root, TEXT("c"), &c));
    assert_false(value_get(a, TEXT("c"), &c));
    assert_true(value_get(root, TEXT("e\t"), &c));
    assert_text(c, "\n", 1);

    static const enum value_kind kinds[] = {VALUE_INTEGER, VALUE_ARRAY, VALUE_TEXT};
    struct value_walk walk = value_walk(a);
    struct text key;
    struct value element;
    size_t i = 0;
    for (; value_next(&walk, &key, &element); i++) {
        assert_int_equal(key.len, 0);
        assert_int_equal(value_kind(element), kinds[i]);
    }
    assert_int_equal(i, 3);
    walk = value_walk(root);
    for (i = 0; value_next(&walk, &key, &element); i++)
        assert_true(text_equal(key, i == 0 ? TEXT("a\n") : i == 3 ? TEXT("e\t") : TEXT("b")));
    assert_int_equal(i, 4);
    walk = value_walk((struct value){0});
    assert_false(value_next(&walk, &key, &element));
}

static void refuses_json(void **state)
{
    (void)state;
    static const struct {
        struct text json;
        const char *byte; /* as it stands in the reason */
    } bad[] = {
        {{"", 0}, "byte 0"},
        {{"  ", 2}, "byte 2"},
        {{"01", 2}, "byte 1"},
        {{"1.", 2}, "byte 2"},
        {{".5", 2}, "byte 0"},
        {{"+1", 2}, "byte 0"},
        {{"-", 1}, "byte 1"},
        {{"1e", 2}, "byte 2"},
        {{"0x10", 4}, "byte 1"},
        {{"NaN", 3}, "byte 0"},
        {{"-Infinity", 9}, "byte 1"},
        {{"nul", 3}, "byte 0"},
        {{"True", 4}, "byte 0"},
        {{"{} x", 4}, "byte 3"},
        {{"1 2", 3}, "byte 2"},
        {{"1\0", 2}, "byte 1"},
        {{"[1,]", 4}, "byte 3"},
        {{"[,1]", 4}, "byte 1"},
        {{"[1 2]", 5}, "byte 3"},
        {{"[1}", 3}, "byte 2"},
        {{"{\"a\":1]", 7}, "byte 6"},
        {{"{\"a\" 1}", 7}, "byte 5"},
        {{"{\"a\":1,}", 8}, "byte 7"},
        {{"{a:1}", 5}, "byte 1"},
        {{"{1:1}", 5}, "byte 1"},
        {{"[", 1}, "byte 1"},
        {{"{\"a\":", 5}, "byte 5"},
        {{"'a'", 3}, "byte 0"},
        {{"\"a", 2}, "byte 2"},
        {{"\"a\n\"", 4}, "byte 2"},
        {{"\"a\0\"", 4}, "byte 2"},
        {{"\"\\x41\"", 6}, "byte 2"},
        {{"\"\\", 2}, "byte 2"},
        {{"\"\\u12G4\"", 8}, "byte 3"},
        {{"\"\\u12", 5}, "byte 3"},
        {{"\"\\ud83d\"", 8}, "byte 1"},
        {{"\"\\ude00\"", 8}, "byte 1"},
        {{"\"\\ud83d\\u0041\"", 14}, "byte 1"},
        {{"\"\\ude00\\ude00\"", 14}, "byte 1"},
        {{"\"\xFF\"", 3}, "byte 1"},
        {{"\"\xC0\x80\"", 4}, "byte 1"},
        {{"\"\xED\xA0\x80\"", 5}, "byte 1"},
        {{"\"\xC3\"", 3}, "byte 1"},
        {{"// c\n1", 6}, "byte 0"},
        {{"\xEF\xBB\xBF", 3}, "byte 3"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *exact = malloc(bad[i].json.len ? bad[i].json.len : 1);
        assert_non_null(exact);
        memcpy(exact, bad[i].json.at, bad[i].json.len);
        struct value root = {0};
        struct err_reason why = {""};
        enum err err =
            value_parse(document, VALUE_JSON, (struct text){exact, bad[i].json.len}, &root, &why);
        if (err != ERR_INVALID || !strstr(why.text, bad[i].byte))
            fail_msg("%zu: %.*s: %s", i, TEXT_ARGS(bad[i].json), why.text);
        assert_null(root.node);
        free(exact);
    }
}

/* `levels` arrays inside each other, by the bytes that open and close one. */
static enum err parse_nested(enum value_encoding encoding, size_t levels)
{
    struct buf b = {0};
    for (size_t i = 0; i < levels; i++)
        buf_char(&b, encoding == VALUE_JSON ? '[' : i + 1 < levels ? '\x91' : '\x90');
    for (size_t i = 0; i < levels && encoding == VALUE_JSON; i++)
        buf_char(&b, ']');
    struct value root = {0};
    enum err err = value_parse(document, encoding, buf_view(&b), &root, NULL);
    size_t depth = 0;
    for (struct value v = root; err == ERR_OK && value_kind(v) == VALUE_ARRAY; depth++) {
        struct value_walk walk = value_walk(v);
        struct text key;
        if (!value_next(&walk, &key, &v))
            v = (struct value){0};
    }
    if (err == ERR_OK)
        assert_int_equal(depth, levels);
    buf_free(&b);
    return err;
}

static void bounds_depth(void **state)
{
    (void)state;
    assert_int_equal(parse_nested(VALUE_JSON, 512), ERR_OK);
    assert_int_equal(parse_nested(VALUE_JSON, 513), ERR_INVALID);
    assert_int_equal(parse_nested(VALUE_JSON, 1000000), ERR_INVALID);
    assert_int_equal(parse_nested(VALUE_MSGPACK, 32), ERR_OK);
    assert_int_equal(parse_nested(VALUE_MSGPACK, 33), ERR_INVALID);
}

/* Sizes on both sides of every form of msgpack. */
static void reads_msgpack_as_packed(void **state)
{
    (void)state;
    static const int64_t integers[] = {
        0,  1,   127, 128,  255,  256,    65535,  65536,     4294967295,      4294967296, INT64_MAX,
        -1, -32, -33, -128, -129, -32768, -32769, INT32_MIN, INT32_MIN - 1LL, INT64_MIN};
    static const size_t lengths[] = {0, 1, 31, 32, 255, 256, 65535, 65536};
    enum {
        INTEGERS = sizeof integers / sizeof *integers,
        LENGTHS = sizeof lengths / sizeof *lengths
    };
    static char letters[65536];
    memset(letters, 'x', sizeof letters);
    msgpack_sbuffer bytes;
    msgpack_sbuffer_init(&bytes);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &bytes, msgpack_sbuffer_write);
    msgpack_pack_array(&packer, INTEGERS + 2 * LENGTHS + 6);
    for (size_t i = 0; i < INTEGERS; i++)
        msgpack_pack_int64(&packer, integers[i]);
    for (size_t i = 0; i < LENGTHS; i++) {
        msgpack_pack_str_with_body(&packer, letters, lengths[i]);
        msgpack_pack_bin_with_body(&packer, letters, lengths[i]);
    }
    msgpack_pack_nil(&packer);
    msgpack_pack_true(&packer);
    msgpack_pack_float(&packer, 21.5f);
    msgpack_pack_double(&packer, 0.1);
    msgpack_pack_uint64(&packer, UINT64_MAX);
    msgpack_pack_array(&packer, 70000);
    for (int i = 0; i < 70000; i++)
        msgpack_pack_map(&packer, 0);

    struct value root = parse(VALUE_MSGPACK, (struct text){bytes.data, bytes.size});
    struct value_walk walk = value_walk(root);
    struct text key;
    struct value v;
    for (size_t i = 0; i < INTEGERS; i++) {
        assert_true(value_next(&walk, &key, &v));
        assert_int_equal(value_kind(v), VALUE_INTEGER);
        assert_true(value_integer(v) == integers[i]);
    }
    for (size_t i = 0; i < 2 * LENGTHS; i++) {
        assert_true(value_next(&walk, &key, &v));
        assert_int_equal(value_kind(v), i % 2 ? VALUE_BYTES : VALUE_TEXT);
        assert_int_equal(value_text(v).len, lengths[i / 2]);
    }
    static const struct {
        enum value_kind kind;
        double number;
    } rest[] = {{VALUE_NULL, 0},
                {VALUE_BOOL, 0},
                {VALUE_NUMBER, 21.5},
                {VALUE_NUMBER, 0.1},
                {VALUE_NUMBER, 18446744073709551616.0},
                {VALUE_ARRAY, 0}};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        assert_true(value_next(&walk, &key, &v));
        assert_int_equal(value_kind(v), rest[i].kind);
        assert_true(value_number(v) == rest[i].number);
    }
    assert_int_equal(value_count(v), 70000);
    assert_false(value_next(&walk, &key, &v));
    msgpack_sbuffer_destroy(&bytes);
}

static void reads_msgpack_special(void **state)
{
    (void)state;
    static const struct {
        struct text bytes;
        int64_t time_ns;
    } times[] = {
        {{"\xD6\xFF\x00\x00\x00\x01", 6}, 1000000000},
        {{"\xD7\xFF\x00\x00\x00\x04\x00\x00\x00\x01", 10}, 1000000001},
        {{"\xC7\x0C\xFF\x00\x00\x00\x05\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 15}, -999999995},
        {{"\xC7\x0C\xFF\x00\x00\x00\x00\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 15}, INT64_MAX},
        {{"\xC7\x0C\xFF\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00", 15}, INT64_MIN},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct value v = parse(VALUE_MSGPACK, times[i].bytes);
        assert_int_equal(value_kind(v), VALUE_TIME);
        assert_true(value_time_ns(v) == times[i].time_ns);
    }
    assert_true(isnan(value_number(parse(VALUE_MSGPACK, TEXT("\xCA\x7F\xC0\x00\x00")))));
    assert_true(isinf(value_number(parse(VALUE_MSGPACK, TEXT("\xCA\x7F\x80\x00\x00")))));

    /* {1: 2, "a": 3}: the key that is no text is passed over. */
    struct value map = parse(VALUE_MSGPACK, TEXT("\x82\x01\x02\xA1"
                                                 "a\x03"));
    struct value_walk walk = value_walk(map);
    struct text key;
    struct value v;
    assert_true(value_next(&walk, &key, &v));
    assert_true(text_equal(key, TEXT("a")));
    assert_int_equal(value_integer(v), 3);
    assert_false(value_next(&walk, &key, &v));
}

static void refuses_msgpack(void **state)
{
    (void)state;
    static const struct text bad[] = {
        {"", 0},
        {"\xC1", 1},
        {"\x01\x01", 2},
        {"\xA5"
         "abc",
         4},
        {"\xA1\xFF", 2},
        {"\xD9", 1},
        {"\xDB\xFF\xFF\xFF\xFF", 5},
        {"\xC6\x00\x00\x00\x02\x01", 6},
        {"\xDD\x05\xF5\xE1\x00", 5}, /* an array of 10^8 in five bytes */
        {"\xDF\x02\xFA\xF0\x80", 5}, /* a map of 5 * 10^7 */
        {"\x81\xA1"
         "a",
         3},
        {"\x92\x01", 2},
        {"\xCB\x00\x00", 3},
        {"\xD4\x05\x00", 3},                              /* another extension */
        {"\xD4\xFF\x00", 3},                              /* a timestamp of one byte */
        {"\xD7\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x01", 10}, /* over a second of ns */
        {"\xC7\x0C", 2},
        {"\xC9\xFF\xFF\xFF\xFF\xFF", 6},
        {"\xC7\x0C\xFF\x00", 4},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *exact = malloc(bad[i].len ? bad[i].len : 1);
        assert_non_null(exact);
        memcpy(exact, bad[i].at, bad[i].len);
        struct value root = {0};
        struct err_reason why = {""};
        assert_int_equal(
            value_parse(document, VALUE_MSGPACK, (struct text){exact, bad[i].len}, &root, &why),
            ERR_INVALID);
        assert_non_null(strstr(why.text, "byte"));
        free(exact);
    }
}

/* A declared count is refused where it stands, before anything is made for its elements. */
static void refuses_a_lie_at_once(void **state)
{
    (void)state;
    static const struct {
        struct text bytes;
        const char *words;
    } lies[] = {
        {{"\xDD\x05\xF5\xE1\x00\x01\x01", 7},
         "byte 0 needs at least 100000000 bytes more, there are 2"},
        {{"\xDF\x02\xFA\xF0\x80\x01", 6},
         "byte 0 needs at least 100000000 bytes more, there are 1"},
        {{"\x92\x01\xDC\xFF\xFF\x01", 6}, "byte 2 needs at least 65535 bytes more, there are 1"},
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct value root;
        struct err_reason why = {""};
        assert_int_equal(value_parse(document, VALUE_MSGPACK, lies[i].bytes, &root, &why),
                         ERR_INVALID);
        if (!strstr(why.text, lies[i].words))
            fail_msg("%s", why.text);
    }
}

static void tells_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        struct text payload;
        enum value_encoding encoding;
    } cases[] = {
        {"application/json", {"\x81", 1}, VALUE_JSON},
        {"Application/JSON; charset=utf-8", {"\x81", 1}, VALUE_JSON},
        {"application/msgpack", {"{", 1}, VALUE_MSGPACK},
        {"application/x-msgpack", {"{", 1}, VALUE_MSGPACK},
        {" application/vnd.msgpack ;v=1", {"{", 1}, VALUE_MSGPACK},
        {"application/jsonx", {"\x81", 1}, VALUE_MSGPACK},
        {"text/plain", {"{", 1}, VALUE_JSON},
        {"", {"\x80", 1}, VALUE_MSGPACK},
        {"", {"\xDF", 1}, VALUE_MSGPACK},
        {"", {"\x7F", 1}, VALUE_JSON},
        {"", {"\xEF\xBB\xBF{}", 5}, VALUE_JSON},
        {"", {"", 0}, VALUE_JSON},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(value_encoding_of(text_of(cases[i].type), cases[i].payload),
                         cases[i].encoding);
    assert_int_equal(value_encoding_of((struct text){0}, (struct text){0}), VALUE_JSON);
}

/* A document is used again: what a failed or a large message left does not show. */
static void uses_a_document_again(void **state)
{
    (void)state;
    struct buf large = {0};
    buf_char(&large, '[');
    for (int i = 0; i < 200000; i++)
        buf_string(&large, "\"\\n\",");
    buf_string(&large, "0]");
    assert_int_equal(value_count(parse(VALUE_JSON, buf_view(&large))), 200001);
    struct value root = {0};
    assert_int_equal(value_parse(document, VALUE_JSON, TEXT("[1"), &root, NULL), ERR_INVALID);
    assert_text(parse(VALUE_JSON, TEXT("\"\\t\"")), "\t", 1);
    buf_free(&large);
}

static const char *text_of_cjson(const cJSON *item)
{
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* cJSON reads the same from what both accept. */
static void agrees_with_cjson(void **state)
{
    (void)state;
    static const char *const messages[] = {
        "{\"temperature\": 21.5, \"humidity\": 48, \"name\": \"k\\u00fcche\"}",
        "{\"n\": -1.25e-7, \"s\": \"\\\\ \\\" \\/ \\ud83d\\ude00\", \"t\": \"\"}",
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        cJSON *other = cJSON_Parse(messages[i]);
        assert_non_null(other);
        struct value_walk walk = value_walk(parse(VALUE_JSON, text_of(messages[i])));
        struct text key;
        struct value v;
        const cJSON *item;
        cJSON_ArrayForEach(item, other)
        {
            assert_true(value_next(&walk, &key, &v));
            assert_true(text_equal(key, text_of(item->string)));
            const char *text = text_of_cjson(item);
            if (text)
                assert_text(v, text, strlen(text));
            else
                assert_true(value_number(v) == item->valuedouble);
        }
        assert_false(value_next(&walk, &key, &v));
        cJSON_Delete(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_json_scalars),    cmocka_unit_test(reads_json_text),
        cmocka_unit_test(finds_and_walks),       cmocka_unit_test(refuses_json),
        cmocka_unit_test(bounds_depth),          cmocka_unit_test(reads_msgpack_as_packed),
        cmocka_unit_test(reads_msgpack_special), cmocka_unit_test(refuses_msgpack),
        cmocka_unit_test(refuses_a_lie_at_once), cmocka_unit_test(tells_encodings),
        cmocka_unit_test(uses_a_document_again), cmocka_unit_test(agrees_with_cjson),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
