#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "query-service/statistics/live.h"

#define S   CLOCK_NS_PER_S
#define NOW (1772366400LL * S) /* 2026-03-01T12:00:00Z */

static struct service_metrics writer_message(int64_t end_ns, uint64_t received)
{
    return (struct service_metrics){
        .time_ns = end_ns,
        .interval_s = fields_number(10),
        .events_processed = fields_unsigned(6),
        .write_attempts = fields_unsigned(4),
        .write_errors = fields_unsigned(1),
        .lines_written = fields_unsigned(12),
        .processing_time_ms = fields_number(20),
        .received = fields_unsigned(received),
        .repeated = fields_unsigned(3),
        .state = STATUS_ONLINE,
    };
}

static void say(struct live *live, const char *service, struct service_metrics metrics)
{
    assert_int_equal(live_metrics(live, text_of(service), &metrics), ERR_OK);
}

/* The writer from `first` to `last`, 7 messages an interval. */
static void writer_says(struct live *live, int64_t first_s, int64_t last_s)
{
    for (int64_t s = first_s; s <= last_s; s += 10)
        say(live, "writer", writer_message(NOW + s * S, (uint64_t)(100000 + s / 10 * 7)));
}

static struct figures ask(const struct live *live, const char *period, const char *service)
{
    struct figures figures = {0};
    struct period p;
    assert_int_equal(period_make(text_of(period), TEXT(""), 0, NOW, &p, NULL), ERR_OK);
    assert_int_equal(live_figures(live, &p, text_of(service), NOW + S, &figures), ERR_OK);
    return figures;
}

#define assert_figure(number, due)                                                                 \
    do {                                                                                           \
        struct fields_number got_ = (number);                                                      \
        assert_true(got_.present);                                                                 \
        assert_float_equal(got_.value, due, 1e-6);                                                 \
    } while (0)
#define assert_absent(number) assert_false((number).present)

/* The reason why a figure is missing, "" when it is not. */
static const char *reason(const struct figures *f, const char *figure)
{
    for (unsigned i = 0; i < f->missing_count; i++)
        if (strcmp(f->missing[i].figure, figure) == 0)
            return f->missing[i].reason;
    return "";
}

static void what_was_heard_of_the_whole_period_gives_totals(void **state)
{
    struct live *live = *state;
    writer_says(live, -1200, 0);
    struct figures f = ask(live, "15m", "");
    assert_figure(figures_total_events(&f), 90 * 7);
    assert_figure(figures_events_per_minute(&f), 42);
    assert_float_equal(f.covers_s, 900, 0);
    assert_figure(f.age_s, 1);
    assert_figure(figures_total(f.sums_whole, f.sums.write_attempts), 360);
    assert_figure(tally_error_percent(&f.sums), 25);
    assert_figure(tally_processing_ms(&f.sums), 20);
    assert_int_equal(f.missing_count, 0);
    assert_int_equal(f.windows_count, 15);
    for (unsigned i = 0; i < 15; i++) {
        assert_figure(f.windows[i].count, 42);
        assert_figure(f.windows[i].errors, 6);
    }
    assert_int_equal(f.services_count, 1);
    assert_true(f.services[0].whole);
    assert_int_equal(f.services[0].state, STATUS_ONLINE);
    assert_int_equal(f.services[0].last_update_ns, NOW);
    figures_free(&f);
}

static void of_one_service_its_own_events_count(void **state)
{
    struct live *live = *state;
    writer_says(live, -1200, 0);
    struct figures f = ask(live, "15m", "writer");
    assert_figure(figures_total_events(&f), 90 * 6);
    assert_figure(f.windows[3].count, 36);
    figures_free(&f);
    f = ask(live, "15m", "nobody");
    assert_int_equal(f.services_count, 0);
    assert_absent(f.events);
    assert_absent(f.age_s);
    figures_free(&f);
}

/* While InfluxDB is away nothing is done with, and events come in all the same. */
static void events_are_told_while_nothing_is_delivered(void **state)
{
    struct live *live = *state;
    for (int64_t s = -1000; s <= 0; s += 10) {
        struct service_metrics m = writer_message(NOW + s * S, (uint64_t)(100000 + s));
        m.events_processed = fields_unsigned(0);
        m.processing_time_ms.present = false;
        say(live, "writer", m);
    }
    struct figures f = ask(live, "15m", "");
    assert_figure(figures_total_events(&f), 900);
    assert_absent(tally_processing_ms(&f.sums));
    figures_free(&f);
}

