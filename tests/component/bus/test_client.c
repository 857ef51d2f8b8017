/* What a client sends and gets, against a real broker. */
#include "watch.h"

#include <dirent.h>
#include <unistd.h>

static struct harness *broker;

static int start_broker(void **state)
{
    (void)state;
    broker = harness_mosquitto(NULL);
    return broker ? 0 : -1;
}

static int stop_broker(void **state)
{
    (void)state;
    harness_close(broker);
    return 0;
}

static struct watch *publisher(void)
{
    return watch_publisher(harness_url(broker));
}

static void every_property_is_delivered(void **state)
{
    const struct bus_subscription list[] = {{.filter = "props/#", .id = 268435455, .qos = 1}};
    (void)state;
    struct watch *p = publisher();
    struct watch *s = watch_up(watch_new(harness_url(broker), "props"), list, 1);
    watch_publish(p, "props/all", "21.5",
                  (struct bus_publish){.qos = 1,
                                       .expiry_s = 600,
                                       .content_type = TEXT("application/json"),
                                       .response_topic = TEXT("answers/here"),
                                       .correlation = TEXT("no 17")});
    watch_publish(p, "props/none", "", (struct bus_publish){.qos = 0});
    WATCH_UNTIL(s->arrived == 2);
    const struct watch_message *all = &s->messages[0], *none = &s->messages[1];
    assert_string_equal(all->topic, "props/all");
    assert_string_equal(all->payload, "21.5");
    assert_string_equal(all->content_type, "application/json");
    assert_string_equal(all->response_topic, "answers/here");
    assert_string_equal(all->correlation, "no 17");
    assert_in_range(all->expiry_s, 598, 600);
    assert_int_equal(all->subscription_id, 268435455);
    assert_int_equal(all->qos, 1);
    assert_true(all->packet_id > 0);
    assert_false(all->retained || all->dup);

    assert_string_equal(none->topic, "props/none");
    assert_string_equal(none->payload, "");
    assert_string_equal(none->content_type, "");
    assert_string_equal(none->response_topic, "");
    assert_string_equal(none->correlation, "");
    assert_int_equal(none->expiry_s, 0);
    assert_int_equal(none->qos, 0);
    assert_int_equal(none->packet_id, 0);
    watch_close(s);
    watch_close(p);
}

static void retained_messages_come_only_with_a_new_subscription(void **state)
{
    const struct bus_subscription once[] = {
        {.filter = "kept/once/#", .qos = 1, .send_retained = BUS_RETAINED_WHEN_NEW}};
    const struct bus_subscription both[] = {
        {.filter = "kept/once/#", .qos = 1, .send_retained = BUS_RETAINED_WHEN_NEW},
        {.filter = "kept/never/#", .qos = 1}};
    (void)state;
    struct watch *p = publisher();
    assert_int_equal(bus_client_publish_wait(p->client, "kept/once/a", TEXT("old"),
                                             (struct bus_publish){.retained = true}, WATCH_WAIT),
                     ERR_OK);
    assert_int_equal(bus_client_publish_wait(p->client, "kept/never/a", TEXT("old"),
                                             (struct bus_publish){.retained = true}, WATCH_WAIT),
                     ERR_OK);
    struct watch *s = watch_up(watch_new(harness_url(broker), "kept"), once, 1);
    WATCH_UNTIL(s->arrived == 1);
    assert_true(s->messages[0].retained);

    bus_client_hold(s->client); /* the same subscription again, in the same session */
    WATCH_UNTIL(bus_client_state(s->client) == BUS_HELD);
    bus_client_resume(s->client);
    WATCH_UNTIL(s->subscribed == 2);
    assert_true(s->present[1]);
    assert_int_equal(bus_client_subscribe(s->client, both, 2),
                     ERR_OK); /* and one that wants none */
    WATCH_UNTIL(s->subscribed == 3);
    watch_flush(p, s, "kept/never/b");
    assert_int_equal(s->arrived, 2);
    watch_close(s);
    watch_close(p);
}

