#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "influx/line.h"
#include "writer/shape/service_rollup.h"

#define S      CLOCK_NS_PER_S
#define START  (1732099800LL * S) /* of a 5-minute window */
#define WINDOW (300 * S)

struct world {
    struct service_rollup *rollup;
    struct rollup_sink sink;
    struct buf lines;
    struct buf scratch;
};

static void take(void *context, const struct point *point)
{
    struct world *w = context;
    unsigned cleaned;
    assert_int_equal(line_encode(point, &w->lines, &cleaned, NULL), ERR_OK);
}

static int open_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->rollup = service_rollup_new();
    w->sink = (struct rollup_sink){w, take};
    *state = w;
    return !w->rollup;
}

static int close_world(void **state)
{
    struct world *w = *state;
    service_rollup_free(w->rollup);
    buf_free(&w->lines);
    buf_free(&w->scratch);
    free(w);
    return 0;
}

/* A message that arrived then, as line protocol "SERVICE FIELDS"; its own time is the arrival
 * unless said. */
static bool report_of(struct world *w, int64_t arrival_ns, int64_t time_ns, const char *service,
                      const char *fields)
{
    static struct point point;
    struct buf line = {0};
    buf_printf(&line, "service_metrics,service=%s %s %lld", service, fields, (long long)time_ns);
    assert_int_equal(line_parse(buf_view(&line), &w->scratch, &point, NULL), ERR_OK);
    service_rollup_advance(w->rollup, arrival_ns, &w->sink);
    bool added = service_rollup_add(w->rollup, &point);
    buf_free(&line);
    return added;
}

static void report(struct world *w, int64_t arrival_ns, const char *service, const char *fields)
{
    assert_true(report_of(w, arrival_ns, arrival_ns, service, fields));
}

static const char *rows_until(struct world *w, int64_t arrival_ns)
{
    buf_reset(&w->lines);
    service_rollup_advance(w->rollup, arrival_ns, &w->sink);
    return buf_cstr(&w->lines);
}

static void a_row_has_sums_maxima_last_values_and_weighted_means(void **state)
{
    struct world *w = *state;
    report(w, START, "writer",
           "events_processed=10,write_attempts=4,write_errors=1,lines_written=20,"
           "processing_time_ms=3,success_rate=75,write_latency_max_ms=12.5,journal_bytes=4096,"
           "journal_oldest_s=0.5,events_total=100,uptime_s=10,interval_s=10,received=7");
    report(w, START + 150 * S, "writer",
           "events_processed=30,write_attempts=1,write_errors=0,lines_written=60,"
           "processing_time_ms=5,success_rate=100,write_latency_max_ms=8,journal_bytes=1024,"
           "journal_oldest_s=2,events_total=130,uptime_s=20");
    report(w, START + WINDOW - 1, "writer", /* an interval without work has no means */
           "events_processed=0,write_attempts=0,write_errors=0,lines_written=0,journal_bytes=0,"
           "journal_oldest_s=0,events_total=130,uptime_s=30");
    assert_int_equal(w->lines.len, 0);
    assert_string_equal(rows_until(w, START + WINDOW),
                        "service_metrics_5m,service=writer messages=3,events_processed=40,"
                        "write_attempts=5,write_errors=1,lines_written=80,"
                        "write_latency_max_ms=12.5,journal_bytes=4096,journal_oldest_s=2,"
                        "events_total=130,uptime_s=30,processing_time_ms=4.5,processing_events=40,"
                        "processing_sum=180,success_rate=80,success_events=5,success_sum=400 "
                        "1732099800000000000\n");
    assert_string_equal(rows_until(w, START + 3 * WINDOW), ""); /* nothing was reported */
}

