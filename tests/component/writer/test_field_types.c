/* Types of fields between the delivery and InfluxDB 1.6: read when it is found, kept over restarts,
 * forgotten with a dropped measurement, learned from a refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness.h"
#include "writer/delivery.h"
#include "writer/shape/types.h"

#define ANSWER_MS 20000

struct world {
    struct harness *influxd;
    char folder[64];
    struct settings settings;
    struct sources *sources;
    struct journal *journal;
    struct http *http;
    struct metrics *metrics;
    struct delivery *delivery;
    struct buf refused;
};

static int64_t now_ns;          /* stands still, so that no rollup window ends by chance */
static struct harness *influxd; /* one for all tests, each with a database of its own */

static void take_refused(void *context, const struct fold_reject *reject, struct text line)
{
    struct world *w = context;
    buf_printf(&w->refused, "%s %.*s", reject_id(reject->reason), TEXT_ARGS(line));
}

static int64_t real_ns(void *context)
{
    (void)context;
    return now_ns;
}

static void open_delivery(struct world *w)
{
    struct err_reason why = {""};
    struct clock clock = clock_system();
    clock.real_ns = real_ns;
    struct journal_options journal = {.path = w->folder, .max_bytes = 16 << 20, .clock = clock};
    struct http_options http = {
        .connect_timeout_ms = 2000, .reply_max_bytes = 1 << 20, .connections = 4};
    assert_int_equal(journal_open(&journal, &w->journal, &why), ERR_OK);
    assert_int_equal(http_open(&http, &w->http, &why), ERR_OK);
    assert_int_equal(sources_open(&w->settings, &w->sources, &why), ERR_OK);
    w->metrics = metrics_new();
    struct delivery_options options = {.settings = &w->settings,
                                       .sources = w->sources,
                                       .journal = w->journal,
                                       .http = w->http,
                                       .metrics = w->metrics,
                                       .clock = clock,
                                       .context = w,
                                       .rejected = take_refused};
    if (delivery_open(&options, &w->delivery, &why) != ERR_OK)
        fail_msg("%s", why.text);
    /* Every start begins with a record, which is read when InfluxDB has said what it has. */
    struct journal_record record = {.type = JOURNAL_GENERATION};
    assert_int_equal(journal_append(w->journal, &record), JOURNAL_APPENDED);
}

static void close_delivery(struct world *w)
{
    http_cancel_all(w->http);
    delivery_close(w->delivery);
    http_close(w->http);
    metrics_free(w->metrics);
    journal_close(w->journal);
    sources_close(w->sources);
}

static void statement(struct world *w, const char *verb, const char *what)
{
    char body[512], reply[4096];
    snprintf(body, sizeof body, "db=%s&q=%s %s", w->settings.influxdb.database, verb, what);
    assert_int_equal(harness_request(influxd, "/query", body, NULL, reply, sizeof reply), 200);
    assert_null(strstr(reply, "error"));
}

/* As another writer does it. */
static void write_lines(struct world *w, const char *lines)
{
    char path[128];
    snprintf(path, sizeof path, "/write?db=%s", w->settings.influxdb.database);
    assert_int_equal(harness_request(influxd, path, lines, NULL, NULL, 0), 204);
}