static void retained_messages_come_at_each_connection_where_that_is_wanted(void **state)
{
    const struct bus_subscription always[] = {
        {.filter = "figure/#", .qos = 1, .send_retained = BUS_RETAINED_ALWAYS}};
    (void)state;
    struct watch *p = publisher();
    assert_int_equal(bus_client_publish_wait(p->client, "figure/a", TEXT("1"),
                                             (struct bus_publish){.retained = true}, WATCH_WAIT),
                     ERR_OK);
    struct watch *s = watch_up(watch_new(harness_url(broker), "figures"), always, 1);
    WATCH_UNTIL(s->arrived == 1);
    bus_client_hold(s->client);
    WATCH_UNTIL(bus_client_state(s->client) == BUS_HELD);
    bus_client_resume(s->client);
    WATCH_UNTIL(s->arrived == 2);
    assert_true(s->present[1]);
    assert_true(s->messages[1].retained);
    watch_close(s);
    watch_close(p);
}

static void no_local_keeps_our_own_messages_away(void **state)
{
    const struct bus_subscription list[] = {{.filter = "mine/quiet", .qos = 1, .no_local = true},
                                            {.filter = "mine/loud", .qos = 1}};
    (void)state;
    struct watch *p = publisher();
    struct watch *s = watch_up(watch_new(harness_url(broker), "local"), list, 2);
    watch_publish(s, "mine/quiet", "own", (struct bus_publish){.qos = 1});
    watch_publish(s, "mine/loud", "own", (struct bus_publish){.qos = 1});
    WATCH_UNTIL(s->arrived == 1);
    watch_publish(p, "mine/quiet", "other", (struct bus_publish){.qos = 1});
    WATCH_UNTIL(s->arrived == 2);
    assert_string_equal(s->messages[0].topic, "mine/loud");
    assert_string_equal(s->messages[1].payload, "other");
    watch_close(s);
    watch_close(p);
}

static void a_stale_filter_is_taken_out_of_the_session(void **state)
{
    const struct bus_subscription old[] = {{.filter = "stale/old", .qos = 1},
                                           {.filter = "stale/new", .qos = 1}};
    const struct bus_subscription now[] = {{.filter = "stale/new", .qos = 1}};
    (void)state;
    struct watch *p = publisher();
    struct watch *s = watch_up(watch_new(harness_url(broker), "stale"), old, 2);
    watch_close(s);
    s = watch_new(harness_url(broker), "stale"); /* a process that knows it from its records */
    watch_open(s);
    assert_int_equal(bus_client_unsubscribe(s->client, "stale/old"), ERR_OK);
    assert_int_equal(bus_client_subscribe(s->client, now, 1), ERR_OK);
    WATCH_UNTIL(s->subscribed == 1);
    assert_true(s->present[0]);
    watch_publish(p, "stale/old", "x", (struct bus_publish){.qos = 1});
    watch_flush(p, s, "stale/new");
    assert_int_equal(s->arrived, 1);

    assert_int_equal(bus_client_subscribe(s->client, old, 1), ERR_OK); /* while connected */
    WATCH_UNTIL(s->subscribed == 2);
    watch_publish(p, "stale/new", "x", (struct bus_publish){.qos = 1});
    watch_flush(p, s, "stale/old");
    assert_int_equal(s->arrived, 2);
    watch_close(s);
    watch_close(p);
}

static void overlapping_filters_give_one_copy_each_with_its_identifier(void **state)
{
    const struct bus_subscription list[] = {{.filter = "over/#", .id = 7, .qos = 1},
                                            {.filter = "over/+", .id = 300, .qos = 1},
                                            {.filter = "over/a", .id = 70000, .qos = 0}};
    uint32_t sum = 0;
    (void)state;
    struct watch *p = publisher();
    struct watch *s = watch_up(watch_new(harness_url(broker), "over"), list, 3);
    watch_publish(p, "over/a", "x", (struct bus_publish){.qos = 1});
    WATCH_UNTIL(s->arrived == 3);
    for (int i = 0; i < 3; i++)
        sum += s->messages[i].subscription_id;
    assert_int_equal(sum, 7 + 300 + 70000);
    watch_flush(p, s, "over/b/c");
    assert_int_equal(s->arrived, 4);
    assert_int_equal(s->messages[3].subscription_id, 7);
    watch_close(s);
    watch_close(p);
}

/* paho's own limit is 100. At QoS 1 the broker's Receive Maximum of 20 makes most of them wait
 * here, at QoS 0 all go to paho at once. */
