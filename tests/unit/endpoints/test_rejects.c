/* The rejected messages that were heard: the newest first, bounded, by reason, and each as it was
 * heard. */
#include "ask.h"

static struct rejects_heard *heard;

static int open_heard(void **state)
{
    heard = rejects_heard_new();
    return heard ? ask_open(state) : -1;
}

static int close_heard(void **state)
{
    rejects_heard_free(heard);
    return ask_close(state);
}

static enum err hear_json(struct ask *ask, struct text json, struct err_reason *why)
{
    struct value root;
    assert_int_equal(value_parse(ask->document, VALUE_JSON, json, &root, NULL), ERR_OK);
    return rejects_heard_add(heard, root, why);
}

static void hear(struct ask *ask, unsigned number, const char *reason, size_t payload_bytes)
{
    struct buf json = {0};
    buf_printf(&json,
               "{\"schema\":1,\"reason\":\"%s\",\"words\":\"\",\"topic\":\"t/%u\",\"time\":"
               "\"2026-11-20T10:00:00Z\",\"arrival_ns\":\"1795168800000000000\",\"payload\":\"",
               reason, number);
    for (size_t i = 0; i < payload_bytes; i++)
        buf_char(&json, 'x');
    buf_string(&json, "\",\"future\":[1]}");
    assert_int_equal(hear_json(ask, buf_view(&json), NULL), ERR_OK);
    buf_free(&json);
}

static double count_answered(struct ask *ask, const char *reason, struct fields_unsigned limit)
{
    struct buf members = {0};
    const struct endpoint *row = endpoint_find(TEXT("rejects"));
    assert_non_null(row);
    ask->world.rejects = heard;
    ask->request.reason = text_of(reason);
    ask->request.limit = limit;
    assert_int_equal(row->answer(&ask->question, NULL, 0, &members, NULL), ERR_OK);
    ask_read(ask, row->schema, buf_view(&members));
    buf_free(&members);
    return value_number(ask_at(ask, "count"));
}

#define NO_LIMIT                                                                                   \
    (struct fields_unsigned)                                                                       \
    {                                                                                              \
        0                                                                                          \
    }

static void nothing_heard_is_an_empty_list_with_its_beginning(void **state)
{
    struct ask *ask = *state;
    assert_true(count_answered(ask, "", NO_LIMIT) == 0);
    assert_text(ask, "heard_since", "2026-03-01T11:59:00Z");
}

static void the_newest_comes_first_and_no_more_than_asked_for(void **state)
{
    struct ask *ask = *state;
    for (unsigned i = 0; i < 60; i++)
        hear(ask, i, i % 2 ? "not_json" : "bad_time", 3);
    assert_true(count_answered(ask, "", NO_LIMIT) == 50);
    assert_text(ask, "rejects.0.topic", "t/59");
    assert_text(ask, "rejects.49.topic", "t/10");
    assert_text(ask, "rejects.0.payload", "xxx");
    assert_true(count_answered(ask, "bad_time", fields_unsigned(2)) == 2);
    assert_text(ask, "rejects.0.topic", "t/58");
    assert_text(ask, "rejects.1.topic", "t/56");
    assert_true(count_answered(ask, "bad_tim", fields_unsigned(2)) == 0);
}

static void the_oldest_goes_first_by_number(void **state)
{
    struct ask *ask = *state;
    for (unsigned i = 0; i < 2 * REJECTS_HEARD_MAX + 3; i++)
        hear(ask, i, "not_json", 1);
    assert_true(count_answered(ask, "", fields_unsigned(200)) == REJECTS_HEARD_MAX);
    assert_text(ask, "rejects.0.topic", "t/402");
    assert_text(ask, "rejects.199.topic", "t/203");
}

static void the_oldest_goes_first_by_bytes(void **state)
{
    struct ask *ask = *state;
    for (unsigned i = 0; i < 100; i++)
        hear(ask, i, "not_json", REJECTED_ORIGINAL_MAX);
    assert_true(count_answered(ask, "", fields_unsigned(200)) == 15);
    assert_text(ask, "rejects.0.topic", "t/99");
}

static void what_is_no_rejection_is_not_kept(void **state)
{
    struct ask *ask = *state;
    struct err_reason why = {""};
    hear(ask, 1, "not_json", 1);
    assert_int_equal(hear_json(ask, TEXT("{\"schema\":1,\"reason\":\"x\"}"), &why), ERR_INVALID);
    assert_string_not_equal(why.text, "");
    assert_int_equal(hear_json(ask, TEXT("[]"), NULL), ERR_INVALID);
    assert_true(count_answered(ask, "", NO_LIMIT) == 1);
}

#define REJECTS_TEST(f) cmocka_unit_test_setup_teardown(f, open_heard, close_heard)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REJECTS_TEST(nothing_heard_is_an_empty_list_with_its_beginning),
        REJECTS_TEST(the_newest_comes_first_and_no_more_than_asked_for),
        REJECTS_TEST(the_oldest_goes_first_by_number),
        REJECTS_TEST(the_oldest_goes_first_by_bytes),
        REJECTS_TEST(what_is_no_rejection_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
