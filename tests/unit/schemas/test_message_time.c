/* Which texts and numbers are a time, exactly which, and what is said of those that are none. */
#include <inttypes.h>

#include "messages.h"
#include "schemas/message_time.h"

#define S 1000000000LL

static const struct {
    const char *text;
    int64_t ns;
} rfc3339[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2026-11-20T10:00:00Z", 1795168800 * S},
    {"2026-11-20t10:00:00z", 1795168800 * S},
    {"2026-11-20 10:00:00Z", 1795168800 * S},
    {"2026-11-20T11:00:00+01:00", 1795168800 * S},
    {"2026-11-20T00:30:00-09:30", 1795168800 * S},
    {"2026-11-20T10:00:00-00:00", 1795168800 * S},
    {"2026-11-21T09:59:00+23:59", 1795168800 * S},
    {"2026-11-20T10:00:00.5Z", 1795168800 * S + 500000000},
    {"2026-11-20T10:00:00.000000001Z", 1795168800 * S + 1},
    {"2026-11-20T10:00:00.123456789+00:00", 1795168800 * S + 123456789},
    {"2026-11-20T10:00:00.1234567899Z", 1795168800 * S + 123456789},
    {"2024-02-29T00:00:00Z", 1709164800 * S},
    {"2000-02-29T00:00:00Z", 951782400 * S},
    {"2100-03-01T00:00:00Z", 4107542400 * S},
    {"1969-12-31T23:59:59.999999999Z", -1},
    {"1969-12-31T23:59:58.5Z", -1 * S - 500000000},
    {"1900-01-01T00:00:00Z", -2208988800 * S},
    {"2016-12-31T23:59:60Z", 1483228800 * S},
    {"2016-12-31T23:59:60.25Z", 1483228800 * S + 250000000},
    {"2017-01-01T00:59:60+01:00", 1483228800 * S},
    {"2016-12-31T15:59:60-08:00", 1483228800 * S},
    {"2015-06-30T23:59:60Z", 1435708800 * S},
    {"1677-09-21T00:12:43.145224192Z", INT64_MIN},
    {"1677-09-21T00:12:44Z", -9223372036 * S},
    {"2262-04-11T23:47:16.854775807Z", INT64_MAX},
};

static void times_as_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(rfc3339); i++) {
        struct err_reason why = {""};
        int64_t ns = 42;
        enum err err = message_time_rfc3339(text_of(rfc3339[i].text), &ns, &why);
        if (err != ERR_OK || ns != rfc3339[i].ns)
            fail_msg("%s: %" PRId64 " %s", rfc3339[i].text, ns, why.text);
    }
}

static const struct {
    const char *text, *words; /* a part of what is said */
} no_rfc3339[] = {
    {"", "is no RFC 3339 time"},
    {"now", "is no RFC 3339 time"},
    {"1795168800", "is no RFC 3339 time"},
    {"2026-11-20", "is no RFC 3339 time"},
    {"2026-11-20T10:00Z", "is no RFC 3339 time"},
    {"2026-11-20T10:00:00.Z", "is no RFC 3339 time"},
    {"2026-11-20T10:00:00,5Z", "ends with something else"},
    {"26-11-20T10:00:00Z", "is no RFC 3339 time"},
    {"+2026-11-20T10:00:00Z", "is no RFC 3339 time"},
    {"2026-1-20T10:00:00Z", "is no RFC 3339 time"},
    {" 2026-11-20T10:00:00Z", "is no RFC 3339 time"},
    {"2026-11-20T10:00:00", "lacks a zone"},
    {"2026-11-20T10:00:00.5", "lacks a zone"},
    {"2026-11-20T10:00:00Z ", "ends with something else"},
    {"2026-11-20T10:00:00ZZ", "ends with something else"},
    {"2026-11-20T10:00:00+0100", "ends with something else"},
    {"2026-11-20T10:00:00+01", "ends with something else"},
    {"2026-11-20T10:00:00+24:00", "ends with something else"},
    {"2026-11-20T10:00:00+01:60", "ends with something else"},
    {"2026-11-20T10:00:00CET", "ends with something else"},
    {"2026-00-20T10:00:00Z", "does not exist"},
    {"2026-13-20T10:00:00Z", "does not exist"},
    {"2026-13-20T10:00:00", "does not exist"},
    {"2026-11-00T10:00:00Z", "does not exist"},
    {"2026-11-31T10:00:00Z", "does not exist"},
    {"2026-02-29T10:00:00Z", "does not exist"},
    {"2100-02-29T10:00:00Z", "does not exist"},
    {"2026-11-20T24:00:00Z", "does not exist"},
    {"2026-11-20T10:60:00Z", "does not exist"},
    {"2026-11-20T10:00:61Z", "does not exist"},
    {"2026-11-20T10:00:60Z", "does not exist"},
    {"2026-11-20T23:59:60Z", "does not exist"},
    {"2026-11-01T10:00:60Z", "does not exist"},
    {"2016-12-31T23:59:60+01:00", "does not exist"},
    {"0001-01-01T00:00:00Z", "1677 to 2262"},
    {"0000-01-01T00:00:00Z", "1677 to 2262"},
    {"9999-12-31T23:59:59Z", "1677 to 2262"},
    {"1677-09-21T00:12:43.145224191Z", "1677 to 2262"},
    {"2262-04-11T23:47:16.854775808Z", "1677 to 2262"},
};

