/* How a client comes back to its broker, and how long it waits between its attempts. */
#include "watch.h"

#include <signal.h>

static char relay_url[64];

#define PROMISED_MS 5000 /* from the broker's answer to ours */

static const struct bus_subscription all[] = {{.filter = "all/#", .id = 5, .qos = 1}};

static void restart(struct harness *broker, int signal, struct watch *w)
{
    int connects = w->connects;
    harness_stop(broker, signal);
    WATCH_UNTIL(bus_client_state(w->client) != BUS_UP);
    int64_t until_ms = harness_now_ms() + 300; /* some attempts fail */
    while (harness_now_ms() < until_ms)
        watch_turn_all();
    assert_true(harness_start(broker));
    int64_t up_ms = harness_now_ms();
    WATCH_UNTIL_MS(w->connects == connects + 1 && w->subscribed == connects + 1, PROMISED_MS);
    print_message("back after %d ms\n", (int)(harness_now_ms() - up_ms));
}

static void it_comes_back_after_sigterm_with_its_session(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct watch *w = watch_up(watch_new(harness_url(broker), "back"), all, 1);
    assert_false(w->present[0]);
    restart(broker, SIGTERM, w);
    assert_true(w->present[1]);
    restart(broker, SIGTERM, w);
    assert_true(w->present[2]);
    assert_true(w->losses >= 2);
    assert_non_null(strstr(w->words[0], "was lost"));
    watch_flush(w, w, "all/x");
    watch_close(w);
    harness_close(broker);
}

static void it_comes_back_after_sigkill_and_sees_that_the_session_is_gone(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct watch *w = watch_up(watch_new(harness_url(broker), "back"), all, 1);
    restart(broker, SIGKILL, w);
    assert_false(w->present[1]);
    watch_flush(w, w, "all/x"); /* subscribed anew */
    assert_int_equal(w->messages[0].subscription_id, 5);
    watch_close(w);
    harness_close(broker);
}

static void a_broker_that_is_away_at_the_start_is_taken_up(void **state)
{
    (void)state;
    struct harness *broker = harness_new(HARNESS_MOSQUITTO);
    struct watch *w = watch_new(harness_url(broker), "early");
    watch_open(w);
    assert_int_equal(bus_client_subscribe(w->client, all, 1), ERR_OK);
    WATCH_UNTIL(w->losses >= 2);
    assert_non_null(strstr(w->words[0], harness_url(broker)));
    assert_non_null(strstr(w->words[0], "cannot be reached"));
    assert_true(harness_start(broker));
    WATCH_UNTIL_MS(w->subscribed == 1, PROMISED_MS);
    watch_close(w);
    harness_close(broker);
}

static void clean_start_forgets_and_a_kept_session_does_not(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct harness_relay *relay = watch_relay(broker, relay_url);
    for (int keep = 0; keep <= 1; keep++) {
        struct watch *w = watch_new(relay_url, "keeps");
        w->options.keep_session = keep;
        watch_up(w, all, 1);
        for (int i = 1; i <= 3; i++) {
            harness_relay_cut(relay);
            WATCH_UNTIL(w->subscribed == i + 1);
            assert_int_equal(w->present[i], keep);
        }
        watch_close(w);
    }
    harness_relay_close(relay);
    harness_close(broker);
}

/* Nothing is received before the relay turns deaf: an acknowledgement that is still on its way then
 * would be lost too. */
static void an_unacknowledged_message_comes_again_with_dup_and_its_packet_id(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct harness_relay *relay = watch_relay(broker, relay_url);
    struct watch *p = watch_publisher(harness_url(broker));
    struct watch *w = watch_up(watch_new(relay_url, "again"), all, 1);
    harness_relay_set(relay, HARNESS_RELAY_DEAF); /* our PUBACKs get lost */
    watch_publish(p, "all/1", "one", (struct bus_publish){.qos = 1});
    watch_publish(p, "all/2", "two", (struct bus_publish){.qos = 1});
    WATCH_UNTIL(w->arrived == 2);
    assert_false(w->messages[0].dup || w->messages[1].dup);
    harness_relay_cut(relay);
    assert_int_equal(bus_client_publish_wait(p->client, "all/3", TEXT("three"),
                                             (struct bus_publish){.qos = 1}, WATCH_WAIT),
                     ERR_OK);
    harness_relay_set(relay, HARNESS_RELAY_PASS);
    WATCH_UNTIL(w->arrived == 5);
    assert_true(w->present[1]);
    for (int i = 0; i < 2; i++) {
        assert_true(w->messages[i + 2].dup);
        assert_string_equal(w->messages[i + 2].topic, w->messages[i].topic);
        assert_int_equal(w->messages[i + 2].packet_id, w->messages[i].packet_id);
        assert_int_equal(w->messages[i + 2].subscription_id, 5);
    }
    assert_string_equal(w->messages[4].payload, "three");
    watch_close(w);
    watch_close(p);
    harness_relay_close(relay);
    harness_close(broker);
}

/* The clock stands until the test moves it; paho's threads read it too. */
static _Atomic int64_t hand_ns;

static int64_t read_hand(void *context)
{
    (void)context;
    return atomic_load(&hand_ns);
}

