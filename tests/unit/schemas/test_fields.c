/* The table codec on a message of every type: there and back, what absence is, and what is said
 * of a field that is wrong. */
#include <inttypes.h>
#include <math.h>

#include "messages.h"

enum colour { COLOUR_UNSAID, COLOUR_RED, COLOUR_BLUE };
static const char *const colours[] = {"", "red", "blue", NULL};

struct sample {
    char name[8];
    struct text note;
    enum colour colour;
    bool lit;
    struct fields_unsigned level, total;
    struct fields_number ratio, mean;
    int64_t time_ns, number;
    struct fields_count counts[2];
    struct fields_text texts[3], some[2];
    int64_t maybe_ns;
    struct text word;
    struct fields_number share;
};

#define MEMBER(member) FIELDS_MEMBER(struct sample, member)

static const struct fields_row rows[] = {
    {"schema", FIELDS_SCHEMA, .required = true, .max = 3, .help = "version"},
    {"name", FIELDS_TEXT, .required = true, MEMBER(name), .min = 1, .help = "a name"},
    {"note", FIELDS_BORROWED, MEMBER(note), .min = 2, .help = "a note"},
    {"colour", FIELDS_WORD, MEMBER(colour), .words = colours, .help = "a colour"},
    {"lit", FIELDS_BOOL, MEMBER(lit), .help = "a switch"},
    {"level", FIELDS_UNSIGNED, MEMBER(level), .min = 1, .max = 9, .help = "a level"},
    {"total", FIELDS_UNSIGNED, MEMBER(total), .help = "a total"},
    {"ratio", FIELDS_NUMBER, MEMBER(ratio), .min = -1, .max = 100, .help = "a ratio"},
    {"mean", FIELDS_NUMBER, .nullable = true, MEMBER(mean), .help = "a mean"},
    {"time", FIELDS_TIME, .required = true, MEMBER(time_ns), .help = "a time"},
    {"number", FIELDS_INTEGER_TEXT, .required = true, MEMBER(number), .help = "a number"},
    {"counts", FIELDS_COUNTS, MEMBER(counts), .help = "counts"},
    {"texts", FIELDS_TEXTS, MEMBER(texts), .max = 5, .help = "texts"},
    {"some", FIELDS_TEXTS, MEMBER(some), .words = colours, .min = 1, .help = "texts of colours"},
    {"maybe", FIELDS_TIME_OR_NONE, MEMBER(maybe_ns), .help = "a time or none"},
    {"word", FIELDS_BORROWED, MEMBER(word), .words = colours, .help = "a colour as text"},
    {"share", FIELDS_NUMBER, MEMBER(share), .min = 0, .above_min = true, .max = 1,
     .help = "a share"},
};
static const struct fields_table table = {
    .name = "sample", .help = "A sample.", FIELDS_ROWS(rows), .size = sizeof(struct sample)};

static struct buf out;

static const char *encode(const struct sample *sample)
{
    buf_reset(&out);
    fields_encode(&table, sample, &out);
    return buf_cstr(&out);
}

static void a_full_message_goes_there_and_back(void **state)
{
    (void)state;
    struct sample sample = {
        .name = "seven77",
        .note = TEXT("\"\n\0\xC3\xBC"),
        .colour = COLOUR_BLUE,
        .lit = true,
        .level = fields_unsigned(9),
        .total = fields_unsigned(9007199254740993),
        .ratio = fields_number(-0.1),
        .mean = fields_number(0),
        .time_ns = -1,
        .number = INT64_MIN,
        .counts = {{"a b", 0}, {"\xC3\xBC", UINT32_MAX}},
        .texts = {{TEXT("a"), TEXT("")}, {TEXT("b\n"), TEXT("\"")}},
        .some = {{TEXT("blue"), TEXT("sky")}, {TEXT("red"), TEXT("rose")}},
        .maybe_ns = -1,
        .word = TEXT("red"),
        .share = fields_number(1e-9),
    };
    static const char json[] =
        "{\"schema\":3,\"name\":\"seven77\",\"note\":\"\\\"\\n\\u0000\xC3\xBC\",\"colour\":"
        "\"blue\","
        "\"lit\":true,\"level\":9,\"total\":9007199254740993,\"ratio\":-0.1,\"mean\":0,"
        "\"time\":\"1969-12-31T23:59:59.999999999Z\",\"number\":\"-9223372036854775808\","
        "\"counts\":{\"a b\":0,\"\xC3\xBC\":4294967295},"
        "\"texts\":{\"a\":\"\",\"b\\n\":\"\\\"\"},\"some\":{\"blue\":\"sky\",\"red\":\"rose\"},"
        "\"maybe\":\"1969-12-31T23:59:59.999999999Z\",\"word\":\"red\",\"share\":1e-9}";
    struct sample back = {.name = "before"};
    assert_string_equal(encode(&sample), json);
    assert_int_equal(fields_decode(&table, messages_parse(text_of(json)), &back, NULL), ERR_OK);
    assert_true(text_equal(back.note, sample.note));
    assert_int_equal(back.total.value, 9007199254740993);
    assert_int_equal(back.number, INT64_MIN);
    assert_int_equal(back.time_ns, -1);
    assert_string_equal(encode(&back), json);
}

