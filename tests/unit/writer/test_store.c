/* store against a scripted server, through a day of troubles: influx_write is replaced at link
 * time, and the log is the real one, in a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "influx/setup.h"
#include "writer/store.h"

#define SECOND (1000 * CLOCK_NS_PER_MS)
#define HOUR   (3600 * SECOND)
#define TURN   (10 * CLOCK_NS_PER_MS)

/* --- the server --------------------------------------------------------------- */

struct influx_write {
    struct influx_result ping, setup, post;
    unsigned probes, setups, posts;
};

static const struct influx_result stored = {
    .outcome = OUTCOME_STORED, .status = 204, .words = "exists", .retry_after_ms = -1};
static const struct influx_result away = {
    .outcome = OUTCOME_RETRY, .words = "connection refused", .retry_after_ms = -1};
static const struct influx_result busy = {
    .outcome = OUTCOME_RETRY, .status = 503, .words = "busy", .retry_after_ms = -1};
static const struct influx_result no_leave = {
    .outcome = OUTCOME_FAULT, .status = 401, .words = "unauthorized", .retry_after_ms = -1};
static const struct influx_result gone = {.outcome = OUTCOME_FAULT,
                                          .status = 404,
                                          .words = "database not found: \"house\"",
                                          .retry_after_ms = -1};

static struct influx_write fake;

enum err influx_write_open(struct http *http, const struct settings *settings,
                           struct influx_write **ret_write, struct err_reason *why)
{
    (void)http, (void)settings, (void)why;
    *ret_write = &fake;
    return ERR_OK;
}

void influx_write_close(struct influx_write *w)
{
    (void)w;
}

struct server *influx_write_server(struct influx_write *w)
{
    (void)w;
    return NULL;
}

const char *influx_write_version(const struct influx_write *w)
{
    (void)w;
    return "1.8.10";
}

enum err influx_write_probe(struct influx_write *w, void *context,
                            void (*done)(void *context, const struct influx_result *result))
{
    w->probes++;
    done(context, &w->ping);
    return ERR_OK;
}

enum err influx_setup_start(struct influx_write *w, void *context,
                            void (*done)(void *context, const struct influx_result *result))
{
    w->setups++;
    done(context, &w->setup);
    return ERR_OK;
}

/* --- the world ---------------------------------------------------------------- */

struct world {
    struct settings settings;
    struct metrics *metrics;
    struct store *store;
    struct log *log;
    FILE *file;
    int64_t longest_wait_ns; /* between two requests */
    int64_t asked_ns;        /* the last request */
};

static int64_t now_ns;

static int64_t read_clock(void *context)
{
    (void)context;
    return now_ns;
}

static int open_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct clock clock = {read_clock, read_clock, NULL};
    now_ns = 1792000000 * SECOND;
    fake = (struct influx_write){.ping = stored, .setup = stored, .post = stored};
    w->settings.influxdb.database = (char *)"house";
    w->metrics = metrics_new();
    w->file = tmpfile();
    w->log = log_open(fileno(w->file), LOG_INFO, clock);
    struct store_options options = {
        .settings = &w->settings, .log = w->log, .metrics = w->metrics, .clock = clock};
    *state = w;
    return store_open(&options, &w->store, NULL) != ERR_OK;
}

static int close_world(void **state)
{
    struct world *w = *state;
    store_close(w->store);
    log_close(w->log);
    metrics_free(w->metrics);
    fclose(w->file);
    free(w);
    return 0;
}

/* One look at what there is to do, as the loop takes it: a write goes out whenever it may. */
static void turn(struct world *w)
{
    unsigned before = fake.probes + fake.posts;
    if (store_turn(w->store)) {
        fake.posts++;
        store_posted(w->store);
        store_answered(w->store, &fake.post);
    }
    assert_true(store_wait_ms(w->store) <= 1000);
    if (fake.probes + fake.posts == before)
        return;
    if (w->asked_ns != 0 && now_ns - w->asked_ns > w->longest_wait_ns)
        w->longest_wait_ns = now_ns - w->asked_ns;
    w->asked_ns = now_ns;
}

static void live(struct world *w, int64_t ns)
{
    for (int64_t end_ns = now_ns + ns; now_ns < end_ns; now_ns += TURN)
        turn(w);
}

/* The log so far: how many lines hold both words. */
static unsigned lines_with(struct world *w, const char *event, const char *word)
{
    char line[4096];
    unsigned count = 0;
    rewind(w->file);
    while (fgets(line, sizeof line, w->file))
        count += strstr(line, event) && strstr(line, word);
    fseek(w->file, 0, SEEK_END);
    return count;
}

static unsigned lines(struct world *w)
{
    return lines_with(w, "", "");
}

/* --- tests -------------------------------------------------------------------- */