static void what_is_no_time_is_refused_with_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(no_rfc3339); i++) {
        struct err_reason why = {""};
        int64_t ns = 42;
        enum err err = message_time_rfc3339(text_of(no_rfc3339[i].text), &ns, &why);
        if (err != ERR_INVALID || ns != 42 || !strstr(why.text, no_rfc3339[i].words))
            fail_msg("%s: %d, %" PRId64 ", %s", no_rfc3339[i].text, (int)err, ns, why.text);
    }
    int64_t ns = 42;
    assert_int_equal(message_time_rfc3339(TEXT("2026-11-20T10:00:00Z\0"), &ns, NULL), ERR_INVALID);
    assert_int_equal(message_time_rfc3339(TEXT("2026-11-20T10:00:00\0"), &ns, NULL), ERR_INVALID);
    assert_int_equal(message_time_rfc3339((struct text){NULL, 0}, &ns, NULL), ERR_INVALID);
}

static const struct {
    const char *json;
    bool present;
    int64_t ns;
} messages[] = {
    {"{}", false, 42},
    {"{\"times\":1}", false, 42},
    {"{\"time\":null,\"time_s\":null}", false, 42},
    {"{\"time\":null,\"time_s\":7}", true, 7 * S},
    {"{\"time\":\"2026-11-20T11:00:00+01:00\"}", true, 1795168800 * S},
    {"{\"time_s\":1795168800}", true, 1795168800 * S},
    {"{\"time_s\":0}", true, 0},
    {"{\"time_s\":-1}", true, -1 * S},
    {"{\"time_s\":1732100000.123}", true, 1732100000123000000},
    {"{\"time_s\":1732100000.1}", true, 1732100000100000000},
    {"{\"time_s\":-1732100000.125}", true, -1732100000125000000},
    {"{\"time_s\":1.7321e9}", true, 1732100000 * S},
    {"{\"time_s\":1795168800.0}", true, 1795168800 * S},
    {"{\"time_s\":0.00001}", true, 10000},
    {"{\"time_s\":0.000023}", true, 23000},
    {"{\"time_s\":0.000065}", true, 65000},
    {"{\"time_s\":3e-8}", true, 30},
    {"{\"time_s\":1e-10}", true, 0},
    {"{\"time_s\":\"1795168800\"}", true, 1795168800 * S},
    {"{\"time_s\":\"1795168800.123456789\"}", true, 1795168800123456789},
    {"{\"time_s\":\"-0.000000001\"}", true, -1},
    {"{\"time_s\":\"1.9999999999\"}", true, 1999999999},
    {"{\"time_s\":\"9223372036.854775807\"}", true, INT64_MAX},
    {"{\"time_s\":\"-9223372036.854775808\"}", true, INT64_MIN},
    {"{\"time_s\":9223372036}", true, 9223372036 * S},
    {"{\"time_ms\":1795168800123}", true, 1795168800123000000},
    {"{\"time_ms\":1795168800123.5}", true, 1795168800123500000},
    {"{\"time_ms\":\"1795168800123.456789\"}", true, 1795168800123456789},
    {"{\"time_ms\":1e12}", true, 1000000000000000000},
    {"{\"time_ns\":1795168800123456789}", true, 1795168800123456789},
    {"{\"time_ns\":\"1795168800123456789\"}", true, 1795168800123456789},
    {"{\"time_ns\":\"0001795168800123456789\"}", true, 1795168800123456789},
    {"{\"time_ns\":\"9223372036854775807\"}", true, INT64_MAX},
    {"{\"time_ns\":\"-9223372036854775808\"}", true, INT64_MIN},
    {"{\"time_ns\":1.5e18}", true, 1500000000000000000},
    {"{\"time_ns\":2.5}", true, 2},
};

static void the_keys_of_a_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(messages); i++) {
        struct err_reason why = {""};
        bool present = !messages[i].present;
        int64_t ns = 42;
        struct value root = messages_parse(text_of(messages[i].json));
        enum err err = message_time(root, &present, &ns, &why);
        if (err != ERR_OK || present != messages[i].present || ns != messages[i].ns)
            fail_msg("%s: %d, %" PRId64 ", %s", messages[i].json, (int)err, ns, why.text);
    }
}