static void a_zeroed_message_says_nothing(void **state)
{
    (void)state;
    static const char json[] = "{\"schema\":3,\"name\":\"\",\"mean\":null,"
                               "\"time\":\"1970-01-01T00:00:00Z\",\"number\":\"0\"}";
    struct sample sample = {0};
    assert_string_equal(encode(&sample), json);
    sample.ratio = fields_number(NAN);
    sample.mean = fields_number(INFINITY);
    sample.level.value = sample.total.value = 5;
    assert_string_equal(encode(&sample), json);
    const struct fields_table empty = {.name = "empty", .rows = rows, .count = 0};
    buf_reset(&out);
    fields_encode(&empty, &sample, &out);
    assert_string_equal(buf_cstr(&out), "{}");
}

static void a_zero_has_no_sign(void **state)
{
    (void)state;
    struct sample sample = {.ratio = fields_number(-0.0), .mean = fields_number(-0.0)};
    assert_non_null(strstr(encode(&sample), "\"ratio\":0,\"mean\":0,"));
}

#define REST "\"schema\":3,\"name\":\"n\",\"time\":\"2026-11-20T10:00:00Z\",\"number\":\"0\""

static void null_and_what_is_not_known_do_not_matter(void **state)
{
    (void)state;
    struct sample sample;
    assert_int_equal(fields_decode(&table,
                                   messages_parse(TEXT("{\"level\":null,\"counts\":null,\"x\":{},"
                                                       "\"mean\":null,\"lit\":null,"
                                                       "\"total\":1.8e19," REST "}")),
                                   &sample, NULL),
                     ERR_OK);
    assert_false(sample.level.present);
    assert_false(sample.mean.present);
    assert_false(sample.lit);
    assert_int_equal(sample.total.value, UINT64_C(18000000000000000000));
    assert_int_equal(sample.counts[0].name[0], 0);
}

