#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schemas/base64.h"

/* The first seven are those of RFC 4648 section 10. */
static const struct {
    struct text bytes;
    const char *text;
} good[] = {
    {TEXT(""), ""},
    {TEXT("f"), "Zg=="},
    {TEXT("fo"), "Zm8="},
    {TEXT("foo"), "Zm9v"},
    {TEXT("foob"), "Zm9vYg=="},
    {TEXT("fooba"), "Zm9vYmE="},
    {TEXT("foobar"), "Zm9vYmFy"},
    {TEXT("\x00\x00\x00"), "AAAA"},
    {TEXT("\xFF\xFF\xFF\xFF"), "/////w=="},
    {TEXT("\xFB\xEF\xBE"), "++++"},
};

static void bytes_become_text_and_bytes_again(void **state)
{
    (void)state;
    struct buf text = {0}, bytes = {0};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        buf_reset(&text);
        buf_reset(&bytes);
        base64_encode(good[i].bytes, &text);
        assert_string_equal(buf_cstr(&text), good[i].text);
        assert_int_equal(base64_decode(buf_view(&text), &bytes), ERR_OK);
        assert_true(text_equal(buf_view(&bytes), good[i].bytes));
    }
    buf_free(&text);
    buf_free(&bytes);
}

static void what_is_no_base64_adds_nothing(void **state)
{
    (void)state;
    static const struct text bad[] = {
        TEXT("Z"),        TEXT("Zg"),       TEXT("Zg="),
        TEXT("Zg==="),    TEXT("===="),     TEXT("Z==="),
        TEXT("Zg==Zg=="), TEXT("Zm=v"),     TEXT("Zm9\0"),
        TEXT("Zm9\n"),    TEXT("Zm-_"),     TEXT("Zm9vZh=="),
        TEXT("Zm9vZm9="), TEXT("Zm9v    "), TEXT("\xFF\xFF\xFF\xFF"),
    };
    struct buf bytes = {0};
    buf_string(&bytes, "before");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (base64_decode(bad[i], &bytes) != ERR_INVALID)
            fail_msg("%.*s was taken", TEXT_ARGS(bad[i]));
        assert_string_equal(buf_cstr(&bytes), "before");
    }
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_become_text_and_bytes_again),
        cmocka_unit_test(what_is_no_base64_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