static void what_no_message_had_is_absent(void **state)
{
    static const struct {
        const char *first, *second, *row;
    } rows[] = {
        {"uptime_s=5", "custom=1", "messages=2,uptime_s=5"},
        {"custom=1", "other=t", "messages=2"},
        {"processing_time_ms=4", "events_processed=0,processing_time_ms=9",
         "messages=2,events_processed=0"},
        {"events_processed=20,success_rate=90", "events_processed=60,success_rate=100",
         "messages=2,events_processed=80,success_rate=97.5,success_events=80,"
         "success_sum=7800"},
        {"events_processed=20,write_attempts=0,success_rate=90", "events_processed=60",
         "messages=2,events_processed=80,write_attempts=0,success_rate=90,success_events=20,"
         "success_sum=1800"},
        /* no numbers of the kind that these are */
        {"events_processed=-5,uptime_s=t", "events_processed=3,write_latency_max_ms=-0.5",
         "messages=2,events_processed=3"},
        {"events_processed=\"many\"", "events_processed=3i", "messages=2"},
        /* too large to be added up */
        {"lines_written=1.5e308", "lines_written=1.5e308",
         "messages=2,lines_written=1.7976931348623157e+308"},
        {"events_processed=10,processing_time_ms=1e308",
         "events_processed=10,processing_time_ms=1e308",
         "messages=2,events_processed=20,processing_time_ms=8.988465674311579e+306,"
         "processing_events=20,processing_sum=1.7976931348623157e+308"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t start = START + (int64_t)i * WINDOW;
        struct buf row = {0};
        buf_printf(&row, "service_metrics_5m,service=s%zu %s %lld\n", i, rows[i].row,
                   (long long)start);
        char service[16];
        snprintf(service, sizeof service, "s%zu", i);
        report(w, start + 1, service, rows[i].first);
        report(w, start + 2, service, rows[i].second);
        assert_string_equal(rows_until(w, start + WINDOW), buf_cstr(&row));
        buf_free(&row);
    }
}

static void windows_go_by_arrival_and_services_have_a_row_each(void **state)
{
    struct world *w = *state;
    assert_true(report_of(w, START + 1, START - 3600 * S, "a", "uptime_s=1")); /* late */
    report(w, START + 2, "b", "uptime_s=2");
    report(w, START + WINDOW, "a", "uptime_s=3");
    assert_string_equal(buf_cstr(&w->lines),
                        "service_metrics_5m,service=a messages=1,uptime_s=1 1732099800000000000\n"
                        "service_metrics_5m,service=b messages=1,uptime_s=2 1732099800000000000\n");
    assert_string_equal(rows_until(w, START + 2 * WINDOW),
                        "service_metrics_5m,service=a messages=1,uptime_s=3 1732100100000000000\n");
}

static void the_same_point_again_counts_once(void **state)
{
    struct world *w = *state;
    assert_true(report_of(w, START + 1, START, "a", "events_processed=5"));
    assert_true(report_of(w, START + 2, START, "b", "events_processed=1"));
    assert_true(report_of(w, START + 3, START, "a", "events_processed=5"));
    assert_string_equal(
        rows_until(w, START + WINDOW),
        "service_metrics_5m,service=a messages=1,events_processed=5 1732099800000000000\n"
        "service_metrics_5m,service=b messages=1,events_processed=1 1732099800000000000\n");
    /* also in the next window; a time before it, after the service's clock was set back, counts */
    assert_true(report_of(w, START + WINDOW, START, "a", "events_processed=5"));
    assert_true(report_of(w, START + WINDOW, START - 1, "a", "events_processed=2"));
    assert_string_equal(
        rows_until(w, START + 2 * WINDOW),
        "service_metrics_5m,service=a messages=1,events_processed=2 1732100100000000000\n");
}

static void a_clock_that_steps_back_overwrites_no_window(void **state)
{
    struct world *w = *state;
    report(w, START + 1, "a", "uptime_s=1");
    report(w, START + WINDOW + 1, "a", "uptime_s=2");
    report(w, START + WINDOW, "a", "uptime_s=3"); /* back, in the same window */
    buf_reset(&w->lines);
    report(w, START + 2, "a", "uptime_s=4"); /* into the one before */
    assert_string_equal(buf_cstr(&w->lines),
                        "service_metrics_5m,service=a messages=2,uptime_s=3 1732100100000000000\n");
    assert_string_equal(rows_until(w, START + WINDOW),
                        "service_metrics_5m,service=a messages=1,uptime_s=4 1732099800000000001\n");
}

static void services_beyond_the_table_are_not_added_until_one_is_silent(void **state)
{
    struct world *w = *state;
    char name[16];
    for (int i = 0; i < SERVICE_ROLLUP_SERVICES; i++) {
        snprintf(name, sizeof name, "s%d", i);
        report(w, START, name, "uptime_s=1");
    }
    assert_false(report_of(w, START, START, "late", "uptime_s=1"));
    report(w, START + 1, "s63", "uptime_s=2");
    for (int i = 1; i < SERVICE_ROLLUP_SERVICES; i++) { /* all but s0 */
        snprintf(name, sizeof name, "s%d", i);
        report(w, START + WINDOW, name, "uptime_s=1");
    }
    assert_false(report_of(w, START + WINDOW, START + WINDOW, "late", "uptime_s=1"));
    report(w, START + 2 * WINDOW, "late", "uptime_s=1");
    assert_non_null(strstr(rows_until(w, START + 3 * WINDOW), "service=late messages=1,"));
}

static void a_name_that_is_too_long_is_not_added(void **state)
{
    struct world *w = *state;
    char name[SERVICE_ROLLUP_NAME_SIZE + 1];
    memset(name, 'x', sizeof name);
    name[SERVICE_ROLLUP_NAME_SIZE] = '\0';
    assert_false(report_of(w, START, START, name, "uptime_s=1"));
    name[SERVICE_ROLLUP_NAME_SIZE - 1] = '\0';
    assert_true(report_of(w, START, START, name, "uptime_s=1"));
}

static void the_saved_state_goes_on_as_if_nothing_had_happened(void **state)
{
    struct world *w = *state;
    struct world again = {.rollup = service_rollup_new()};
    struct buf saved = {0}, second = {0};
    again.sink = (struct rollup_sink){&again, take};
    report(w, START + 1, "writer", "events_processed=3,processing_time_ms=0.1,uptime_s=1");
    report(w, START, "query", "custom=1");
    report(w, START - 1, "query", "uptime_s=1"); /* a step back */
    service_rollup_save(w->rollup, &saved);
    struct text rest = buf_view(&saved);
    assert_true(service_rollup_load(again.rollup, &rest));
    assert_int_equal(rest.len, 0);
    service_rollup_save(again.rollup, &second);
    assert_true(text_equal(buf_view(&second), buf_view(&saved)));
    struct world *both[] = {w, &again};
    for (size_t i = 0; i < 2; i++) {
        buf_reset(&both[i]->lines);
        report(both[i], START + 5, "writer", "events_processed=4,processing_time_ms=0.2");
        report_of(both[i], START + 6, START - 1, "query", "uptime_s=1"); /* known already */
        service_rollup_advance(both[i]->rollup, START + WINDOW, &both[i]->sink);
    }
    assert_string_equal(buf_cstr(&again.lines), buf_cstr(&w->lines));
    assert_non_null(strstr(buf_cstr(&again.lines), "service=writer messages=1,"));
    for (size_t len = 0; len < saved.len; len++) { /* a cut state is refused, at every length */
        rest = (struct text){saved.data, len};
        assert_false(service_rollup_load(again.rollup, &rest));
    }
    service_rollup_free(again.rollup);
    buf_free(&again.lines);
    buf_free(&again.scratch);
    buf_free(&saved);
    buf_free(&second);
}

static void a_state_that_cannot_have_been_made_is_refused(void **state)
{
    static const struct {
        size_t at;
        uint64_t number;
        bool good;
    } rows[] = {
        {0, 1, true},
        {0, SERVICE_ROLLUP_SERVICES + 1, false}, /* services */
        {8, UINT32_MAX, true},                   /* steps back */
        {8, UINT64_C(1) << 32, false},
        {16, UINT64_C(1) << 61, true}, /* start of the window */
        {16, UINT64_C(0x7277777777777777), false},
        {24, SERVICE_ROLLUP_NAME_SIZE, false}, /* length of the name "s" */
        {24, 0, false},
        {49, UINT64_C(0x7ff0000000000000), false}, /* the first figure: infinite */
        {49, UINT64_C(0xbff0000000000000), false}, /* -1 */
        {49, UINT64_C(0x3ff0000000000000), true},
        {49, UINT64_C(0x7ff8000000000000), true},   /* none */
        {121, UINT64_C(0x7ff8000000000000), false}, /* the first product: none */
        {129, UINT64_C(0x7ff8000000000000), false}, /* its weight */
        {129, UINT64_C(0x3ff0000000000000), true},
    };
    struct world *w = *state;
    report(w, START, "s", "events_processed=1,processing_time_ms=1");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct service_rollup *loaded = service_rollup_new();
        struct buf saved = {0};
        service_rollup_save(w->rollup, &saved);
        for (size_t b = 0; b < 8; b++)
            saved.data[rows[i].at + b] = (char)(rows[i].number >> (8 * b));
        struct text rest = buf_view(&saved);
        if (service_rollup_load(loaded, &rest) != rows[i].good)
            fail_msg("row %zu", i);
        buf_free(&saved);
        service_rollup_free(loaded);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(a_row_has_sums_maxima_last_values_and_weighted_means),
        TEST(what_no_message_had_is_absent),
        TEST(windows_go_by_arrival_and_services_have_a_row_each),
        TEST(the_same_point_again_counts_once),
        TEST(a_clock_that_steps_back_overwrites_no_window),
        TEST(services_beyond_the_table_are_not_added_until_one_is_silent),
        TEST(a_name_that_is_too_long_is_not_added),
        TEST(the_saved_state_goes_on_as_if_nothing_had_happened),
        TEST(a_state_that_cannot_have_been_made_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