static const struct {
    const char *json;
    enum err err;
    const char *field, *words;
} wrong[] = {
    {"[]", ERR_INVALID, "sample", "an object is due"},
    {"7", ERR_INVALID, "sample", "an object is due"},
    {"{}", ERR_INVALID, "schema", "missing"},
    {"{\"schema\":null}", ERR_INVALID, "schema", "missing"},
    {"{\"schema\":\"3\"}", ERR_INVALID, "schema", "a whole number is due"},
    {"{\"schema\":4}", ERR_UNSUPPORTED, "schema", "version 4"},
    {"{\"schema\":3}", ERR_INVALID, "name", "missing"},
    {"{\"schema\":3,\"name\":7}", ERR_INVALID, "name", "text is due"},
    {"{\"schema\":3,\"name\":\"\"}", ERR_INVALID, "name", "1 to 7"},
    {"{\"schema\":3,\"name\":\"12345678\"}", ERR_INVALID, "name", "1 to 7"},
    {"{\"schema\":3,\"name\":\"a\\u0000\"}", ERR_INVALID, "name", "NUL"},
    {"{\"schema\":3,\"name\":\"n\"}", ERR_INVALID, "time", "missing"},
    {"{\"note\":false," REST "}", ERR_INVALID, "note", "text is due"},
    {"{\"note\":\"1\"," REST "}", ERR_INVALID, "note", "due"},
    {"{\"colour\":\"green\"," REST "}", ERR_INVALID, "colour", "red, blue"},
    {"{\"colour\":\"\"," REST "}", ERR_INVALID, "colour", "red, blue"},
    {"{\"colour\":1," REST "}", ERR_INVALID, "colour", "text is due"},
    {"{\"lit\":1," REST "}", ERR_INVALID, "lit", "true or false is due"},
    {"{\"level\":0," REST "}", ERR_INVALID, "level", "at least 1"},
    {"{\"level\":10," REST "}", ERR_INVALID, "level", "at most 9"},
    {"{\"level\":\"5\"," REST "}", ERR_INVALID, "level", "a whole number from 0"},
    {"{\"total\":-1," REST "}", ERR_INVALID, "total", "a whole number from 0"},
    {"{\"total\":1.5," REST "}", ERR_INVALID, "total", "a whole number from 0"},
    {"{\"total\":1e20," REST "}", ERR_INVALID, "total", "a whole number from 0"},
    {"{\"ratio\":-1.5," REST "}", ERR_INVALID, "ratio", "at least -1"},
    {"{\"ratio\":100.5," REST "}", ERR_INVALID, "ratio", "at most 100"},
    {"{\"ratio\":\"1\"," REST "}", ERR_INVALID, "ratio", "a finite number is due"},
    {"{\"mean\":-1," REST "}", ERR_INVALID, "mean", "at least 0"},
    {"{\"counts\":[]," REST "}", ERR_INVALID, "counts", "an object"},
    {"{\"counts\":{\"a\":-1}," REST "}", ERR_INVALID, "counts", "a whole number from 0"},
    {"{\"counts\":{\"a\":\"1\"}," REST "}", ERR_INVALID, "counts", "a whole number from 0"},
    {"{\"counts\":{\"\":1}," REST "}", ERR_INVALID, "counts", "1 to 31"},
    {"{\"counts\":{\"12345678901234567890123456789012\":1}," REST "}", ERR_INVALID, "counts",
     "1 to 31"},
    {"{\"counts\":{\"a\":1,\"b\":1,\"c\":1}," REST "}", ERR_INVALID, "counts", "at most 2"},
    {"{\"texts\":\"a\"," REST "}", ERR_INVALID, "texts", "an object of texts"},
    {"{\"texts\":{\"a\":1}," REST "}", ERR_INVALID, "texts", "number is under \"a\", and text"},
    {"{\"texts\":{\"\":\"a\"}," REST "}", ERR_INVALID, "texts", "a name in it is empty"},
    {"{\"texts\":{\"a\":\"123456\"}," REST "}", ERR_INVALID, "texts", "at most 5"},
    {"{\"texts\":{\"a\":\"\",\"b\":\"\",\"a\":\"\"}," REST "}", ERR_INVALID, "texts",
     "\"a\" is there twice"},
    {"{\"texts\":{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\"}," REST "}", ERR_INVALID, "texts",
     "4 names are here, and at most 3"},
    {"{\"some\":{\"green\":\"a\"}," REST "}", ERR_INVALID, "some",
     "\"green\" is none of red, blue"},
    {"{\"some\":{\"red\":\"\"}," REST "}", ERR_INVALID, "some", "empty"},
    {"{\"maybe\":\"1970-01-01T00:00:00Z\"," REST "}", ERR_INVALID, "maybe", "cannot be said"},
    {"{\"maybe\":0," REST "}", ERR_INVALID, "maybe", "RFC 3339"},
    {"{\"word\":\"green\"," REST "}", ERR_INVALID, "word", "red, blue"},
    {"{\"word\":\"\"," REST "}", ERR_INVALID, "word", "red, blue"},
    {"{\"share\":0," REST "}", ERR_INVALID, "share", "more than 0"},
    {"{\"share\":-1," REST "}", ERR_INVALID, "share", "more than 0"},
    {"{\"share\":1.1," REST "}", ERR_INVALID, "share", "at most 1"},
    {"{\"schema\":3,\"name\":\"n\",\"time\":1}", ERR_INVALID, "time", "RFC 3339"},
    {"{\"schema\":3,\"name\":\"n\",\"time\":\"2026-11-20\"}", ERR_INVALID, "time", "RFC 3339"},
    {"{\"schema\":3,\"name\":\"n\",\"time\":\"2026-11-20T10:00:00Z\",\"number\":5}", ERR_INVALID,
     "number", "whole number as text"},
    {"{\"schema\":3,\"name\":\"n\",\"time\":\"2026-11-20T10:00:00Z\",\"number\":\"5.0\"}",
     ERR_INVALID, "number", "whole number as text"},
};