static void what_was_not_heard_is_absent_with_since_when(void **state)
{
    struct live *live = *state;
    writer_says(live, -300, 0);
    struct figures f = ask(live, "1h", "");
    assert_absent(figures_total_events(&f));
    assert_absent(figures_total(f.sums_whole, f.sums.write_errors));
    assert_false(f.services[0].whole);
    assert_figure(figures_events_per_minute(&f), 42); /* the first message has none before it */
    assert_float_equal(f.covers_s, 300, 0);
    assert_figure(tally_error_percent(&f.sums), 25);
    for (unsigned i = 0; i < f.windows_count - 1; i++) {
        assert_absent(f.windows[i].count);
        assert_absent(f.windows[i].errors);
    }
    assert_figure(f.windows[f.windows_count - 1].count, 30 * 7);
    static const char *const since = "writer was heard since 2026-03-01T11:54:50Z only";
    assert_string_equal(reason(&f, "metrics.total_events"),
                        "writer was heard since 2026-03-01T11:55:00Z only");
    assert_string_equal(reason(&f, "metrics.total_writes"), since);
    assert_string_equal(reason(&f, "metrics.write_errors"), since);
    assert_string_equal(reason(&f, "metrics.services.writer.events_processed"), since);
    assert_string_equal(reason(&f, "trends"), "11 of 12 windows: nobody told of them");
    figures_free(&f);
}

static void a_service_that_fell_silent_gives_no_total(void **state)
{
    struct live *live = *state;
    writer_says(live, -1200, -120);
    struct figures f = ask(live, "15m", "");
    assert_absent(figures_total_events(&f));
    assert_figure(f.age_s, 121);
    assert_float_equal(f.covers_s, 780, 0);
    assert_absent(f.windows[14].count);
    assert_non_null(strstr(f.missing[0].reason, "last heard at 2026-03-01T11:58:00Z"));
    figures_free(&f);
}

/* What a ledger has grown over a gap is known; what services did in it is not. */
static void a_gap_costs_only_what_it_hides(void **state)
{
    struct live *live = *state;
    writer_says(live, -1200, -600);
    writer_says(live, -450, 0);
    struct figures f = ask(live, "15m", "");
    assert_figure(figures_total_events(&f), 630);
    assert_absent(figures_total(f.sums_whole, f.sums.write_attempts));
    assert_figure(f.windows[4].count, 42);
    for (unsigned i = 5; i <= 7; i++) {
        assert_absent(f.windows[i].count); /* 11:50 to 11:52:30 */
        assert_absent(f.windows[i].errors);
    }
    assert_figure(f.windows[8].count, 42);
    figures_free(&f);
}

static void a_new_journal_goes_on_from_nothing(void **state)
{
    struct live *live = *state;
    writer_says(live, -1200, -460);
    for (int64_t s = -450; s <= 0; s += 10)
        say(live, "writer", writer_message(NOW + s * S, 3 + (uint64_t)((s + 460) / 10 * 7)));
    struct figures f = ask(live, "15m", "");
    assert_figure(figures_total_events(&f), 630);
    figures_free(&f);
}

static void a_message_that_comes_again_counts_once(void **state)
{
    struct live *live = *state;
    writer_says(live, -1200, 0);
    say(live, "writer", writer_message(NOW, 100000));
    say(live, "writer", writer_message(NOW - 50 * S, 99965));
    struct figures f = ask(live, "15m", "");
    assert_figure(figures_total_events(&f), 630);
    assert_figure(f.sums.events, 540);
    figures_free(&f);
}

/* A retained message of long ago is the base of nothing. */
static void an_old_retained_message_lends_nothing_to_the_period(void **state)
{
    struct live *live = *state;
    say(live, "writer", writer_message(NOW - 86400 * S, 5));
    say(live, "writer", writer_message(NOW - 10 * S, 100000));
    say(live, "writer", writer_message(NOW, 100007));
    struct figures f = ask(live, "15m", "");
    assert_figure(f.events, 7);
    assert_absent(figures_total_events(&f));
    assert_float_equal(f.covers_s, 10, 0);
    assert_figure(figures_events_per_minute(&f), 42);
    figures_free(&f);
}

static void other_services_may_say_a_part(void **state)
{
    struct live *live = *state;
    for (int64_t s = -1200; s <= 0; s += 60)
        say(live, "heat",
            (struct service_metrics){.time_ns = NOW + s * S,
                                     .success_rate = fields_number(90),
                                     .events_processed = fields_unsigned(5)});
    struct figures f = ask(live, "15m", "");
    assert_absent(f.events);
    assert_non_null(strstr(reason(&f, "metrics.total_events"), "keeps a ledger"));
    assert_string_equal(reason(&f, "metrics.error_rate_percent"),
                        "no service told of writes in this period");
    assert_string_equal(reason(&f, "metrics.services.heat.success_rate"), "");
    assert_figure(f.services[0].sums.events, 75);
    assert_true(f.services[0].whole);
    assert_figure(tally_success_percent(&f.services[0].sums), 90);
    assert_figure(f.age_s, 1);
    for (unsigned i = 0; i < f.windows_count; i++) {
        assert_absent(f.windows[i].count);
        assert_absent(f.windows[i].errors);
    }
    figures_free(&f);
}