/* Of the 7.2 million messages of that hour nothing is said but that they cannot go out. */
static void an_hour_without_influxdb_is_under_100_lines(void **state)
{
    struct world *w = *state;
    live(w, 60 * SECOND);
    assert_int_equal(lines(w), 1);
    assert_int_equal(lines_with(w, "event=influxdb_ready", "version=1.8.10"), 1);
    fake.ping = fake.post = away;
    live(w, HOUR);
    assert_true(w->longest_wait_ns <= STORE_RETRY_CAP_MS * CLOCK_NS_PER_MS + TURN);
    assert_true(lines(w) < 100);
    assert_true(lines_with(w, "influxdb_away", "connection refused") >= 2);
    assert_true(lines_with(w, "influxdb_away", "repeated=") >= 1);
    assert_int_equal(lines_with(w, "influxdb_recovered", ""), 0);

    struct store_figures figures;
    store_figures(w->store, &figures);
    assert_false(figures.up);
    assert_string_equal(figures.trouble, "connection refused");
    assert_true(figures.errors >= 360);

    fake.ping = fake.post = stored;
    live(w, 20 * SECOND);
    assert_true(lines(w) < 100);
    assert_int_equal(lines_with(w, "influxdb_recovered", "after_s=36"), 1);
    store_figures(w->store, &figures);
    assert_true(figures.up);
    assert_string_equal(figures.trouble, "");
    assert_int_equal(figures.trouble_since_ns, 0);
}

static void a_server_that_is_away_at_the_start_is_taken_up_when_it_comes(void **state)
{
    struct world *w = *state;
    fake.ping = away;
    live(w, HOUR);
    assert_int_equal(fake.posts, 0);
    assert_int_equal(fake.setups, 0);
    assert_true(w->longest_wait_ns <= STORE_RETRY_CAP_MS * CLOCK_NS_PER_MS + TURN);
    assert_true(lines(w) < 100);
    fake.ping = stored;
    live(w, 11 * SECOND);
    assert_int_equal(fake.setups, 1);
    assert_true(fake.posts > 0);
    assert_int_equal(lines_with(w, "influxdb_recovered", ""), 1);
}

static void a_fault_is_said_and_tried_slowly(void **state)
{
    struct world *w = *state;
    live(w, SECOND);
    fake.post = no_leave;
    unsigned before = fake.posts;
    live(w, HOUR);
    assert_in_range(fake.posts - before, 355, 362);
    assert_true(lines(w) < 100);
    assert_true(lines_with(w, "level=error event=influxdb_fault", "unauthorized") >= 1);
    fake.post = stored;
    live(w, 11 * SECOND);
    assert_int_equal(lines_with(w, "influxdb_recovered", ""), 1);
}

/* Each second write is refused, for an hour: 36,000 changes, and still few lines. */
static void a_server_that_comes_and_goes_is_folded(void **state)
{
    struct world *w = *state;
    for (int64_t end_ns = now_ns + HOUR; now_ns < end_ns; now_ns += TURN) {
        unsigned before = fake.posts;
        turn(w);
        if (fake.posts != before)
            fake.post = fake.posts % 2 ? busy : stored;
    }
    assert_true(fake.posts > 10000);
    assert_true(lines(w) < 100);
    assert_true(lines_with(w, "influxdb_away", "repeated=") >= 10);
    assert_true(lines_with(w, "influxdb_recovered", "repeated=") >= 10);
    /* When it then stays away, the end of that is said all the same. */
    fake.ping = fake.post = away;
    live(w, 200 * SECOND);
    fake.ping = fake.post = stored;
    live(w, 11 * SECOND);
    assert_true(lines_with(w, "influxdb_recovered", "after_s=20") >= 1);
}

static void retry_after_is_obeyed_within_a_minute_and_never_a_leave_to_hammer(void **state)
{
    static const struct {
        int64_t said_ms, least_ms, most_ms;
    } cases[] = {{3000, 3000, 3010}, {45000, 45000, 45010}, {3600000, 60000, 60010}, {0, 100, 210}};
    struct world *w = *state;
    live(w, SECOND);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fake.post = busy;
        fake.post.retry_after_ms = cases[i].said_ms;
        turn(w);
        int64_t begin_ns = now_ns;
        unsigned before = fake.posts;
        fake.post = stored;
        while (fake.posts == before) {
            now_ns += TURN;
            turn(w);
        }
        assert_in_range((now_ns - begin_ns) / CLOCK_NS_PER_MS, cases[i].least_ms, cases[i].most_ms);
    }
}

static void a_database_that_went_is_made_again(void **state)
{
    struct world *w = *state;
    live(w, SECOND);
    assert_int_equal(fake.setups, 1);
    fake.post = gone;
    turn(w);
    live(w, 5 * SECOND);
    struct store_figures figures;
    store_figures(w->store, &figures);
    assert_string_equal(figures.trouble, gone.words);
    fake.post = stored; /* as the setup makes it */
    live(w, 10 * SECOND);
    assert_int_equal(fake.setups, 2);
    assert_int_equal(lines_with(w, "influxdb_fault", "database not found"), 1);
    assert_int_equal(lines_with(w, "influxdb_recovered", ""), 1);
}

