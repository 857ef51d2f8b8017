/* Buffers, and the numbers and JSON texts that are written into them. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

static void grows_and_is_used_again(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_string_equal(buf_cstr(&b), "");
    for (int i = 0; i < 1000; i++)
        buf_string(&b, "0123456789");
    assert_int_equal(b.len, 10000);
    assert_memory_equal(b.data + 9990, "0123456789", 10);
    buf_cut(&b, 5);
    buf_cut(&b, 99);
    buf_char(&b, '!');
    buf_text(&b, TEXT("ab"));
    buf_append(&b, NULL, 0);
    buf_printf(&b, "%d%s", 7, "x");
    buf_integer(&b, LLONG_MIN);
    buf_integer(&b, 0);
    assert_string_equal(buf_cstr(&b), "01234!ab7x-92233720368547758080");
    size_t capacity = b.capacity;
    buf_reset(&b);
    assert_int_equal(b.len, 0);
    assert_int_equal(b.capacity, capacity);
    buf_free(&b);
    assert_null(b.data);
    buf_free(&b);
}

static void fails_once_and_quietly(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_string(&b, "kept");
    assert_null(buf_reserve(&b, SIZE_MAX));
    assert_true(b.failed);
    buf_string(&b, "lost");
    buf_printf(&b, "%d", 1);
    buf_number(&b, 1);
    assert_int_equal(b.len, 4);
    assert_string_equal(buf_cstr(&b), "");
    buf_reset(&b);
    buf_number(&b, NAN);
    assert_true(b.failed);
    buf_reset(&b);
    buf_number(&b, -INFINITY);
    assert_true(b.failed);
    buf_free(&b);
}

static void writes_numbers(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-1, "-1"},
        {21.5, "21.5"},
        {0.1, "0.1"},
        {-0.001, "-0.001"},
        {1013.25, "1013.25"},
        {1e15, "1000000000000000"},
        {9007199254740991, "9007199254740991"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e21, "1e+21"},
        {1.5e300, "1.5e+300"},
        {0.000001, "0.000001"},
        {0.00000123, "0.00000123"},
        {1e-7, "1e-7"},
        {1.5e-7, "1.5e-7"},
        {0.1 + 0.2, "0.30000000000000004"},
        {(double)21.3f, "21.299999237060547"},
        {1.0 / 3, "0.3333333333333333"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
    };
    struct buf b = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_reset(&b);
        buf_number(&b, cases[i].number);
        assert_string_equal(buf_cstr(&b), cases[i].text);
    }
    buf_free(&b);
}

static int digits_of(const char *text)
{
    int digits = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (digits == 0 && *text == '0'))
            continue;
        digits++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return digits - zeros;
}

/* Each reads back as itself, none has more digits than needed, and each is valid in line protocol
 * and JSON: digits at both sides of a point. */
static void assert_shortest(struct buf *b, double number)
{
    buf_reset(b);
    buf_number(b, number);
    const char *text = buf_cstr(b);
    if (strtod(text, NULL) != number)
        fail_msg("%.17g became %s", number, text);
    const char *point = strchr(text, '.');
    if (*text == '.' || strstr(text, "-.") || (point && (point[1] < '0' || point[1] > '9')))
        fail_msg("%.17g became %s", number, text);
    int needed = 1;
    for (char other[40]; needed < 17; needed++) {
        snprintf(other, sizeof other, "%.*e", needed - 1, number);
        if (strtod(other, NULL) == number)
            break;
    }
    if (digits_of(text) > needed)
        fail_msg("%.17g became %s, which is longer than %d digits", number, text, needed);
}

static void writes_the_shortest_form(void **state)
{
    (void)state;
    struct buf b = {0};
    uint64_t seed = 1;
    for (int i = 0; i < 60000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint64_t bits = seed ^ seed >> 29;
        double any;
        memcpy(&any, &bits, sizeof any);
        if (isfinite(any))
            assert_shortest(&b, any);
        static const double scales[] = {1, 10, 1000, 1e6, 1e9, 1e15};
        assert_shortest(&b, (double)(int64_t)(seed >> 30) / scales[i % 6]);
        assert_shortest(&b, (double)((float)(seed >> 40) / 1000.0f));
    }
    buf_free(&b);
}

static void quotes_json(void **state)
{
    (void)state;
    static const struct {
        struct text text;
        const char *json;
    } cases[] = {
        {{NULL, 0}, "\"\""},
        {{"plain \xC3\xA9", 8}, "\"plain \xC3\xA9\""},
        {{"\"\\/\b\f\n\r\t", 8}, "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {{"\0\x1F\x7F", 3}, "\"\\u0000\\u001f\\u007f\""},
        {{"a\xFF"
          "b\xC3",
          4},
         "\"a\xEF\xBF\xBD"
         "b\xEF\xBF\xBD\""},
        {{"\xED\xA0\x80", 3}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    struct buf b = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_reset(&b);
        buf_json_text(&b, cases[i].text);
        assert_string_equal(buf_cstr(&b), cases[i].json);
    }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_is_used_again),
        cmocka_unit_test(fails_once_and_quietly),
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(writes_the_shortest_form),
        cmocka_unit_test(quotes_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