static void a_burst_of_1000_publishes_is_accepted(void **state)
{
    const struct bus_subscription list[] = {{.filter = "burst/#", .qos = 1}};
    (void)state;
    struct watch *p = publisher();
    struct watch *s = watch_up(watch_new(harness_url(broker), "burst"), list, 1);
    for (int i = 0; i < 2000; i++) {
        char payload[16];
        snprintf(payload, sizeof payload, "%d", i % 1000);
        watch_publish(p, "burst/x", payload, (struct bus_publish){.qos = (uint8_t)(i / 1000)});
        if (i == 999)
            WATCH_UNTIL(s->arrived == 1000);
    }
    WATCH_UNTIL(s->arrived == 2000);
    for (int i = 0; i < 2000; i++)
        assert_int_equal(atoi(s->messages[i].payload), i % 1000);
    watch_close(s);
    watch_close(p);
}

static void too_much_waiting_is_full(void **state)
{
    char url[64];
    (void)state;
    struct harness_relay *relay = watch_relay(broker, url);
    struct watch *p = watch_publisher(url);
    harness_relay_set(relay, HARNESS_RELAY_DEAF); /* no PUBACK comes any more */
    enum err err = ERR_OK;
    int accepted = 0;
    for (; accepted < 20000 && err == ERR_OK; accepted += err == ERR_OK)
        err = bus_client_publish(p->client, "full/x", TEXT("x"), (struct bus_publish){.qos = 1});
    assert_int_equal(err, ERR_FULL);
    assert_int_equal(accepted, 16384);
    harness_relay_set(relay, HARNESS_RELAY_PASS);
    harness_relay_cut(relay); /* what waited goes with the connection, and there is room again */
    WATCH_UNTIL(p->connects == 2);
    watch_publish(p, "full/x", "x", (struct bus_publish){.qos = 1});
    watch_close(p);
    harness_relay_close(relay);
}

static void what_would_break_the_connection_is_not_sent(void **state)
{
    static const char *const topics[] = {"", "a/+", "#", "a/\xff"};
    (void)state;
    struct watch *p = publisher();
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        assert_int_equal(
            bus_client_publish(p->client, topics[i], TEXT("x"), (struct bus_publish){.qos = 0}),
            ERR_INVALID);
    assert_int_equal(bus_client_publish(p->client, "a", TEXT("x"), (struct bus_publish){.qos = 3}),
                     ERR_INVALID);
    assert_int_equal(bus_client_publish(p->client, "a", TEXT("x"),
                                        (struct bus_publish){.content_type = TEXT("\xc0\x80")}),
                     ERR_INVALID);
    assert_int_equal(bus_client_publish_wait(p->client, "a", TEXT("x"),
                                             (struct bus_publish){.qos = 1}, WATCH_WAIT),
                     ERR_OK);
    assert_int_equal(p->losses, 0);
    watch_close(p);
}

static void the_command_line_publishes_with_one_call(void **state)
{
    (void)state;
    struct watch *w = watch_new(harness_url(broker), "oneshot");
    watch_open(w);
    int64_t start_ms = harness_now_ms();
    assert_int_equal(bus_client_publish_wait(w->client, "oneshot/x", TEXT("x"),
                                             (struct bus_publish){.qos = 0}, WATCH_WAIT),
                     ERR_OK);
    print_message("connect and PUBACK: %d ms\n", (int)(harness_now_ms() - start_ms));
    watch_close(w);

    char nowhere[64];
    snprintf(nowhere, sizeof nowhere, "mqtt://127.0.0.1:%u", harness_free_port());
    w = watch_new(nowhere, "oneshot");
    watch_open(w);
    start_ms = harness_now_ms();
    assert_int_equal(bus_client_publish_wait(w->client, "oneshot/x", TEXT("x"),
                                             (struct bus_publish){.qos = 0}, 300),
                     ERR_TIMEOUT);
    assert_in_range(harness_now_ms() - start_ms, 290, 2000);
    struct err_reason why;
    bus_client_last_error(w->client, &why);
    assert_non_null(strstr(why.text, nowhere));
    watch_close(w);
}

static void publishing_while_down_is_refused(void **state)
{
    (void)state;
    struct watch *w = watch_new(harness_url(broker), "down");
    watch_open(w);
    assert_int_equal(bus_client_state(w->client), BUS_DOWN);
    assert_int_equal(bus_client_publish(w->client, "a", TEXT("x"), (struct bus_publish){.qos = 0}),
                     ERR_CLOSED);
    watch_close(w);
}