static void memory_is_bounded(void **state)
{
    struct live *live = *state;
    writer_says(live, -10 * (LIVE_SAMPLES + 100), 0);
    struct figures f = ask(live, "3h", "");
    assert_figure(f.sums.events, 6 * LIVE_SAMPLES);
    assert_absent(figures_total_events(&f));
    assert_float_equal(f.covers_s, 7200, 0);
    figures_free(&f);
    f = ask(live, "1h", "");
    assert_figure(figures_total_events(&f), 360 * 7);
    figures_free(&f);
    char name[80];
    struct status online = {.state = STATUS_ONLINE};
    for (int i = 1; i < FIGURES_SERVICES; i++) {
        snprintf(name, sizeof name, "s%d", i);
        assert_int_equal(live_status(live, text_of(name), &online), ERR_OK);
    }
    assert_int_equal(live_status(live, TEXT("more"), &online), ERR_FULL);
    live_forget(live, TEXT("s1"));
    memset(name, 'x', sizeof name);
    assert_int_equal(live_status(live, (struct text){name, 64}, &online), ERR_FULL);
    assert_int_equal(live_status(live, (struct text){name, 63}, &online), ERR_OK);
}

static void services_are_known_and_forgotten(void **state)
{
    struct live *live = *state;
    struct live_service s;
    struct status gone = {.state = STATUS_OFFLINE};
    assert_false(live_service(live, 0, &s));
    assert_false(live_knows(live, TEXT("writer")));
    writer_says(live, -10, 0);
    assert_true(live_knows(live, TEXT("writer")));
    assert_true(live_find(live, TEXT("writer"), &s));
    assert_null(s.status);
    assert_int_equal(s.metrics->time_ns, NOW);
    assert_int_equal(live_status(live, TEXT("writer"), &gone), ERR_OK);
    struct figures f = ask(live, "1h", "");
    assert_int_equal(f.services[0].state, STATUS_OFFLINE);
    figures_free(&f);
    live_forget(live, TEXT("writer"));
    live_forget(live, TEXT("writer"));
    assert_false(live_find(live, TEXT("writer"), &s));
}

/* Whatever numbers a service sends: sums stay, and nothing is a number that none was. */
static void hostile_numbers_do_no_harm(void **state)
{
    struct live *live = *state;
    struct service_metrics m = writer_message(NOW - 20 * S, UINT64_MAX);
    m.interval_s = fields_number(1e300);
    say(live, "writer", m);
    m = writer_message(NOW - 10 * S, 0);
    m.interval_s = fields_number(-5);
    m.processing_time_ms = fields_number(1e308);
    m.events_processed = fields_unsigned(UINT64_MAX);
    say(live, "writer", m);
    m = writer_message(INT64_MAX / 2, 0);
    say(live, "writer", m);
    m = writer_message(0, 0);
    say(live, "writer", m);
    m = writer_message(INT64_MAX, 0);
    assert_int_equal(live_metrics(live, TEXT("writer"), &m), ERR_INVALID);
    m = writer_message(-1, 0);
    assert_int_equal(live_metrics(live, TEXT("writer"), &m), ERR_INVALID);
    m = writer_message(NOW, 10);
    say(live, "writer", m);
    struct figures f = ask(live, "15m", "");
    assert_absent(tally_processing_ms(&f.sums));
    assert_absent(figures_total_events(&f));
    figures_free(&f);
}

static int open_live(void **state)
{
    *state = live_new();
    return *state ? 0 : -1;
}

static int close_live(void **state)
{
    live_free(*state);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_live, close_live)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_heard_of_the_whole_period_gives_totals),
        TEST(of_one_service_its_own_events_count),
        TEST(events_are_told_while_nothing_is_delivered),
        TEST(what_was_not_heard_is_absent_with_since_when),
        TEST(a_service_that_fell_silent_gives_no_total),
        TEST(a_gap_costs_only_what_it_hides),
        TEST(a_new_journal_goes_on_from_nothing),
        TEST(a_message_that_comes_again_counts_once),
        TEST(an_old_retained_message_lends_nothing_to_the_period),
        TEST(other_services_may_say_a_part),
        TEST(memory_is_bounded),
        TEST(services_are_known_and_forgotten),
        TEST(hostile_numbers_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