/* Moves the clock as far as the client asks until it attempts; the waiting time in ms. */
static int64_t wait_for_attempt(struct watch *w)
{
    int64_t start_ns = hand_ns;
    for (;;) {
        uint32_t left_ms = bus_client_turn(w->client);
        if (bus_client_state(w->client) != BUS_DOWN)
            return (hand_ns - start_ns) / 1000000;
        assert_in_range(left_ms, 1, 1000);
        hand_ns += (int64_t)left_ms * 1000000;
    }
}

struct losses {
    struct watch *w;
    int count;
};

static bool has_lost(void *context)
{
    const struct losses *due = context;
    return atomic_load(&due->w->losses) >= due->count;
}

static void waiting_times_grow_to_the_cap_and_not_beyond(void **state)
{
    char nowhere[64];
    int64_t longest_ms = 0, sum_ms = 0;
    (void)state;
    snprintf(nowhere, sizeof nowhere, "mqtt://127.0.0.1:%u", harness_free_port());
    struct watch *w = watch_new(nowhere, "waits");
    w->options.clock = (struct clock){read_hand, read_hand, NULL};
    struct err_reason why;
    assert_int_equal(bus_client_open(&w->options, &w->client, &why), ERR_OK);
    assert_int_equal(wait_for_attempt(w), 0);
    for (int i = 1; i <= 40; i++) {
        const struct losses due = {w, i};
        assert_true(harness_until(has_lost, (void *)(uintptr_t)&due, WATCH_WAIT));
        int64_t waited_ms = wait_for_attempt(w);
        assert_in_range(waited_ms, 100, 3000);
        if (i == 1)
            assert_in_range(waited_ms, 100, 200);
        longest_ms = waited_ms > longest_ms ? waited_ms : longest_ms;
        sum_ms += waited_ms;
    }
    print_message("40 waits: mean %d ms, longest %d ms\n", (int)(sum_ms / 40), (int)longest_ms);
    assert_true(longest_ms > 1000);
    watch_close(w);
}

/* The same seen from the other side, with real time. */
static void attempts_at_a_refusing_port_keep_their_distance(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct harness_relay *relay = watch_relay(broker, relay_url);
    harness_relay_set(relay, HARNESS_RELAY_REFUSE);
    struct watch *w = watch_new(relay_url, "distance");
    w->options.retry_floor_ms = 100;
    w->options.retry_cap_ms = 300;
    watch_open(w);
    WATCH_UNTIL_MS(harness_relay_count(relay) >= 12, 12 * 1200);
    for (size_t i = 1; i < 12; i++)
        assert_in_range(harness_relay_at_ms(relay, i) - harness_relay_at_ms(relay, i - 1), 95,
                        1200);
    harness_relay_set(relay, HARNESS_RELAY_PASS);
    WATCH_UNTIL_MS(w->connects == 1, PROMISED_MS);
    watch_close(w);
    harness_relay_close(relay);
    harness_close(broker);
}

/* Receive Maximum (33) and Session Expiry (17, ten years: paho would make 255 s of "never") as
 * bytes of the CONNECT, which is Clean Start 0. */
static void connect_says_what_the_options_say(void **state)
{
    static const uint8_t session[] = {17, 0x12, 0xcc, 0x03, 0x00}, maximum[] = {33, 0xff, 0xff};
    uint8_t sent[512];
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct harness_relay *relay = watch_relay(broker, relay_url);
    struct watch *w = watch_up(watch_new(relay_url, "says"), NULL, 0);
    size_t len = harness_relay_first(relay, 0, sent, sizeof sent);
    assert_int_equal(sent[0], 0x10);
    assert_memory_equal(sent + 4, "MQTT\x05", 5);
    assert_int_equal(sent[9] & 0x02, 0); /* connect flags: Clean Start */
    assert_non_null(memmem(sent, len, session, sizeof session));
    assert_non_null(memmem(sent, len, maximum, sizeof maximum));
    assert_int_equal(sent[10] << 8 | sent[11], 30); /* keep alive */
    watch_close(w);

    w = watch_new(relay_url, "says");
    w->options.keep_session = false;
    w->options.receive_maximum = 0;
    w->options.keep_alive_s = 7;
    watch_up(w, NULL, 0);
    harness_relay_first(relay, 1, sent, sizeof sent);
    assert_int_equal(sent[9] & 0x02, 2);
    assert_int_equal(sent[10] << 8 | sent[11], 7);
    assert_int_equal(sent[12], 0); /* no properties */
    watch_close(w);
    harness_relay_close(relay);
    harness_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_back_after_sigterm_with_its_session),
        cmocka_unit_test(it_comes_back_after_sigkill_and_sees_that_the_session_is_gone),
        cmocka_unit_test(a_broker_that_is_away_at_the_start_is_taken_up),
        cmocka_unit_test(clean_start_forgets_and_a_kept_session_does_not),
        cmocka_unit_test(an_unacknowledged_message_comes_again_with_dup_and_its_packet_id),
        cmocka_unit_test(waiting_times_grow_to_the_cap_and_not_beyond),
        cmocka_unit_test(attempts_at_a_refusing_port_keep_their_distance),
        cmocka_unit_test(connect_says_what_the_options_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
