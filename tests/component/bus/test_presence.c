/* Who runs under a name, with a real broker. A status here is "online NAME" or "offline NAME". */
#include "watch.h"

#include "bus/presence.h"
#include "harness_relay.h"

#define STATUS "hearthline/services/writer/status"
#define PROBE  "hearthline/services/writer/probe"

static struct harness *broker;

struct instance {
    struct presence *presence;
    char name[32], will[48];
    atomic_int told; /* the state that `changed` was told last, after all else it does */
    atomic_int changes, losses;
    char other[32];
    char why[512];
};

static struct instance *running[4];

static bool read_status(struct text payload, bool *ret_online, char *ret_instance, size_t size)
{
    char words[64];
    char instance[32];
    watch_copy(words, sizeof words, payload);
    if (sscanf(words, "online %31s", instance) == 1)
        *ret_online = true;
    else if (sscanf(words, "offline %31s", instance) == 1)
        *ret_online = false;
    else
        return false;
    snprintf(ret_instance, size, "%s", instance);
    return true;
}

static void changed(void *context, enum presence_state state, const char *other)
{
    struct instance *i = context;
    snprintf(i->other, sizeof i->other, "%s", other);
    atomic_fetch_add(&i->changes, 1);
    atomic_store(&i->told, (int)state);
}

static void lost(void *context, const char *why)
{
    struct instance *i = context;
    snprintf(i->why, sizeof i->why, "%s", why);
    atomic_fetch_add(&i->losses, 1);
}

static struct instance *start_at(const char *url, const char *name)
{
    struct instance *i = calloc(1, sizeof *i);
    snprintf(i->name, sizeof i->name, "%s", name);
    snprintf(i->will, sizeof i->will, "offline %s", name);
    struct presence_options options = {.bus = {.url = url, .client_id = "report"},
                                       .status_topic = STATUS,
                                       .probe_topic = PROBE,
                                       .instance = i->name,
                                       .will_payload = i->will,
                                       .context = i,
                                       .read_status = read_status,
                                       .changed = changed,
                                       .lost = lost};
    struct err_reason why = {""};
    if (presence_open(&options, &i->presence, &why) != ERR_OK)
        fail_msg("%s", why.text);
    assert_int_equal(presence_state(i->presence), PRESENCE_UNKNOWN);
    for (size_t k = 0; k < sizeof running / sizeof *running; k++)
        if (!running[k]) {
            running[k] = i;
            return i;
        }
    fail_msg("too many instances in one test");
    return NULL;
}

static struct instance *start(const char *name)
{
    return start_at(harness_url(broker), name);
}

static void end(struct instance *i)
{
    for (size_t k = 0; k < sizeof running / sizeof *running; k++)
        if (running[k] == i)
            running[k] = NULL;
    presence_close(i->presence, 1000);
    free(i);
}

