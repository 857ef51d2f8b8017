/* The status: what goes out is what comes in, and the will is read like any other. */
#include "messages.h"

#include "schemas/status_pace.h"

static void a_status_goes_there_and_back(void **state)
{
    (void)state;
    static const char json[] =
        "{\"schema\":1,\"service\":\"writer\",\"state\":\"holding\",\"instance\":\"5f1c\","
        "\"since\":\"2026-11-20T10:00:00.000000001Z\",\"reason\":\"the journal is full\"}";
    struct status status = {.service = "writer",
                            .state = STATUS_HOLDING,
                            .instance = "5f1c",
                            .since_ns = 1795168800000000001,
                            .reason = "the journal is full"};
    struct status back;
    struct buf out = {0};
    status_encode(&status, &out);
    assert_string_equal(buf_cstr(&out), json);
    assert_int_equal(status_decode(messages_parse(buf_view(&out)), &back, NULL), ERR_OK);
    assert_string_equal(back.service, "writer");
    assert_int_equal(back.state, STATUS_HOLDING);
    assert_string_equal(back.instance, "5f1c");
    assert_int_equal(back.since_ns, 1795168800000000001);
    assert_string_equal(back.reason, "the journal is full");
    buf_free(&out);
}

static void every_state_has_its_word(void **state)
{
    (void)state;
    assert_string_equal(status_words[STATUS_ONLINE], "online");
    assert_string_equal(status_words[STATUS_HOLDING], "holding");
    assert_string_equal(status_words[STATUS_OFFLINE], "offline");
    assert_null(status_words[STATUS_OFFLINE + 1]);
}

static void what_is_no_status_leaves_the_old_one_alone(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "\"online\"",
        "{\"schema\":1,\"service\":\"w\",\"state\":\"asleep\",\"instance\":\"i\","
        "\"since\":\"2026-11-20T10:00:00Z\"}",
        "{\"schema\":1,\"service\":\"w\",\"state\":\"online\",\"instance\":\"\","
        "\"since\":\"2026-11-20T10:00:00Z\"}",
        "{\"schema\":1,\"service\":\"w\",\"state\":\"online\",\"instance\":\"i\"}",
        "{\"schema\":2,\"service\":\"w\",\"state\":\"online\",\"instance\":\"i\","
        "\"since\":\"2026-11-20T10:00:00Z\"}",
    };
    for (size_t i = 0; i < MESSAGES_COUNT(wrong); i++) {
        struct status status = {.state = STATUS_OFFLINE};
        struct err_reason why = {""};
        assert_int_not_equal(status_decode(messages_parse(text_of(wrong[i])), &status, &why),
                             ERR_OK);
        assert_string_not_equal(why.text, "");
        assert_int_equal(status.state, STATUS_OFFLINE);
    }
}

static void a_status_is_made_for_now_and_what_is_too_long_is_cut(void **state)
{
    (void)state;
    char words[1000];
    memset(words, 'w', sizeof words);
    words[sizeof words - 1] = '\0';
    struct status status = status_make("writer", "5f1c", STATUS_HOLDING, words, 17);
    assert_string_equal(status.service, "writer");
    assert_string_equal(status.instance, "5f1c");
    assert_int_equal(status.state, STATUS_HOLDING);
    assert_int_equal(status.since_ns, 17);
    assert_int_equal(strlen(status.reason), sizeof status.reason - 1);
}

/* Each row is a status at that time on that connection: whether it is said, and since when. */
static void a_status_is_said_when_it_changed_or_the_connection_is_new(void **state)
{
    (void)state;
    static const struct {
        enum status_state state;
        const char *reason;
        unsigned connection;
        bool said;
        int64_t since_ns;
    } rows[] = {
        {STATUS_HOLDING, "full", 1, true, 100},  {STATUS_HOLDING, "full", 1, false, 0},
        {STATUS_HOLDING, "other", 1, true, 100}, {STATUS_ONLINE, "", 1, true, 103},
        {STATUS_ONLINE, "", 1, false, 0},        {STATUS_ONLINE, "", 2, true, 103},
        {STATUS_OFFLINE, "", 2, true, 106},
    };
    struct status_pace pace = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct status status =
            status_make("writer", "5f1c", rows[i].state, rows[i].reason, 100 + (int64_t)i);
        assert_int_equal(status_pace_take(&pace, &status, rows[i].connection), rows[i].said);
        if (rows[i].said)
            assert_int_equal(status.since_ns, rows[i].since_ns);
    }
    struct status again = status_make("writer", "5f1c", STATUS_OFFLINE, "", 200);
    assert_false(status_pace_take(&pace, &again, 2));
    status_pace_failed(&pace);
    assert_true(status_pace_take(&pace, &again, 2));
    assert_int_equal(again.since_ns, 106);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_goes_there_and_back),
        cmocka_unit_test(every_state_has_its_word),
        cmocka_unit_test(what_is_no_status_leaves_the_old_one_alone),
        cmocka_unit_test(a_status_is_made_for_now_and_what_is_too_long_is_cut),
        cmocka_unit_test(a_status_is_said_when_it_changed_or_the_connection_is_new),
    };
    return cmocka_run_group_tests(tests, messages_open, messages_close);
}