static void an_error_names_the_field_and_what_is_due(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(wrong); i++) {
        struct sample sample = {.name = "before", .number = 42};
        struct err_reason why = {""};
        enum err err = fields_decode(&table, messages_parse(text_of(wrong[i].json)), &sample, &why);
        if (err != wrong[i].err || !text_starts(text_of(why.text), text_of(wrong[i].field)) ||
            !strstr(why.text, wrong[i].words))
            fail_msg("%s: %d, %s", wrong[i].json, (int)err, why.text);
        assert_string_equal(sample.name, "before");
        assert_int_equal(sample.number, 42);
    }
}

static void texts_are_in_the_order_of_their_names(void **state)
{
    (void)state;
    struct sample sample;
    const char *json = "{\"texts\":{\"b\":\"2\",\"ba\":\"3\",\"a\":\"1\"}," REST "}";
    assert_int_equal(fields_decode(&table, messages_parse(text_of(json)), &sample, NULL), ERR_OK);
    assert_non_null(strstr(encode(&sample), "\"texts\":{\"a\":\"1\",\"b\":\"2\",\"ba\":\"3\"}"));
}

static const struct {
    const char *json, *words;
} unknown[] = {
    {"{\"nmae\":1," REST "}", "\"nmae\" is not known here, \"name\" is"},
    {"{" REST ",\"colours\":\"red\"}", "\"colours\" is not known here, \"colour\" is"},
    {"{" REST ",\"entirely_else\":1}", "known are schema, name, note, "},
    {"{" REST ",\"\":1}", "\"\" is not known here"},
    {"{" REST ",\"name\":\"m\"}", "name: is there twice"},
    {"{" REST ",\"lit\":null,\"lit\":null}", "lit: is there twice"},
    {"{\"note\":1," REST "}", "note: a whole number is here"},
    {"[]", "an object is due"},
    {"null", "an object is due"},
};

static void strict_reading_refuses_what_is_not_known(void **state)
{
    (void)state;
    struct sample sample = {.name = "before"};
    struct err_reason why = {""};
    for (size_t i = 0; i < MESSAGES_COUNT(unknown); i++) {
        struct value root = messages_parse(text_of(unknown[i].json));
        if (fields_decode_strict(&table, root, &sample, &why) != ERR_INVALID ||
            !strstr(why.text, unknown[i].words))
            fail_msg("%s: %s", unknown[i].json, why.text);
        assert_string_equal(sample.name, "before");
    }
    /* {1: 2, schema: 3}: a key that is no text */
    struct value root = messages_parse(TEXT("\x82\x01\x02\xA6schema\x03"));
    assert_int_equal(fields_decode_strict(&table, root, &sample, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "a key is not text"));
    /* Nothing at all has no keys. */
    assert_int_equal(fields_decode_strict(&table, (struct value){0}, &sample, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "schema: is missing"));
    assert_int_equal(
        fields_decode_strict(&table, messages_parse(TEXT("{" REST "}")), &sample, &why), ERR_OK);
    assert_string_equal(sample.name, "n");
}

static void a_table_is_a_json_schema(void **state)
{
    (void)state;
    static const struct fields_row few[] = {
        {"name", FIELDS_TEXT, .required = true, MEMBER(name), .min = 1, .help = "a \"name\""},
        {"level", FIELDS_UNSIGNED, MEMBER(level), .min = 1, .max = 9, .help = "l"},
        {"mean", FIELDS_NUMBER, .nullable = true, MEMBER(mean), .min = -INFINITY, .help = "m"},
        {"share", FIELDS_NUMBER, MEMBER(share), .above_min = true, .max = 1, .help = "s"},
        {"some", FIELDS_TEXTS, MEMBER(some), .words = colours, .max = 7, .help = "t"},
        {"maybe", FIELDS_TIME_OR_NONE, MEMBER(maybe_ns), .help = "w"},
        {"word", FIELDS_BORROWED, MEMBER(word), .words = colours, .help = "c"},
    };
    const struct fields_table sample = {
        .name = "few", .help = "Few.", FIELDS_ROWS(few), .size = sizeof(struct sample)};
    buf_reset(&out);
    fields_schema(&sample, true, &out);
    assert_string_equal(
        buf_cstr(&out),
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":\"few\","
        "\"description\":\"Few.\",\"type\":\"object\",\"required\":[\"name\"],\"properties\":{"
        "\"name\":{\"description\":\"a \\\"name\\\"\",\"type\":\"string\",\"minLength\":1,"
        "\"maxLength\":7},"
        "\"level\":{\"description\":\"l\",\"type\":\"integer\",\"minimum\":1,\"maximum\":9},"
        "\"mean\":{\"description\":\"m\",\"type\":[\"number\",\"null\"]},"
        "\"share\":{\"description\":\"s\",\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1}"
        ","
        "\"some\":{\"description\":\"t\",\"type\":\"object\",\"maxProperties\":2,"
        "\"propertyNames\":{\"minLength\":1,\"enum\":[\"red\",\"blue\"]},"
        "\"additionalProperties\":{\"type\":\"string\",\"maxLength\":7}},"
        "\"maybe\":{\"description\":\"w\",\"type\":\"string\",\"format\":\"date-time\"},"
        "\"word\":{\"description\":\"c\",\"type\":\"string\",\"enum\":[\"red\",\"blue\"]}"
        "},\"additionalProperties\":false}");
}

