/* What is sent arrives at the broker, and flush returns when it is stored, not before. */
#include "house.h"

static struct house house;

static int open_all(void **state)
{
    (void)state;
    house = house_open("");
    house_start_writer(&house);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    house_close(&house);
    return 0;
}

static void what_is_sent_is_stored_after_flush(void **state)
{
    (void)state;
    const struct house_run *run =
        house_expect(HOUSE_RUN("send", "readings/kitchen", "{\"temperature\": 21.5}"), 0);
    house_says(run->out, "hearthline/readings/kitchen: 21 bytes acknowledged");
    run = house_expect(HOUSE_RUN("flush"), 0);
    house_says(run->out, "all is stored");
    house_says(house_query(&house, "SELECT temperature FROM device_metrics"), "21.5");
}

static void a_payload_may_begin_with_a_dash_or_come_from_standard_input(void **state)
{
    (void)state;
    house_expect(HOUSE_RUN("send", "readings/attic/temperature", "-3.25"), 0);
    const char *const from_input[] = {"send", "--absolute", "hearthline/readings/cellar", "-",
                                      NULL};
    house_expect(house_run_input("{\"humidity\": 71}", from_input), 0);
    house_flush();
    house_says(house_query(&house, "SELECT * FROM device_metrics"), "-3.25");
    house_says(house_query(&house, "SELECT humidity FROM device_metrics"), "71");
}

static void without_acknowledgement_it_says_so(void **state)
{
    (void)state;
    const struct house_run *run =
        house_expect(HOUSE_RUN("send", "--qos", "0", "readings/kitchen", "{\"qos\": 0}"), 0);
    house_says(run->out, "without acknowledgement");
}

static void a_topic_that_the_writer_rejects_is_pointed_out(void **state)
{
    (void)state;
    const struct house_run *run = house_expect(HOUSE_RUN("send", "reading/kitchen", "1"), 0);
    house_says(run->err, "hearthline/readings/<device>");
}

static void without_a_broker_it_fails(void **state)
{
    char url[64];
    (void)state;
    snprintf(url, sizeof url, "mqtt://127.0.0.1:%u", harness_free_port());
    const struct house_run *run =
        house_expect(HOUSE_RUN("send", "--broker", url, "--timeout", "1", "line", "x"), 1);
    house_says(run->err, "hearthline send: hearthline/line: ");
    assert_string_equal(run->out, "");
}

static void flush_says_how_much_waits_and_why(void **state)
{
    (void)state;
    harness_stop(house.influx, SIGTERM);
    house_expect(HOUSE_RUN("send", "readings/kitchen", "{\"while_away\": 1}"), 0);
    const struct house_run *run = house_expect(HOUSE_RUN("flush", "--timeout", "2"), 1);
    house_says(run->err, "records are still pending");
    house_says(run->err, "\"influxdb\":\"down\"");
    assert_true(harness_start(house.influx));
    house_flush();
    house_says(house_query(&house, "SELECT while_away FROM device_metrics"), "1]");
}

static void flush_without_a_writer_fails_at_once(void **state)
{
    (void)state;
    house_stop_writer(&house);
    int64_t begun_ms = harness_now_ms();
    const struct house_run *run = house_expect(HOUSE_RUN("flush"), 1);
    house_says(run->err, "is it running?");
    assert_true(harness_now_ms() - begun_ms < 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_is_stored_after_flush),
        cmocka_unit_test(a_payload_may_begin_with_a_dash_or_come_from_standard_input),
        cmocka_unit_test(without_acknowledgement_it_says_so),
        cmocka_unit_test(a_topic_that_the_writer_rejects_is_pointed_out),
        cmocka_unit_test(without_a_broker_it_fails),
        cmocka_unit_test(flush_says_how_much_waits_and_why),
        cmocka_unit_test(flush_without_a_writer_fails_at_once),
    };
    return cmocka_run_group_tests_name("send, flush", tests, open_all, close_all);
}
