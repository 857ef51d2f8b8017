/* The live message and its pace: what goes out is what comes in, and it goes out when something has
 * changed, never more often than its pace. */
#include "messages.h"
#include "schemas/live_pace.h"

static struct live_message some_message(void)
{
    return (struct live_message){.service = "writer",
                                 .instance = "5f1c",
                                 .time_ns = 1795168800000000000,
                                 .state = STATUS_ONLINE,
                                 .events_total = fields_unsigned(7),
                                 .pending = fields_unsigned(0),
                                 .ledger_difference = fields_number(-2),
                                 .journal_oldest_s = fields_number(0.5),
                                 .influxdb = LIVE_INFLUXDB_AWAY,
                                 .influxdb_reason = "no route",
                                 .source = LIVE_SOURCE_SERVICES,
                                 .requests_in_flight = fields_unsigned(1)};
}

static void a_message_goes_there_and_back(void **state)
{
    (void)state;
    static const char json[] =
        "{\"schema\":1,\"service\":\"writer\",\"instance\":\"5f1c\","
        "\"time\":\"2026-11-20T10:00:00Z\",\"state\":\"online\",\"events_total\":7,\"pending\":0,"
        "\"ledger_difference\":-2,\"journal_oldest_s\":0.5,\"influxdb\":\"away\","
        "\"influxdb_reason\":\"no route\",\"source\":\"services-fallback\","
        "\"requests_in_flight\":1}";
    struct live_message message = some_message(), back;
    struct buf out = {0};
    live_message_encode(&message, &out);
    assert_string_equal(buf_cstr(&out), json);
    assert_int_equal(live_message_decode(messages_parse(buf_view(&out)), &back, NULL), ERR_OK);
    assert_int_equal(back.events_total.value, 7);
    assert_true(back.pending.present);
    assert_false(back.points_stored.present);
    assert_true(back.ledger_difference.value == -2);
    assert_int_equal(back.influxdb, LIVE_INFLUXDB_AWAY);
    assert_int_equal(back.source, LIVE_SOURCE_SERVICES);
    buf_free(&out);
}

static void what_is_no_message_leaves_the_old_one_alone(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "{\"schema\":1,\"service\":\"w\"}",
        "{\"schema\":2,\"service\":\"w\",\"time\":\"2026-11-20T10:00:00Z\"}",
        "{\"schema\":1,\"service\":\"\",\"time\":\"2026-11-20T10:00:00Z\"}",
        "{\"schema\":1,\"service\":\"w\",\"time\":\"2026-11-20T10:00:00Z\",\"pending\":-1}",
        "{\"schema\":1,\"service\":\"w\",\"time\":\"2026-11-20T10:00:00Z\",\"influxdb\":\"up\"}",
    };
    for (size_t i = 0; i < MESSAGES_COUNT(wrong); i++) {
        struct live_message message = {.service = "old"};
        struct err_reason why = {""};
        assert_int_not_equal(live_message_decode(messages_parse(text_of(wrong[i])), &message, &why),
                             ERR_OK);
        assert_string_not_equal(why.text, "");
        assert_string_equal(message.service, "old");
    }
}

static void the_first_change_is_said_at_once_and_the_next_after_the_pace(void **state)
{
    (void)state;
    struct live_pace pace = {0};
    struct live_message message = some_message();
    assert_int_equal(live_pace_wait_ms(&pace, 1000), 0);
    assert_true(live_pace_take(&pace, &message, 1, 1000));
    message.events_total.value++;
    assert_false(live_pace_take(&pace, &message, 1, 1000 + LIVE_PACE_MS - 1));
    assert_int_equal(live_pace_wait_ms(&pace, 1000 + LIVE_PACE_MS - 1), 1);
    assert_int_equal(live_pace_wait_ms(&pace, 1000 + LIVE_PACE_MS), 0);
    assert_true(live_pace_take(&pace, &message, 1, 1000 + LIVE_PACE_MS));
    live_pace_free(&pace);
}

static void what_only_passes_with_the_time_is_no_change(void **state)
{
    (void)state;
    struct live_pace pace = {0};
    struct live_message message = some_message();
    assert_true(live_pace_take(&pace, &message, 1, 0));
    message.time_ns += 1000000000;
    message.journal_oldest_s.value += 1;
    assert_false(live_pace_take(&pace, &message, 1, 2000));
    message.influxdb_reason[0] = 'N';
    assert_true(live_pace_take(&pace, &message, 1, 2000));
    live_pace_free(&pace);
}

static void a_new_connection_and_a_failure_are_reasons_to_say_it_again(void **state)
{
    (void)state;
    struct live_pace pace = {0};
    struct live_message message = some_message();
    assert_true(live_pace_take(&pace, &message, 1, 0));
    assert_false(live_pace_take(&pace, &message, 1, 500));
    assert_true(live_pace_take(&pace, &message, 2, 500));
    live_pace_failed(&pace);
    assert_false(live_pace_take(&pace, &message, 2, 999));
    assert_true(live_pace_take(&pace, &message, 2, 1000));
    assert_false(live_pace_take(&pace, &message, 2, 1500));
    message.events_total.value++;
    assert_true(live_pace_take(&pace, &message, 2, 1500));
    live_pace_hasten(&pace);
    assert_int_equal(live_pace_wait_ms(&pace, 1501), 0);
    assert_false(live_pace_take(&pace, &message, 2, 1501)); /* nothing has changed */
    live_pace_free(&pace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_goes_there_and_back),
        cmocka_unit_test(what_is_no_message_leaves_the_old_one_alone),
        cmocka_unit_test(the_first_change_is_said_at_once_and_the_next_after_the_pace),
        cmocka_unit_test(what_only_passes_with_the_time_is_no_change),
        cmocka_unit_test(a_new_connection_and_a_failure_are_reasons_to_say_it_again),
    };
    return cmocka_run_group_tests(tests, messages_open, messages_close);
}