static void until(struct instance *i, enum presence_state state)
{
    int64_t end_ms = harness_now_ms() + WATCH_WAIT;
    while (atomic_load(&i->told) != (int)state) {
        if (harness_now_ms() >= end_ms)
            fail_msg("%s is %d, not %d", i->name, presence_state(i->presence), state);
        for (size_t k = 0; k < sizeof running / sizeof *running; k++)
            if (running[k])
                presence_turn(running[k]->presence);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    assert_int_equal(presence_state(i->presence), state);
}

static void say(struct instance *i, const char *state)
{
    char payload[64];
    snprintf(payload, sizeof payload, "%s %s", state, i->name);
    assert_int_equal(bus_client_publish_wait(presence_client(i->presence), STATUS, text_of(payload),
                                             (struct bus_publish){.qos = 1, .retained = true},
                                             WATCH_WAIT),
                     ERR_OK);
}

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

static void without_a_status_the_name_is_clear(void **state)
{
    (void)state;
    struct instance *a = start("a");
    until(a, PRESENCE_CLEAR);
    assert_string_equal(a->other, "");
    say(a, "online"); /* our own is not another */
    assert_int_equal(presence_state(a->presence), PRESENCE_CLEAR);
    assert_int_equal(a->changes, 1);
    end(a);
}

static void another_instance_is_seen_and_its_end_too(void **state)
{
    (void)state;
    struct instance *a = start("a");
    until(a, PRESENCE_CLEAR);
    say(a, "online");
    struct instance *b = start("b");
    until(b, PRESENCE_OTHER);
    assert_string_equal(b->other, "a");
    assert_int_equal(presence_state(a->presence), PRESENCE_CLEAR); /* b said nothing */
    say(a, "offline");
    until(b, PRESENCE_CLEAR);
    assert_string_equal(b->other, "");
    say(a, "online");
    until(b, PRESENCE_OTHER);
    end(b);
    say(a, "offline");
    end(a);
}

static void an_instance_that_breaks_off_is_gone_by_its_will(void **state)
{
    char url[64];
    (void)state;
    struct harness_relay *relay = harness_relay_open(harness_port(broker));
    snprintf(url, sizeof url, "mqtt://127.0.0.1:%u", harness_relay_port(relay));
    struct instance *a = start_at(url, "a");
    until(a, PRESENCE_CLEAR);
    say(a, "online");
    struct instance *b = start("b");
    until(b, PRESENCE_OTHER);
    harness_relay_set(relay, HARNESS_RELAY_REFUSE);
    harness_relay_cut(relay);
    until(b, PRESENCE_CLEAR);
    until(a, PRESENCE_UNKNOWN); /* not connected: it cannot know */
    assert_true(a->losses >= 1);
    say(b, "online");
    harness_relay_set(relay, HARNESS_RELAY_PASS);
    until(a, PRESENCE_OTHER); /* the course begins again */
    assert_string_equal(a->other, "b");
    end(a);
    say(b, "offline");
    end(b);
    harness_relay_close(relay);
}

static void a_stale_status_of_our_own_is_clear(void **state)
{
    (void)state;
    struct instance *a = start("a");
    until(a, PRESENCE_CLEAR);
    say(a, "online");
    end(a); /* without a word: the retained status still says online */
    a = start("a");
    until(a, PRESENCE_CLEAR);
    assert_int_equal(a->changes, 1);
    struct instance *b = start("b"); /* for another name it counts */
    until(b, PRESENCE_OTHER);
    end(b);
    say(a, "offline");
    end(a);
}

static void two_that_start_at_once_see_each_other(void **state)
{
    (void)state;
    struct instance *a = start("a"), *b = start("b");
    until(a, PRESENCE_CLEAR);
    until(b, PRESENCE_CLEAR);
    say(a, "online");
    say(b, "online");
    until(a, PRESENCE_OTHER);
    until(b, PRESENCE_OTHER);
    assert_string_equal(a->other, "b");
    assert_string_equal(b->other, "a");
    say(b, "offline"); /* the one with the greater name yields */
    until(a, PRESENCE_CLEAR);
    assert_int_equal(presence_state(b->presence), PRESENCE_OTHER);
    say(a, "online"); /* the retained status is a's again */
    end(b);
    struct instance *c = start("c");
    until(c, PRESENCE_OTHER);
    assert_string_equal(c->other, "a");
    say(a, "offline");
    end(c);
    end(a);
}

static void what_is_no_status_says_nothing(void **state)
{
    (void)state;
    struct instance *a = start("a");
    until(a, PRESENCE_CLEAR);
    assert_int_equal(bus_client_publish_wait(presence_client(a->presence), STATUS, TEXT("\xff{"),
                                             (struct bus_publish){.retained = true}, WATCH_WAIT),
                     ERR_OK);
    struct instance *b = start("b");
    until(b, PRESENCE_CLEAR);
    end(b);
    assert_int_equal(bus_client_publish_wait(presence_client(a->presence), STATUS, TEXT(""),
                                             (struct bus_publish){.retained = true}, WATCH_WAIT),
                     ERR_OK);
    end(a);
}

static void a_refused_status_topic_leaves_it_unknown(void **state)
{
    static const char *const security =
        "{\"defaultACLAccess\":{\"publishClientSend\":true,\"publishClientReceive\":true,"
        "\"subscribe\":false,\"unsubscribe\":true},\"clients\":[],"
        "\"groups\":[{\"groupname\":\"all\",\"roles\":[{\"rolename\":\"some\"}],\"clients\":[]}],"
        "\"anonymousGroup\":\"all\",\"roles\":[{\"rolename\":\"some\",\"acls\":["
        "{\"acltype\":\"subscribePattern\",\"topic\":\"" PROBE "/#\",\"allow\":true}]}]}";
    char path[256];
    (void)state;
    struct harness *strict = harness_new(HARNESS_MOSQUITTO);
    assert_true(harness_write_file(strict, "security.json", security, path, sizeof path));
    harness_config(strict,
                   "plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so\n"
                   "plugin_opt_config_file %s\n",
                   path);
    assert_true(harness_start(strict));
    struct instance *a = start_at(harness_url(strict), "a");
    int64_t end_ms = harness_now_ms() + 3000;
    while (harness_now_ms() < end_ms) {
        presence_turn(a->presence);
        assert_int_equal(presence_state(a->presence), PRESENCE_UNKNOWN);
    }
    assert_int_equal(a->losses, 1);
    assert_non_null(strstr(a->why, STATUS));
    end(a);
    harness_close(strict);
}

/* As the will of a connection does that broke long before the broker noticed. */
static void whoever_overwrites_the_status_is_told(void **state)
{
    static const char *const payloads[] = {"offline a", "offline somebody", "nonsense", ""};
    (void)state;
    struct instance *a = start("a"), *b;
    until(a, PRESENCE_CLEAR);
    for (int i = 0; i < 4; i++) {
        say(a, "online"); /* our own does not come back */
        b = start("b");
        until(b, PRESENCE_OTHER);
        assert_int_equal(a->changes, i + 1);
        assert_int_equal(
            bus_client_publish_wait(presence_client(b->presence), STATUS, text_of(payloads[i]),
                                    (struct bus_publish){.qos = 1, .retained = true}, WATCH_WAIT),
            ERR_OK);
        int64_t end_ms = harness_now_ms() + WATCH_WAIT;
        while (a->changes == i + 1 && harness_now_ms() < end_ms)
            presence_turn(a->presence);
        assert_int_equal(a->changes, i + 2);
        assert_int_equal(a->told, PRESENCE_CLEAR);
        end(b);
    }
    end(a);
}

/* After so long paho's receive thread waits again. Nothing can be seen of it from outside; were it
 * too short, the test below would see an easier case. */
#define PAHO_RESTS_MS 200

/* Some 20 ms and not 2 s, of which the first second alone would fail this. */
static void a_second_handle_connects_at_once_while_the_first_is_stirred(void **state)
{
    (void)state;
    struct instance *a = start("a");
    until(a, PRESENCE_CLEAR);
    presence_turn(a->presence);
    nanosleep(&(struct timespec){.tv_nsec = PAHO_RESTS_MS * 1000000}, NULL);
    const struct bus_options options = {.url = harness_url(broker), .client_id = "intake"};
    struct bus_client *second;
    assert_int_equal(bus_client_open(&options, &second, NULL), ERR_OK);
    int64_t began_ms = harness_now_ms();
    while (bus_client_state(second) != BUS_UP && harness_now_ms() - began_ms < WATCH_WAIT) {
        bus_client_turn(second);
        presence_stir(a->presence);
        nanosleep(&(struct timespec){.tv_nsec = PRESENCE_STIR_MS * 1000000}, NULL);
    }
    assert_int_equal(bus_client_state(second), BUS_UP);
    assert_true(harness_now_ms() - began_ms < 900);
    assert_int_equal(presence_state(a->presence), PRESENCE_CLEAR);
    assert_int_equal(a->changes, 1);
    bus_client_close(second, 1000);
    end(a);
}

static void the_other_s_name_can_be_asked_for(void **state)
{
    char other[32];
    (void)state;
    struct instance *a = start("a"), *b;
    until(a, PRESENCE_CLEAR);
    assert_int_equal(presence_look(a->presence, other, sizeof other), PRESENCE_CLEAR);
    assert_string_equal(other, "");
    say(a, "online");
    b = start("b");
    until(b, PRESENCE_OTHER);
    assert_int_equal(presence_look(b->presence, other, sizeof other), PRESENCE_OTHER);
    assert_string_equal(other, "a");
    say(a, "offline");
    until(b, PRESENCE_CLEAR);
    assert_int_equal(presence_look(b->presence, other, sizeof other), PRESENCE_CLEAR);
    assert_string_equal(other, "");
    end(b);
    end(a);
}

static void options_that_cannot_work_are_refused(void **state)
{
    const struct presence_options good = {.bus = {.url = "mqtt://127.0.0.1", .client_id = "report"},
                                          .status_topic = STATUS,
                                          .probe_topic = PROBE,
                                          .instance = "a",
                                          .will_payload = "offline",
                                          .read_status = read_status};
    struct presence_options bad[5] = {good, good, good, good, good};
    struct presence *presence;
    (void)state;
    bad[0].instance = "a/b";
    bad[1].instance = "";
    bad[2].status_topic = NULL;
    bad[3].probe_topic = "#";
    bad[4].bus.url = "http://127.0.0.1";
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err_reason why = {""};
        assert_int_equal(presence_open(&bad[i], &presence, &why), ERR_INVALID);
        assert_true(why.text[0]);
    }
    assert_int_equal(presence_open(&good, &presence, NULL), ERR_OK);
    presence_close(presence, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_status_the_name_is_clear),
        cmocka_unit_test(another_instance_is_seen_and_its_end_too),
        cmocka_unit_test(an_instance_that_breaks_off_is_gone_by_its_will),
        cmocka_unit_test(a_stale_status_of_our_own_is_clear),
        cmocka_unit_test(two_that_start_at_once_see_each_other),
        cmocka_unit_test(what_is_no_status_says_nothing),
        cmocka_unit_test(a_refused_status_topic_leaves_it_unknown),
        cmocka_unit_test(a_second_handle_connects_at_once_while_the_first_is_stirred),
        cmocka_unit_test(whoever_overwrites_the_status_is_told),
        cmocka_unit_test(the_other_s_name_can_be_asked_for),
        cmocka_unit_test(options_that_cannot_work_are_refused),
    };
    return cmocka_run_group_tests(tests, start_broker, stop_broker);
}
