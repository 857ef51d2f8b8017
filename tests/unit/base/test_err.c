/* The words of errors. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static void has_words_for_every_code(void **state)
{
    (void)state;
    assert_string_equal(err_text(ERR_OK), "ok");
    assert_string_equal(err_text(ERR_UNSUPPORTED), "not supported");
    assert_string_equal(err_text((enum err)(ERR_UNSUPPORTED + 1)), "unknown error");
    assert_string_equal(err_text((enum err) - 1), "unknown error");
}

static void explains(void **state)
{
    (void)state;
    struct err_reason why = {""};
    assert_int_equal(err_explain(NULL, ERR_IO, "%d", 1), ERR_IO);
    assert_int_equal(err_explain(&why, ERR_FULL, "%s at %d", "no", 7), ERR_FULL);
    assert_string_equal(why.text, "no at 7");
    errno = ENOENT;
    assert_int_equal(err_explain_errno(&why, ERR_IO, "%s", "file"), ERR_IO);
    assert_string_equal(why.text, "file: No such file or directory");
    assert_int_equal(err_explain_errno(NULL, ERR_IO, "%s", "file"), ERR_IO);
}

static void keeps_to_one_line(void **state)
{
    (void)state;
    struct err_reason why;
    errno = ENOENT;
    err_explain(&why, ERR_INVALID, "\"%s\" is no time",
                "10:00\n\r\tlevel=error\x1b[2J\x7f \xC3\xBC");
    assert_string_equal(why.text, "\"10:00???level=error?[2J? \xC3\xBC\" is no time");
    err_explain_errno(&why, ERR_IO, "%s", "a\nfile");
    assert_string_equal(why.text, "a?file: No such file or directory");
}

static void cuts_long_words(void **state)
{
    (void)state;
    char words[2000];
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    struct err_reason why;
    errno = ENOENT;
    assert_int_equal(err_explain_errno(&why, ERR_IO, "%s", words), ERR_IO);
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_words_for_every_code),
        cmocka_unit_test(explains),
        cmocka_unit_test(keeps_to_one_line),
        cmocka_unit_test(cuts_long_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
