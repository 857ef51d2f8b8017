/* journal and rejects: what is kept becomes points again, the same ones, or better ones by a
 * corrected mapping. */
#include "house.h"

static struct house house;

#define MAPPING(decoder, measurement)                                                              \
    "  sources:\n    - { decoder: " decoder ", name: walls, filter: \"sensor/+room/+metric\", "    \
    "measurement: " measurement " }\n"

static int open_all(void **state)
{
    (void)state;
    house = house_open(MAPPING("homeassistant_eventstream",
                               "light") "    - { decoder: reading, filter: \"roof/wind\" }\n");
    house_start_writer(&house);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    house_close(&house);
    return 0;
}

static void send_absolute(const char *topic, const char *payload)
{
    house_expect(HOUSE_RUN("send", "--absolute", topic, payload), 0);
}

/* The lines of a dry run, without those of the readiness check. */
static char *dry_run(const char *source)
{
    const struct house_run *run =
        house_expect(HOUSE_RUN("journal", "replay", "--from", "-1h", "--to", "now", "--source",
                               source, "--dry-run"),
                     0);
    char *lines = strdup(run->out);
    assert_non_null(lines);
    return lines;
}

static void info_tells_what_the_journal_holds(void **state)
{
    (void)state;
    house_expect(HOUSE_RUN("send", "readings/kitchen", "{\"temperature\": 21.5}"), 0);
    house_flush();
    const struct house_run *run = house_expect(HOUSE_RUN("journal", "info"), 0);
    static const char *const rows[] = {
        "journal ",   "\nid  ",     "\nbytes  ",           "\nsegments  ", "\nrecords ",
        "\noldest  ", "\nnewest  ", "\ncursor    record ", "\nlag  ",      "\ndamaged   0 records"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        house_says(run->out, rows[i]);
    house_says(run->out, house.journal);
    house_says(run->out, " ago)");
}

static void info_without_a_journal_fails(void **state)
{
    (void)state;
    char path[HOUSE_PATH];
    assert_true(harness_write_file(house.broker, "other.yaml",
                                   "writer:\n  journal: { path: nowhere }\n", path, sizeof path));
    const struct house_run *run = house_expect(HOUSE_RUN("journal", "info", "--config", path), 1);
    house_says(run->err, "nowhere");
}

static void a_replay_brings_back_the_same_points(void **state)
{
    (void)state;
    static const char all[] = "SELECT * FROM device_metrics";
    char *before = strdup(house_query(&house, all));
    assert_non_null(before);
    house_says(before, "21.5");
    char *lines = dry_run("reading");
    house_says(lines, "device_metrics,device_id=kitchen temperature=21.5 ");
    house_says_not(lines, "ingest_rollup");
    free(lines);
    house_query(&house, "DROP MEASUREMENT device_metrics");
    const struct house_run *run =
        house_expect(HOUSE_RUN("journal", "replay", "--from", "-1h", "--to", "now"), 0);
    house_says(run->out, "are stored; 0 ignored by rule");
    assert_string_equal(house_query(&house, all), before);
    house_expect(HOUSE_RUN("journal", "replay", "--from", "-1h", "--to", "now"), 0);
    assert_string_equal(house_query(&house, all), before);
    free(before);
}

static void a_replay_keeps_to_its_span(void **state)
{
    (void)state;
    house_query(&house, "DROP MEASUREMENT device_metrics");
    const struct house_run *run =
        house_expect(HOUSE_RUN("journal", "replay", "--from", "-2h", "--to", "-1h"), 0);
    house_says(run->out, "0 messages became 0 lines, of which 0 are stored");
    run = house_expect(HOUSE_RUN("journal", "replay", "--from", "-1h"), 2);
    house_says(run->err, "--to is missing");
    run = house_expect(
        HOUSE_RUN("journal", "replay", "--from", "-1h", "--to", "now", "--source", "wals"), 1);
    house_says(run->err, "walls");
}

static void rejects_are_listed(void **state)
{
    (void)state;
    send_absolute("sensor/hall/lux", "250");
    house_expect(HOUSE_RUN("send", "readings/kitchen", "{\"temperature\": "), 0);
    house_flush();
    const struct house_run *run = house_expect(HOUSE_RUN("rejects", "list"), 0);
    house_says(run->out, "wrong_shape   sensor/hall/lux  ");
    house_says(run->out, "not_json      hearthline/readings/kitchen  ");
    run = house_expect(HOUSE_RUN("rejects", "list", "--reason", "not_json", "--json"), 0);
    house_says(run->out, "\"reason\":\"not_json\"");
    house_says(run->out, "\"payload\":\"{\\\"temperature\\\": \"");
    house_says_not(run->out, "wrong_shape");
    run = house_expect(HOUSE_RUN("rejects", "list", "--since", "now"), 0);
    assert_string_equal(run->out, "nothing was rejected\n");
    run = house_expect(HOUSE_RUN("rejects", "list", "--reason", "no_jason"), 1);
    house_says(run->err, "not_json, ");
}

static void rejects_become_points_by_a_corrected_mapping(void **state)
{
    (void)state;
    const struct house_run *run = house_expect(HOUSE_RUN("rejects", "replay"), 0);
    house_says(run->out, "\n2 still rejected\n");
    house_configure(&house, MAPPING("value", "light"));
    run = house_expect(HOUSE_RUN("rejects", "replay", "--dry-run"), 0);
    house_says(run->out, "light,metric=lux,room=hall value=250 ");
    house_says(run->err, "1 still rejected");
    char *line = strdup(run->out);
    assert_non_null(line);
    run = house_expect(HOUSE_RUN("rejects", "replay", "--reason", "wrong_shape"), 0);
    house_says(run->out, "1 messages became 1 lines, of which 1 are stored");
    house_says(run->out, "\n0 still rejected\n");
    /* The point has the message's time of arrival, which the journal knows too. */
    char *from_journal = dry_run("walls");
    assert_string_equal(line, from_journal);
    char *time = strrchr(line, ' ') + 1;
    time[strcspn(time, "\n")] = '\0';
    house_says(house_query(&house, "SELECT value FROM light"), time);
    free(from_journal);
    free(line);
}

/* Publishes over MQTT 5 with this Content Type. */
static void publish_typed(const char *topic, const char *content_type, const char *payload)
{
    const char *url = harness_url(house.broker);
    char *const arguments[] = {(char *)"mosquitto_pub",
                               (char *)"-V",
                               (char *)"5",
                               (char *)"-p",
                               (char *)(uintptr_t)(strrchr(url, ':') + 1),
                               (char *)"-q",
                               (char *)"1",
                               (char *)"-t",
                               (char *)(uintptr_t)topic,
                               (char *)"-D",
                               (char *)"PUBLISH",
                               (char *)"content-type",
                               (char *)(uintptr_t)content_type,
                               (char *)"-m",
                               (char *)(uintptr_t)payload,
                               NULL};
    int status, null = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t pid = house_spawn("/usr/bin/mosquitto_pub", arguments, null, null, STDERR_FILENO);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(null);
}

/* The writer has the mapping with which they are rejected, the command the corrected one. */
static void a_reject_is_read_again_as_it_was_sent(void **state)
{
    (void)state;
    house_configure(&house, MAPPING("value", "light"));
    publish_typed("sensor/hall/size", "application/msgpack", "7"); /* msgpack's 55 */
    house_expect(HOUSE_RUN("send", "--absolute", "roof/wind",
                           "[{\"device\": \"wind\", \"v\": 1}, {\"v\": 2}, {\"v\": 2}, "
                           "{\"device\": \"wind\", \"v\": 3}]"),
                 0);
    house_flush();
    house_configure(
        &house,
        MAPPING("value", "size") "    - { decoder: reading, filter: \"roof/+device_id\" }\n");
    house_expect(HOUSE_RUN("rejects", "replay", "--reason", "wrong_shape"), 0);
    house_says(house_query(&house, "SELECT value FROM size WHERE metric = 'size'"), ",55]");
    const char *found = house_query(&house, "SELECT v FROM device_metrics");
    long long first = 0, time;
    double v;
    const char *at = strstr(found, "\"values\":[");
    assert_non_null(at);
    at += strlen("\"values\":");
    static const double values[] = {1, 2, 2, 3}; /* in their places, a nanosecond apart */
    for (int i = 0; i < 4; i++) {
        if (!at || sscanf(at, "%*[[,]%lld,%lf]", &time, &v) != 2)
            fail_msg("%s", found);
        first = i ? first : time;
        assert_int_equal(time, first + i);
        assert_true(v == values[i]);
        at = strchr(at, ']') + 1;
    }
}

static void what_influxdb_refuses_is_said_again(void **state)
{
    (void)state;
    house_keep_a_day(&house);
    house_expect(HOUSE_RUN("send", "line", "old v=1\nold v=2 1400000000000000000\nold w=3"), 0);
    house_flush();
    const struct house_run *run =
        house_expect(HOUSE_RUN("rejects", "list", "--reason", "server"), 0);
    house_says(run->out, "points beyond retention policy");
    run = house_expect(HOUSE_RUN("rejects", "replay", "--reason", "server"), 0);
    house_says(run->out, "1 messages became 3 lines, of which 2 are stored");
    house_says(run->out, "rejected (server 1)");
    house_says(run->out, "\n1 still rejected\n");
    house_says(run->err, "InfluxDB refuses old v=2 1400000000000000000");
    house_says(house_query(&house, "SELECT count(*) FROM old"), "1,1");
}

static void without_influxdb_a_replay_says_so(void **state)
{
    (void)state;
    harness_stop(house.influx, SIGTERM);
    const struct house_run *run =
        house_expect(HOUSE_RUN("journal", "replay", "--from", "-1h", "--to", "now"), 1);
    house_says(run->err, harness_url(house.influx));
    house_expect(HOUSE_RUN("journal", "replay", "--from", "-1h", "--to", "now", "--dry-run"), 0);
    assert_true(harness_start(house.influx));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_tells_what_the_journal_holds),
        cmocka_unit_test(info_without_a_journal_fails),
        cmocka_unit_test(a_replay_brings_back_the_same_points),
        cmocka_unit_test(a_replay_keeps_to_its_span),
        cmocka_unit_test(rejects_are_listed),
        cmocka_unit_test(rejects_become_points_by_a_corrected_mapping),
        cmocka_unit_test(a_reject_is_read_again_as_it_was_sent),
        cmocka_unit_test(what_influxdb_refuses_is_said_again),
        cmocka_unit_test(without_influxdb_a_replay_says_so),
    };
    return cmocka_run_group_tests_name("journal, rejects", tests, open_all, close_all);
}