/* Where the setup says that all is there and writes say that it is not, it is not told for ever. */
static void a_database_that_cannot_be_made_is_folded(void **state)
{
    struct world *w = *state;
    fake.post = gone;
    live(w, HOUR);
    assert_true(fake.posts <= 361);
    assert_true(lines(w) < 100);
    fake.setup = gone;
    live(w, HOUR);
    assert_true(lines(w) < 200);
    assert_true(lines_with(w, "influxdb_setup", "database not found") >= 1);
}

static void latency_is_counted_by_bounds(void **state)
{
    struct world *w = *state;
    live(w, TURN);
    (void)store_take_latency(w->store);
    static const uint32_t elapsed_us[] = {5000, 5001, 90000, 7000000};
    for (size_t i = 0; i < 4; i++) {
        struct influx_result result = stored;
        result.elapsed_us = elapsed_us[i];
        store_posted(w->store);
        store_answered(w->store, &result);
    }
    struct store_latency l = store_take_latency(w->store);
    static const uint64_t at_most[STORE_LATENCY_BOUNDS] = {1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4};
    assert_int_equal(l.count, 4);
    assert_memory_equal(l.at_most, at_most, sizeof at_most);
    assert_true(l.max_ms == 7000.0);
    assert_true(l.sum_ms > 7100.0 && l.sum_ms < 7100.01);
    assert_int_equal(store_take_latency(w->store).count, 0);
}

static void a_question_that_was_dropped_is_asked_again(void **state)
{
    struct world *w = *state;
    store_posted(w->store);
    store_unsent(w->store);
    assert_false(store_turn(w->store));
    assert_int_equal(fake.probes, 0);
    now_ns += SECOND;
    (void)store_turn(w->store);
    assert_int_equal(fake.probes, 1);
    store_cancelled(w->store); /* nothing was asked any more: nothing changes */
    assert_true(store_turn(w->store));
    assert_int_equal(fake.probes, 1);
}

/* Two writes are under way at a server that was stopped (3.x), then one of them is answered. */
static void a_write_without_an_answer_is_trouble_before_its_timeout(void **state)
{
    struct world *w = *state;
    struct store_figures figures;
    live(w, SECOND);
    store_posted(w->store);
    now_ns += (STORE_PATIENCE_MS - 1) * CLOCK_NS_PER_MS;
    store_posted(w->store);
    (void)store_turn(w->store);
    store_figures(w->store, &figures);
    assert_true(figures.up);
    now_ns += CLOCK_NS_PER_MS;
    (void)store_turn(w->store);
    store_figures(w->store, &figures);
    assert_false(figures.up || figures.fault);
    assert_non_null(strstr(figures.trouble, "not been answered"));
    assert_int_equal(figures.errors, 0);
    assert_int_equal(lines_with(w, "influxdb_away", "not been answered"), 1);

    store_answered(w->store, &stored);
    now_ns += (STORE_PATIENCE_MS - 1) * CLOCK_NS_PER_MS;
    (void)store_turn(w->store);
    store_figures(w->store, &figures);
    assert_true(figures.up);
    assert_int_equal(lines_with(w, "influxdb_recovered", ""), 1);
    now_ns += CLOCK_NS_PER_MS;
    (void)store_turn(w->store);
    store_figures(w->store, &figures);
    assert_false(figures.up);
    store_answered(w->store, &away);
    store_figures(w->store, &figures);
    assert_string_equal(figures.trouble, away.words);
    assert_int_equal(figures.errors, 1);
}

static void what_waits_for_no_answer_is_no_trouble(void **state)
{
    struct world *w = *state;
    struct store_figures figures;
    live(w, SECOND);
    store_posted(w->store);
    store_unsent(w->store);
    store_posted(w->store);
    store_cancelled(w->store);
    now_ns += 2 * STORE_PATIENCE_MS * CLOCK_NS_PER_MS;
    (void)store_turn(w->store);
    store_figures(w->store, &figures);
    assert_true(figures.up);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_hour_without_influxdb_is_under_100_lines),
        TEST(a_server_that_is_away_at_the_start_is_taken_up_when_it_comes),
        TEST(a_fault_is_said_and_tried_slowly),
        TEST(a_server_that_comes_and_goes_is_folded),
        TEST(retry_after_is_obeyed_within_a_minute_and_never_a_leave_to_hammer),
        TEST(a_database_that_went_is_made_again),
        TEST(a_database_that_cannot_be_made_is_folded),
        TEST(latency_is_counted_by_bounds),
        TEST(a_question_that_was_dropped_is_asked_again),
        TEST(a_write_without_an_answer_is_trouble_before_its_timeout),
        TEST(what_waits_for_no_answer_is_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
