/* What a rejection says of the original, so that it can be decoded once more as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "writer/rejection.h"

static const struct journal_record record = {
    .type = JOURNAL_MESSAGE,
    .arrival_ns = 1795168800000001024,
    .flags = JOURNAL_RETAINED | JOURNAL_LATE,
    .qos = 1,
    .topic = TEXT("hearthline/readings/kitchen"),
    .content_type = TEXT("application/msgpack"),
    .payload = TEXT("\x92\x01\x02"),
};

static void a_message_is_kept_with_its_content_type(void **state)
{
    (void)state;
    struct rejection memory = {0};
    struct rejected message;
    const struct fold_reject reject = {.reason = REJECT_WRONG_SHAPE, .record = &record};
    rejection_make(&memory, "hearthline", &reject, (struct text){NULL, 0}, &message);
    assert_true(text_equal(message.content_type, record.content_type));
    assert_false(message.element.present);
    assert_true(text_equal(message.payload_base64, TEXT("kgEC")));
    assert_true(message.retained);
    assert_true(message.late);
    assert_int_equal(message.time_ns, record.arrival_ns);
    rejection_free(&memory);
}

static void an_element_is_kept_with_its_place_and_is_no_msgpack(void **state)
{
    (void)state;
    struct rejection memory = {0};
    struct rejected message;
    const struct fold_reject reject = {
        .reason = REJECT_NO_FIELDS, .record = &record, .element = TEXT("{}"), .place = 7};
    rejection_make(&memory, "hearthline", &reject, (struct text){NULL, 0}, &message);
    assert_true(text_equal(message.payload, TEXT("{}")));
    assert_int_equal(message.content_type.len, 0);
    assert_true(message.element.present);
    assert_int_equal(message.element.value, 7);
    assert_int_equal(message.time_ns, record.arrival_ns);
    rejection_free(&memory);
}

static void an_unknown_topic_is_told_the_nearest(void **state)
{
    (void)state;
    struct rejection memory = {0};
    struct rejected message;
    struct journal_record strange = record;
    strange.topic = TEXT("hearthline/reading/kitchen");
    const struct fold_reject reject = {.reason = REJECT_UNKNOWN_TOPIC, .record = &strange};
    rejection_make(&memory, "hearthline", &reject, (struct text){NULL, 0}, &message);
    const char *end = "is hearthline/readings/<device>";
    assert_non_null(strstr(buf_cstr(&memory.words), end));
    rejection_free(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_kept_with_its_content_type),
        cmocka_unit_test(an_element_is_kept_with_its_place_and_is_no_msgpack),
        cmocka_unit_test(an_unknown_topic_is_told_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
