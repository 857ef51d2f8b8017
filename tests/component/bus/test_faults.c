/* What goes wrong around a connection: refused passwords, second clients, silence, the end. */
#include "watch.h"

#include <signal.h>

#define PROMISED_MS 5000 /* from the broker's answer to ours */

static const struct bus_subscription all[] = {{.filter = "all/#", .id = 5, .qos = 1}};

static char relay_url[64];

static void make_user(const struct harness *broker, const char *password)
{
    char command[512];
    snprintf(command, sizeof command, "mosquitto_passwd -b -c %s/users anna %s",
             harness_folder(broker), password);
    assert_int_equal(system(command), 0);
}

static void a_changed_password_file_is_read_at_the_next_attempt(void **state)
{
    char path[256];
    (void)state;
    struct harness *broker = harness_new(HARNESS_MOSQUITTO);
    make_user(broker, "right");
    harness_config(broker, "allow_anonymous false\npassword_file %s/users\n",
                   harness_folder(broker));
    assert_true(harness_start(broker));
    assert_true(harness_write_file(broker, "secret", "wrong\n", path, sizeof path));
    struct watch *w = watch_new(harness_url(broker), "anna");
    w->options.username = "anna";
    w->options.password_file = path;
    watch_open(w);
    WATCH_UNTIL(w->losses >= 2);
    assert_non_null(strstr(w->words[1], "refused the connection: Not authorized"));
    assert_non_null(strstr(w->words[1], "password_file"));
    assert_null(strstr(w->words[1], "wrong"));
    assert_true(harness_write_file(broker, "secret", "right\n", NULL, 0));
    WATCH_UNTIL_MS(w->connects == 1, PROMISED_MS);

    assert_int_equal(remove(path), 0); /* not even there */
    harness_stop(broker, SIGTERM);
    WATCH_UNTIL(bus_client_state(w->client) != BUS_UP);
    assert_true(harness_start(broker));
    WATCH_UNTIL(strstr(w->words[(w->losses - 1) % 64], "secret"));
    assert_true(harness_write_file(broker, "secret", "right\n", NULL, 0));
    WATCH_UNTIL_MS(w->connects == 2, PROMISED_MS);
    watch_close(w);
    harness_close(broker);
}

static void two_clients_with_one_id_go_on_at_a_slowing_pace(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct watch *a = watch_up(watch_new(harness_url(broker), "twin"), NULL, 0);
    struct watch *b = watch_up(watch_new(harness_url(broker), "twin"), NULL, 0);
    WATCH_UNTIL(a->losses >= 1);
    assert_non_null(strstr(a->words[0], "was lost"));
    int64_t until_ms = harness_now_ms() + 4000;
    while (harness_now_ms() < until_ms)
        watch_turn_all();
    print_message("in 4 s: %d and %d connects\n", a->connects, b->connects);
    assert_in_range(a->connects + b->connects, 2, 24);
    watch_close(b);
    WATCH_UNTIL(bus_client_state(a->client) == BUS_UP); /* alone again */
    watch_close(a);
    harness_close(broker);
}

static void a_silent_connection_is_noticed_by_keep_alive(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct harness_relay *relay = watch_relay(broker, relay_url);
    struct watch *w = watch_new(relay_url, "silent");
    w->options.keep_alive_s = 1;
    watch_up(w, NULL, 0);
    harness_relay_set(relay, HARNESS_RELAY_SILENT);
    int64_t start_ms = harness_now_ms();
    WATCH_UNTIL(w->losses == 1);
    print_message("noticed after %d ms\n", (int)(harness_now_ms() - start_ms));
    harness_relay_set(relay, HARNESS_RELAY_PASS);
    harness_relay_cut(relay); /* the attempt that may hang in the silence */
    WATCH_UNTIL_MS(w->connects == 2, PROMISED_MS);
    watch_close(w);
    harness_relay_close(relay);
    harness_close(broker);
}

static void an_attempt_that_nobody_answers_ends(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct harness_relay *relay = watch_relay(broker, relay_url);
    harness_relay_set(relay, HARNESS_RELAY_SILENT);
    struct watch *w = watch_new(relay_url, "unanswered");
    watch_open(w);
    int64_t start_ms = harness_now_ms();
    WATCH_UNTIL_MS(w->losses == 1, 20000);
    print_message("given up after %d ms: %s\n", (int)(harness_now_ms() - start_ms), w->words[0]);
    harness_relay_set(relay, HARNESS_RELAY_PASS);
    WATCH_UNTIL_MS(w->connects == 1, PROMISED_MS);
    watch_close(w);
    harness_relay_close(relay);
    harness_close(broker);
}

/* Clients close while a flood comes in; what is called for a closed one touches freed memory, which
 * the sanitizers see. */
static void nothing_is_called_after_close(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct watch *p = watch_publisher(harness_url(broker));
    for (int round = 0; round < 5; round++) {
        struct watch *w = watch_new(harness_url(broker), "closes");
        w->options.keep_session = round % 2;
        watch_up(w, all, 1);
        for (int i = 0; i < 2000; i++)
            watch_publish(p, "all/x", "flood", (struct bus_publish){.qos = (uint8_t)(i % 2)});
        WATCH_UNTIL(w->arrived > 100 * round);
        watch_close(w);
    }
    struct watch *w = watch_new(harness_url(broker), "closes"); /* while connecting */
    watch_open(w);
    bus_client_turn(w->client);
    watch_close(w);
    watch_close(p);
    harness_close(broker);
}

static void the_will_is_sent_when_the_connection_breaks(void **state)
{
    (void)state;
    struct harness *broker = harness_mosquitto(NULL);
    struct harness_relay *relay = watch_relay(broker, relay_url);
    struct watch *s = watch_up(watch_new(harness_url(broker), "heir"), all, 1);
    struct watch *w = watch_new(relay_url, "mortal");
    w->options.will = (struct bus_will){"all/will", "gone", true};
    watch_up(w, NULL, 0);
    harness_relay_cut(relay);
    WATCH_UNTIL(s->arrived == 1);
    assert_string_equal(s->messages[0].topic, "all/will");
    assert_string_equal(s->messages[0].payload, "gone");
    assert_int_equal(s->messages[0].qos, 1);
    watch_close(w);
    watch_close(s);
    harness_relay_close(relay);
    harness_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_password_file_is_read_at_the_next_attempt),
        cmocka_unit_test(two_clients_with_one_id_go_on_at_a_slowing_pace),
        cmocka_unit_test(a_silent_connection_is_noticed_by_keep_alive),
        cmocka_unit_test(an_attempt_that_nobody_answers_ends),
        cmocka_unit_test(nothing_is_called_after_close),
        cmocka_unit_test(the_will_is_sent_when_the_connection_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