static void the_last_message_holds_and_nothing_is_lost_until_resume(void **state)
{
    const struct bus_subscription list[] = {{.filter = "hold/#", .qos = 1}};
    (void)state;
    struct watch *p = publisher();
    struct watch *s = watch_new(harness_url(broker), "hold");
    s->hold_at = 3;
    watch_up(s, list, 1);
    for (int i = 0; i < 5; i++) {
        char payload[16];
        snprintf(payload, sizeof payload, "%d", i);
        watch_publish(p, "hold/x", payload, (struct bus_publish){.qos = 1});
    }
    WATCH_UNTIL(s->arrived >= 3);
    assert_int_equal(bus_client_state(s->client), BUS_HELD);
    int64_t until_ms =
        harness_now_ms() + 1500; /* a broker away is what a held client must not mind */
    while (harness_now_ms() < until_ms) {
        watch_turn_all();
        assert_int_equal(bus_client_state(s->client), BUS_HELD);
    }
    int before_resume = s->arrived;
    for (int i = 5; i < 8; i++) {
        char payload[16];
        snprintf(payload, sizeof payload, "%d", i);
        assert_int_equal(bus_client_publish_wait(p->client, "hold/x", text_of(payload),
                                                 (struct bus_publish){.qos = 1}, WATCH_WAIT),
                         ERR_OK);
    }
    assert_int_equal(s->arrived, before_resume);
    assert_int_equal(s->connects, 1);
    bus_client_resume(s->client);
    WATCH_UNTIL(s->arrived >= 8 && strcmp(s->messages[s->arrived - 1].payload, "7") == 0);
    assert_true(s->present[1]);
    assert_int_equal(s->losses, 0);
    bool seen[8] = {false};
    for (int i = 0; i < s->arrived; i++)
        seen[atoi(s->messages[i].payload)] = true;
    for (int i = 0; i < 8; i++)
        assert_true(seen[i]);
    watch_close(s);
    watch_close(p);
}

static void holding_while_connecting_holds(void **state)
{
    (void)state;
    struct watch *w = watch_new(harness_url(broker), "early-hold");
    watch_open(w);
    bus_client_turn(w->client);
    bus_client_hold(w->client);
    assert_int_equal(bus_client_state(w->client), BUS_HELD);
    int64_t until_ms = harness_now_ms() + 1500;
    while (harness_now_ms() < until_ms)
        watch_turn_all();
    assert_int_equal(bus_client_state(w->client), BUS_HELD);
    assert_int_equal(bus_client_publish(w->client, "a", TEXT("x"), (struct bus_publish){.qos = 0}),
                     ERR_CLOSED);
    bus_client_resume(w->client);
    WATCH_UNTIL(bus_client_state(w->client) == BUS_UP);
    watch_close(w);
}

/* Default-deny for subscriptions and publishes of the anonymous group. */
static const char *const security =
    "{\"defaultACLAccess\":{\"publishClientSend\":false,\"publishClientReceive\":true,"
    "\"subscribe\":false,\"unsubscribe\":true},"
    "\"clients\":[],\"groups\":[{\"groupname\":\"all\",\"roles\":[{\"rolename\":\"some\"}],"
    "\"clients\":[]}],\"anonymousGroup\":\"all\","
    "\"roles\":[{\"rolename\":\"some\",\"acls\":["
    "{\"acltype\":\"subscribePattern\",\"topic\":\"open/#\",\"allow\":true},"
    "{\"acltype\":\"publishClientSend\",\"topic\":\"open/#\",\"allow\":true}]}]}";

static void a_refused_filter_is_told_with_its_reason(void **state)
{
    const struct bus_subscription list[] = {{.filter = "closed/#", .id = 1, .qos = 1},
                                            {.filter = "open/#", .id = 2, .qos = 1}};
    char path[256];
    (void)state;
    struct harness *strict = harness_new(HARNESS_MOSQUITTO);
    assert_non_null(strict);
    assert_true(harness_write_file(strict, "security.json", security, path, sizeof path));
    harness_config(strict,
                   "plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so\n"
                   "plugin_opt_config_file %s\n",
                   path);
    assert_true(harness_start(strict));
    struct watch *s = watch_up(watch_new(harness_url(strict), "refused"), list, 2);
    assert_int_equal(s->losses, 1);
    assert_non_null(strstr(s->words[0], "'closed/#'"));
    assert_non_null(strstr(s->words[0], "Not authorized"));
    struct err_reason why;
    bus_client_last_error(s->client, &why);
    assert_string_equal(why.text, s->words[0]);
    assert_int_equal(bus_client_refused(s->client), 1);
    assert_int_equal(bus_client_state(s->client), BUS_UP);

    watch_flush(s, s, "open/x"); /* the other one works */
    assert_int_equal(bus_client_publish_wait(s->client, "closed/x", TEXT("x"),
                                             (struct bus_publish){.qos = 1}, WATCH_WAIT),
                     ERR_REFUSED);
    assert_non_null(strstr(s->words[1], "'closed/x': Not authorized"));
    watch_close(s);
    harness_close(strict);
}

