#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "writer/decoders/decoder.h"

static void every_decoder_is_found_and_says_what_it_is(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct decoder *decoder; (decoder = decoder_at(count)); count++) {
        assert_ptr_equal(decoder_find(text_of(decoder->name)), decoder);
        assert_true(strlen(decoder->help) > 10);
        assert_null(strchr(decoder->help, '\n'));
        assert_int_equal(decoder->retained_default, SETTINGS_RULE_OWN_TIME);
        assert_int_equal(decoder->late_default, SETTINGS_RULE_STORE);
        assert_non_null(decoder->decode);
    }
    assert_true(count >= 9);
    assert_null(decoder_at(1000));
    assert_null(decoder_find(TEXT("")));
    assert_null(decoder_find(TEXT("valu")));
}

static void every_reason_has_an_id_and_is_found_by_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < REJECT_COUNT; i++) {
        enum reject found = REJECT_COUNT;
        assert_true(reject_find(text_of(reject_id((enum reject)i)), &found));
        assert_int_equal(found, i);
        assert_true(i == REJECT_NONE || strlen(reject_words((enum reject)i)) > 5);
    }
    enum reject found = REJECT_COUNT;
    assert_false(reject_find(TEXT("not_"), &found));
    assert_false(reject_find(TEXT(""), &found));
    assert_int_equal(found, REJECT_COUNT);
    assert_string_equal(reject_id(REJECT_NOT_JSON), "not_json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_decoder_is_found_and_says_what_it_is),
        cmocka_unit_test(every_reason_has_an_id_and_is_found_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