static const struct {
    const char *json, *words, *more;
} no_messages[] = {
    {"{\"time\":1795168800}", "time: a whole number is here", "time_s"},
    {"{\"time\":[]}", "time: ", "RFC 3339"},
    {"{\"time\":\"2026-11-20T10:00:00\"}", "time: ", "zone"},
    {"{\"time\":\"\"}", "time: ", "RFC 3339"},
    {"{\"time_s\":true}", "time_s: ", "a number is due"},
    {"{\"time_s\":{}}", "time_s: ", "a number is due"},
    {"{\"time_s\":\"\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":\"-\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":\"1.\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":\".5\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":\"+1\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":\"1e9\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":\"0x10\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":\" 1\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":\"1\\u0000\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":\"2026-11-20T10:00:00Z\"}", "time_s: ", "no decimal number"},
    {"{\"time_s\":9223372037}", "time_s: ", "1677 to 2262"},
    {"{\"time_s\":-9223372037}", "time_s: ", "1677 to 2262"},
    {"{\"time_s\":1795168800000}", "time_s: ", "1677 to 2262"},
    {"{\"time_s\":9223372036.9}", "time_s: ", "1677 to 2262"},
    {"{\"time_s\":1e300}", "time_s: ", "1677 to 2262"},
    {"{\"time_s\":\"9223372036.854775808\"}", "time_s: ", "1677 to 2262"},
    {"{\"time_s\":\"-9223372036.854775809\"}", "time_s: ", "1677 to 2262"},
    {"{\"time_s\":\"99999999999999999999999999\"}", "time_s: ", "1677 to 2262"},
    {"{\"time_ns\":9223372036854775808}", "time_ns: ", "1677 to 2262"},
    {"{\"time_ns\":\"9223372036854775808\"}", "time_ns: ", "1677 to 2262"},
    {"{\"time\":\"2026-11-20T10:00:00Z\",\"time_ms\":1}", "time and time_ms", "one time is due"},
    {"{\"time_ns\":\"1\",\"time_s\":1}", "time_s and time_ns", "one time is due"},
};

static void what_says_no_time_or_two_is_refused_with_the_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(no_messages); i++) {
        struct err_reason why = {""};
        bool present = true;
        int64_t ns = 42;
        struct value root = messages_parse(text_of(no_messages[i].json));
        enum err err = message_time(root, &present, &ns, &why);
        if (err != ERR_INVALID || !present || ns != 42 || !strstr(why.text, no_messages[i].words) ||
            !strstr(why.text, no_messages[i].more))
            fail_msg("%s: %d, %" PRId64 ", %s", no_messages[i].json, (int)err, ns, why.text);
    }
}

static void msgpack_has_a_time_of_its_own(void **state)
{
    (void)state;
    static const struct {
        struct text payload;
        enum err err;
        int64_t ns;
    } packed[] = {
        /* {"time": timestamp 32}, 64 and 96 (the last with negative seconds) */
        {TEXT("\x81\xA4time\xD6\xFF\x00\x00\x00\x07"), ERR_OK, 7 * S},
        {TEXT("\x81\xA4time\xD7\xFF\x00\x00\x00\x04\x00\x00\x00\x07"), ERR_OK, 7 * S + 1},
        {TEXT("\x81\xA4time\xC7\x0C\xFF\x00\x00\x00\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), ERR_OK,
         -1 * S + 1},
        {TEXT("\x81\xA4time\xC7\x0C\xFF\x00\x00\x00\x01\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
         ERR_INVALID, 42},
        {TEXT("\x81\xA6time_s\xD6\xFF\x00\x00\x00\x07"), ERR_INVALID, 42},
        {TEXT("\x81\xA6time_s\xCB\x7F\xF8\x00\x00\x00\x00\x00\x00"), ERR_INVALID, 42}, /* NaN */
        {TEXT("\x81\xA6time_s\xCB\xFF\xF0\x00\x00\x00\x00\x00\x00"), ERR_INVALID, 42},
        {TEXT("\x81\xA7time_ns\xCF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), ERR_INVALID, 42},
        {TEXT("\x81\xA7time_ns\xCF\x18\xE9\xB8\x83\x33\x39\x0D\x15"), ERR_OK, 1795168800123456789},
    };
    for (size_t i = 0; i < MESSAGES_COUNT(packed); i++) {
        int64_t ns = 42;
        bool present;
        struct err_reason why = {""};
        struct value root = messages_parse(packed[i].payload);
        enum err err = message_time(root, &present, &ns, &why);
        if (err != packed[i].err || ns != packed[i].ns)
            fail_msg("%zu: %d, %" PRId64 ", %s", i, (int)err, ns, why.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_as_text),
        cmocka_unit_test(what_is_no_time_is_refused_with_words),
        cmocka_unit_test(the_keys_of_a_message),
        cmocka_unit_test(what_says_no_time_or_two_is_refused_with_the_keys),
        cmocka_unit_test(msgpack_has_a_time_of_its_own),
    };
    return cmocka_run_group_tests(tests, messages_open, messages_close);
}