static void a_lower_qos_than_asked_is_told(void **state)
{
    const struct bus_subscription list[] = {{.filter = "low/#", .qos = 1}};
    (void)state;
    struct harness *low = harness_mosquitto("max_qos 0\n");
    assert_non_null(low);
    struct watch *s = watch_up(watch_new(harness_url(low), "low"), list, 1);
    assert_int_equal(s->losses, 1);
    assert_non_null(strstr(s->words[0], "QoS 0 instead of 1"));
    assert_int_equal(bus_client_refused(s->client), 0);
    watch_close(s);
    harness_close(low);
}

static void closing_sends_what_is_under_way_and_no_will(void **state)
{
    const struct bus_subscription list[] = {{.filter = "end/#", .qos = 1}};
    (void)state;
    struct watch *s = watch_up(watch_new(harness_url(broker), "end"), list, 1);
    struct watch *p = watch_new(harness_url(broker), "ends");
    p->options.keep_session = false;
    p->options.will = (struct bus_will){"end/will", "will", false};
    watch_up(p, NULL, 0);
    for (int i = 0; i < 100; i++)
        watch_publish(p, "end/x", "x", (struct bus_publish){.qos = (uint8_t)(i % 2)});
    watch_close(p);
    WATCH_UNTIL(s->arrived == 100);
    p = publisher();
    watch_flush(p, s, "end/flush");
    assert_int_equal(s->arrived, 101);
    watch_close(p);
    watch_close(s);
}

static void nothing_is_written_to_disk(void **state)
{
    char before[512];
    (void)state;
    assert_non_null(getcwd(before, sizeof before));
    struct harness *elsewhere = harness_new(HARNESS_INFLUXD); /* for its empty folder */
    assert_int_equal(chdir(harness_folder(elsewhere)), 0);
    struct watch *p = publisher();
    watch_publish(p, "disk/x", "x", (struct bus_publish){.qos = 1});
    watch_close(p);
    DIR *folder = opendir(".");
    int files = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        files += entry->d_name[0] != '.';
    closedir(folder);
    assert_int_equal(files, 0);
    assert_int_equal(chdir(before), 0);
    harness_close(elsewhere);
}

/* It would release paho's lock inside a callback. */
static void is_connected_is_never_called(void **state)
{
    static const char *const files[] = {"client.c", "client_subscribe.c", "client_publish.c",
                                        "dial.c", "presence.c"};
    static char content[65536];
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512];
        snprintf(path, sizeof path, HEARTHLINE_SOURCE_DIR "/bus/%s", files[i]);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        content[fread(content, 1, sizeof content - 1, file)] = '\0';
        fclose(file);
        assert_null(strstr(content, "MQTTAsync_isConnected"));
        assert_null(strstr(content, "MQTTAsync_waitForCompletion"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_property_is_delivered),
        cmocka_unit_test(retained_messages_come_only_with_a_new_subscription),
        cmocka_unit_test(retained_messages_come_at_each_connection_where_that_is_wanted),
        cmocka_unit_test(no_local_keeps_our_own_messages_away),
        cmocka_unit_test(a_stale_filter_is_taken_out_of_the_session),
        cmocka_unit_test(overlapping_filters_give_one_copy_each_with_its_identifier),
        cmocka_unit_test(a_burst_of_1000_publishes_is_accepted),
        cmocka_unit_test(too_much_waiting_is_full),
        cmocka_unit_test(what_would_break_the_connection_is_not_sent),
        cmocka_unit_test(the_command_line_publishes_with_one_call),
        cmocka_unit_test(publishing_while_down_is_refused),
        cmocka_unit_test(the_last_message_holds_and_nothing_is_lost_until_resume),
        cmocka_unit_test(holding_while_connecting_holds),
        cmocka_unit_test(a_refused_filter_is_told_with_its_reason),
        cmocka_unit_test(a_lower_qos_than_asked_is_told),
        cmocka_unit_test(closing_sends_what_is_under_way_and_no_will),
        cmocka_unit_test(nothing_is_written_to_disk),
        cmocka_unit_test(is_connected_is_never_called),
    };
    return cmocka_run_group_tests(tests, start_broker, stop_broker);
}
