/* tail follows the running writer and says what became of each message. */
#include "house.h"

static struct house house;

/* A tail that runs meanwhile. */
struct follower {
    pid_t pid;
    int out, err;
    char text[HOUSE_OUTPUT];
};

static int open_all(void **state)
{
    (void)state;
    house = house_open("  sources:\n    - { decoder: value, name: walls, filter: "
                       "\"sensor/+room/+metric\" }\n"
                       "    - { decoder: homeassistant_statestream, name: ha, filter: \"ha/#\" }\n"
                       "    - { decoder: value, name: flaps, filter: \"flap/+room/+metric\", "
                       "min_interval: 1h, repeat: on_change }\n");
    house_start_writer(&house);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    house_close(&house);
    return 0;
}

static bool follows(void *context)
{
    struct follower *f = context;
    ssize_t len = pread(f->err, f->text, sizeof f->text - 1, 0);
    f->text[len > 0 ? len : 0] = '\0';
    return strstr(f->text, "following ") != NULL;
}

static struct follower *follow(const char *filter, const char *count)
{
    static struct follower f;
    char path[HOUSE_PATH];
    char *argv[] = {(char *)"hearthline", (char *)"tail",           (char *)(uintptr_t)filter,
                    (char *)"--count",    (char *)(uintptr_t)count, NULL};
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    f = (struct follower){.out = house_temporary(), .err = house_temporary()};
    f.pid = house_spawn(house_program("hearthline", path), argv, nothing, f.out, f.err);
    close(nothing);
    assert_true(harness_until(follows, &f, 10000));
    return &f;
}

static const char *ends(struct follower *f, int signal)
{
    int status = 0;
    if (signal)
        kill(f->pid, signal);
    assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
    house_take_output(f->out, f->text);
    close(f->err);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return f->text;
}

/* The writer saves its state a moment after. */
static bool unchanged(void *context)
{
    const struct house_run *run =
        HOUSE_RUN("explain", "--topic", "flap/attic/lux", "--payload", "7");
    (void)context;
    return run->status == 0 && strstr(run->out, "ignored   unchanged") != NULL;
}

static void each_message_is_shown_with_what_became_of_it(void **state)
{
    (void)state;
    struct follower *f = follow("#", "4");
    house_expect(HOUSE_RUN("send", "readings/kitchen", "{\"temperature\": 21.5}"), 0);
    house_expect(HOUSE_RUN("send", "--absolute", "sensor/hall/lux", "{}"), 0);
    house_keep_a_day(&house);
    house_expect(HOUSE_RUN("send", "line", "refused v=1\nrefused v=2 1400000000000000000"), 0);
    house_expect(HOUSE_RUN("send", "reading/kitchen", "1"), 0);
    const char *text = ends(f, 0);
    house_says(text, "  hearthline/readings/kitchen  (reading)  stored\n"
                     "    line      device_metrics,device_id=kitchen temperature=21.5 ");
    house_says(text, "  sensor/hall/lux  (walls)  rejected\n    rejected  wrong_shape: ");
    house_says(text, "  hearthline/line  (line)  refused by InfluxDB\n    line      refused v=1 ");
    house_says(text, "  hearthline/reading/kitchen  (no source)  rejected\n"
                     "    rejected  unknown_topic: ");
}

static void a_filter_leaves_out_the_others(void **state)
{
    (void)state;
    struct follower *f = follow("sensor/#", "1");
    house_expect(HOUSE_RUN("send", "readings/kitchen", "{\"temperature\": 22}"), 0);
    house_expect(HOUSE_RUN("send", "--absolute", "sensor/hall/lux", "251"), 0);
    const char *text = ends(f, 0);
    house_says(text, "device_metrics,metric=lux,room=hall value=251 ");
    house_says_not(text, "kitchen");
    const struct house_run *run = house_expect(HOUSE_RUN("tail", "a/#/b"), 1);
    house_says(run->err, "#");
}

/* Also where its line comes with a later message. */
static void what_a_rule_keeps_is_shown_with_its_own_message(void **state)
{
    (void)state;
    struct follower *f = follow("#", "5");
    house_expect(
        HOUSE_RUN("send", "--absolute", "ha/sensor/a/last_updated", "2026-01-02T03:04:05+00:00"),
        0);
    house_expect(HOUSE_RUN("send", "--absolute", "ha/sensor/a/state", "21"), 0);
    house_expect(HOUSE_RUN("send", "--absolute", "ha/sensor/a/state", "22"), 0);
    house_expect(HOUSE_RUN("send", "--absolute", "flap/hall/lux", "1"), 0);
    house_expect(HOUSE_RUN("send", "--absolute", "flap/hall/lux", "2"), 0);
    const char *text = ends(f, 0);
    house_says(text, "  ha/sensor/a/last_updated  (ha)  noted\n    fact      sensor.a ");
    house_says(text,
               "  ha/sensor/a/state  (ha)  stored\n    line      home_assistant_events,domain="
               "sensor,entity_id=sensor.a,event_type=state_changed value=21 ");
    house_says(text, "  flap/hall/lux  (flaps)  waiting\n    waits     ");
}

/* What the writer stored last is known to who asks later. */
static void what_rules_remember_is_known(void **state)
{
    (void)state;
    house_expect(HOUSE_RUN("send", "--absolute", "flap/attic/lux", "7"), 0);
    assert_true(harness_until(unchanged, NULL, 10000));
}

static void from_the_start_it_shows_what_is_kept(void **state)
{
    (void)state;
    house_flush();
    const struct house_run *run = house_expect(
        HOUSE_RUN("tail", "--from-start", "--count", "2", "hearthline/readings/kitchen"), 0);
    house_says(run->out, "  hearthline/readings/kitchen  (reading)  stored\n");
    house_says(run->out, "temperature=21.5");
    house_says(run->out, "temperature=22");
}

static void without_influxdb_messages_are_pending_and_a_signal_ends_it(void **state)
{
    (void)state;
    harness_stop(house.influx, SIGTERM);
    struct follower *f = follow("hearthline/#", "1");
    house_expect(HOUSE_RUN("send", "readings/attic", "{\"away\": 1}"), 0);
    house_says(ends(f, 0), "  hearthline/readings/attic  (reading)  pending\n");
    f = follow("hearthline/#", "100");
    house_says(ends(f, SIGINT), "");
    assert_true(harness_start(house.influx));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_is_shown_with_what_became_of_it),
        cmocka_unit_test(a_filter_leaves_out_the_others),
        cmocka_unit_test(what_a_rule_keeps_is_shown_with_its_own_message),
        cmocka_unit_test(what_rules_remember_is_known),
        cmocka_unit_test(from_the_start_it_shows_what_is_kept),
        cmocka_unit_test(without_influxdb_messages_are_pending_and_a_signal_ends_it),
    };
    return cmocka_run_group_tests_name("tail", tests, open_all, close_all);
}
