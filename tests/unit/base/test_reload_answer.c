/* What a reload is answered with: one line of JSON, whatever the words hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/reload_answer.h"

static void the_keys_that_wait_are_a_list(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *line;
    } cases[] = {
        {"", "{\"reload\":\"ok\",\"needs_restart\":[]}\n"},
        {"broker", "{\"reload\":\"ok\",\"needs_restart\":[\"broker\"]}\n"},
        {"a.b c d.e", "{\"reload\":\"ok\",\"needs_restart\":[\"a.b\",\"c\",\"d.e\"]}\n"},
        {"a\"b", "{\"reload\":\"ok\",\"needs_restart\":[\"a\\\"b\"]}\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        reload_answer_taken(text_of(cases[i].keys), &out);
        assert_string_equal(buf_cstr(&out), cases[i].line);
        buf_free(&out);
    }
}

static void a_refusal_has_its_words_on_one_line(void **state)
{
    (void)state;
    struct buf out = {0};
    reload_answer_refused("x.yaml:3: \"valu\"\nis no decoder", &out);
    assert_string_equal(buf_cstr(&out), "{\"reload\":\"refused\",\"reason\":\"x.yaml:3: "
                                        "\\\"valu\\\"\\nis no decoder\"}\n");
    buf_free(&out);
}

static void nobody_needs_to_have_asked(void **state)
{
    (void)state;
    reload_answer_taken(text_of("a b"), NULL);
    reload_answer_refused("no", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keys_that_wait_are_a_list),
        cmocka_unit_test(a_refusal_has_its_words_on_one_line),
        cmocka_unit_test(nobody_needs_to_have_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