static int open_world(void **state)
{
    static unsigned number;
    static char database[16];
    struct world *w = calloc(1, sizeof *w);
    snprintf(database, sizeof database, "house%u", number++);
    snprintf(w->folder, sizeof w->folder, "/tmp/hearthline-test-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    w->settings =
        (struct settings){.topic_root = (char *)"hearthline",
                          .influxdb = {.url = (char *)(uintptr_t)harness_url(influxd),
                                       .database = database,
                                       .enabled = true,
                                       .timeout_ms = 5000},
                          .writer = {.batch_lines = 100, .batch_bytes = 1 << 20, .linger_ms = 20}};
    statement(w, "CREATE DATABASE", database);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    struct world *w = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", w->folder);
    buf_free(&w->refused);
    free(w);
    return system(command);
}

static void say(struct world *w, const char *line)
{
    bool repeated = false;
    struct journal_record record = {.type = JOURNAL_MESSAGE,
                                    .qos = 1,
                                    .topic = TEXT("hearthline/line"),
                                    .payload = text_of(line)};
    assert_int_not_equal(journal_append_message(w->journal, &record, &repeated), JOURNAL_NO_ROOM);
}

static struct delivery_figures figures(const struct world *w)
{
    struct delivery_figures f;
    delivery_figures(w->delivery, &f);
    return f;
}

static uint64_t next_number(const struct world *w)
{
    struct journal_figures f;
    journal_figures(w->journal, &f);
    return f.next_number;
}

static void deliver_all(struct world *w)
{
    int64_t end = harness_now_ms() + ANSWER_MS;
    do {
        assert_true(harness_now_ms() < end);
        uint32_t wait_ms = delivery_turn(w->delivery);
        http_wait(w->http, NULL, 0, wait_ms < 20 ? wait_ms : 20);
    } while (!figures(w).store.up || figures(w).cursor_number < next_number(w) ||
             !delivery_idle(w->delivery));
    struct ledger l = figures(w).ledger;
    assert_int_equal(l.difference, 0);
    assert_int_equal(l.points_difference, 0);
}

/* The one value of a field that holds, as JSON. */
static void assert_value(struct world *w, const char *select, const char *due)
{
    char body[512], reply[4096];
    snprintf(body, sizeof body, "db=%s&epoch=ns&q=SELECT %s", w->settings.influxdb.database,
             select);
    assert_int_equal(harness_request(influxd, "/query", body, NULL, reply, sizeof reply), 200);
    if (!strstr(reply, due))
        fail_msg("%s gave %s, due was %s", select, reply, due);
}

static void types_are_read_before_the_first_record(void **state)
{
    struct world *w = *state;
    write_lines(w, "m t=\"warm\",n=5i,b=true,f=1 1\n");
    open_delivery(w);
    deliver_all(w);
    assert_int_equal(next_number(w), 3); /* one record more says it all */
    assert_int_equal(figures(w).field_types, 4);
    say(w, "m t=21.5,n=7,b=1,f=\"2.5\" 2");
    deliver_all(w);
    assert_value(w, "t FROM m WHERE time=2", "\"21.5\"");
    assert_value(w, "n FROM m WHERE time=2", ",7]");
    assert_value(w, "b_str FROM m WHERE time=2", "\"1\"");
    assert_value(w, "f FROM m WHERE time=2", ",2.5]");
    assert_int_equal(w->refused.len, 0);
    close_delivery(w);
}

static void a_restart_says_nothing_new(void **state)
{
    struct world *w = *state;
    write_lines(w, "m t=\"warm\" 1\n");
    open_delivery(w);
    say(w, "m u=1 2");
    deliver_all(w);
    uint64_t next = next_number(w);
    for (int i = 0; i < 3; i++) {
        close_delivery(w);
        open_delivery(w);
        deliver_all(w);
        assert_int_equal(next_number(w), ++next);
        assert_int_equal(figures(w).field_types, 2);
    }
    say(w, "m t=5,u=\"x\" 3");
    deliver_all(w);
    assert_value(w, "t FROM m WHERE time=3", "\"5\"");
    assert_value(w, "u_str FROM m WHERE time=3", "\"x\"");
    close_delivery(w);
}

static void a_dropped_measurement_is_forgotten_at_the_next_start(void **state)
{
    struct world *w = *state;
    open_delivery(w);
    say(w, "m t=\"unavailable\" 1\nn u=1 1");
    deliver_all(w);
    close_delivery(w);
    statement(w, "DROP MEASUREMENT", "m");
    open_delivery(w);
    deliver_all(w);
    assert_int_equal(figures(w).field_types, 1);
    say(w, "m t=21.5 4");
    deliver_all(w);
    assert_value(w, "t FROM m WHERE time=4", ",21.5]");
    assert_int_equal(w->refused.len, 0);
    close_delivery(w);
}

static void a_field_that_another_makes_meanwhile_costs_one_point(void **state)
{
    struct world *w = *state;
    char line[64];
    open_delivery(w);
    deliver_all(w);
    snprintf(line, sizeof line, "m t=\"warm\" %lld\n", (long long)now_ns);
    write_lines(w, line);
    say(w, "m t=1,u=1");
    deliver_all(w);
    assert_non_null(strstr(buf_cstr(&w->refused), "server m t=1,u=1 "));
    buf_reset(&w->refused);
    deliver_all(w); /* the record of it */
    say(w, "m t=2,u=2");
    deliver_all(w);
    assert_int_equal(w->refused.len, 0);
    assert_value(w, "t FROM m WHERE u=2", "\"2\"");
    close_delivery(w);
}

/* In one shard a number, in the next a text: InfluxDB holds both, and has to be asked again. */
static void of_two_types_the_one_of_the_present_shard_is_learned(void **state)
{
    struct world *w = *state;
    char line[64];
    write_lines(w, "m t=1 1000000000000000000\n");
    snprintf(line, sizeof line, "m t=\"warm\" %lld\n", (long long)now_ns);
    write_lines(w, line);
    open_delivery(w);
    deliver_all(w);
    say(w, "m t=1");
    deliver_all(w);
    assert_non_null(strstr(buf_cstr(&w->refused), "server m t=1 "));
    buf_reset(&w->refused);
    say(w, "m t=2");
    deliver_all(w);
    close_delivery(w);
    open_delivery(w); /* and stays so: it is one of the two */
    deliver_all(w);
    say(w, "m t=3");
    deliver_all(w);
    assert_int_equal(w->refused.len, 0);
    assert_value(w, "LAST(t::string) FROM m", "\"3\"");
    close_delivery(w);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(types_are_read_before_the_first_record),
        TEST(a_restart_says_nothing_new),
        TEST(a_dropped_measurement_is_forgotten_at_the_next_start),
        TEST(a_field_that_another_makes_meanwhile_costs_one_point),
        TEST(of_two_types_the_one_of_the_present_shard_is_learned),
    };
    struct clock clock = clock_system();
    now_ns = clock_real_ns(&clock);
    influxd = harness_influxd(NULL);
    if (!influxd)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    harness_close(influxd);
    return failed;
}