static void msgpack_is_read_alike(void **state)
{
    (void)state;
    struct sample sample;
    struct err_reason why = {""};
    /* {schema: 3, name: "n", time: timestamp 7 s, number: "-1", ratio: float 0.5, counts: {x: 2}}
     */
    struct value root = messages_parse(
        TEXT("\x86\xA6schema\x03\xA4name\xA1n\xA4time\xD6\xFF\x00\x00\x00\x07\xA6number\xA2-1"
             "\xA5ratio\xCA\x3F\x00\x00\x00\xA6"
             "counts\x81\xA1x\x02"));
    enum err err = fields_decode(&table, root, &sample, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(err, ERR_OK);
    assert_int_equal(sample.time_ns, 7000000000);
    assert_int_equal(sample.number, -1);
    assert_true(sample.ratio.value > 0.49 && sample.ratio.value < 0.51);
    assert_string_equal(sample.counts[0].name, "x");
    /* ratio NaN, and name as bytes */
    root = messages_parse(TEXT("\x85\xA6schema\x03\xA4name\xA1n\xA4time\xD6\xFF\x00\x00\x00\x07"
                               "\xA6number\xA2-1\xA5ratio\xCB\x7F\xF8\x00\x00\x00\x00\x00\x00"));
    assert_int_equal(fields_decode(&table, root, &sample, NULL), ERR_INVALID);
    /* a time beyond 2262 */
    root = messages_parse(TEXT("\x84\xA6schema\x03\xA4name\xA1n\xA6number\xA2-1\xA4time"
                               "\xC7\x0C\xFF\x00\x00\x00\x01\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
    assert_int_equal(fields_decode(&table, root, &sample, NULL), ERR_INVALID);
    root = messages_parse(TEXT("\x82\xA6schema\x03\xA4name\xC4\x01n"));
    assert_int_equal(fields_decode(&table, root, &sample, NULL), ERR_INVALID);
}

static void a_copy_is_cut_between_characters(void **state)
{
    (void)state;
    static const struct {
        struct text from;
        const char *to;
    } copies[] = {
        {TEXT(""), ""},
        {TEXT("abcd"), "abcd"},
        {TEXT("abcde"), "abcd"},
        {TEXT("abc\xC3\xBC"), "abc"},
        {TEXT("ab\xC3\xBC"), "ab\xC3\xBC"},
        {TEXT("a\xF0\x9F\x94\xA5"), "a"},
        {TEXT("\x80\x80\x80\x80\x80"), ""},
    };
    for (size_t i = 0; i < MESSAGES_COUNT(copies); i++) {
        char to[5] = "zzzz";
        fields_copy(to, sizeof to, copies[i].from);
        assert_string_equal(to, copies[i].to);
    }
    char to[5] = "zzzz";
    fields_copy(to, sizeof to, (struct text){NULL, 0});
    assert_string_equal(to, "");
}

static int tear_down(void **state)
{
    buf_free(&out);
    return messages_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_message_goes_there_and_back),
        cmocka_unit_test(a_zeroed_message_says_nothing),
        cmocka_unit_test(a_zero_has_no_sign),
        cmocka_unit_test(null_and_what_is_not_known_do_not_matter),
        cmocka_unit_test(an_error_names_the_field_and_what_is_due),
        cmocka_unit_test(texts_are_in_the_order_of_their_names),
        cmocka_unit_test(strict_reading_refuses_what_is_not_known),
        cmocka_unit_test(a_table_is_a_json_schema),
        cmocka_unit_test(msgpack_is_read_alike),
        cmocka_unit_test(a_copy_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, messages_open, tear_down);
}
