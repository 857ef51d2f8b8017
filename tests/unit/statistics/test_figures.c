#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "query-service/statistics/figures.h"

#define NOW (1772366400LL * CLOCK_NS_PER_S) /* 2026-03-01T12:00:00Z */

static struct figures begin(const char *name)
{
    struct figures figures = {0};
    struct period period;
    assert_int_equal(period_make(text_of(name), TEXT(""), 0, NOW, &period, NULL), ERR_OK);
    assert_int_equal(figures_begin(&figures, FIGURES_INFLUXDB, &period, TEXT("")), ERR_OK);
    return figures;
}

#define assert_figure(number, due)                                                                 \
    do {                                                                                           \
        struct fields_number got_ = (number);                                                      \
        assert_true(got_.present);                                                                 \
        assert_float_equal(got_.value, due, 1e-9);                                                 \
    } while (0)
#define assert_absent(number) assert_false((number).present)

/* 10 events of 100 ms and 990 of 1 ms: their mean is 1.99 ms, not 50.5. */
static void means_are_weighted_by_what_they_are_means_of(void **state)
{
    (void)state;
    struct service_metrics slow = {.events_processed = fields_unsigned(10),
                                   .processing_time_ms = fields_number(100)};
    struct service_metrics fast = {.events_processed = fields_unsigned(990),
                                   .processing_time_ms = fields_number(1)};
    struct service_metrics idle = {.events_processed = fields_unsigned(0)};
    struct tally sum = tally_of(&slow), more = tally_of(&fast), none = tally_of(&idle);
    tally_add(&sum, &more);
    tally_add(&sum, &none);
    assert_figure(tally_processing_ms(&sum), 1.99);
    assert_figure(sum.events, 1000);
    assert_absent(sum.write_attempts);
    assert_absent(tally_processing_ms(&none));
}

static void a_rate_of_nothing_is_absent_not_perfect(void **state)
{
    (void)state;
    struct tally nothing = {0},
                 idle = {.write_attempts = fields_number(0), .write_errors = fields_number(0)};
    assert_absent(tally_success_percent(&nothing));
    assert_absent(tally_error_percent(&nothing));
    assert_absent(tally_success_percent(&idle));
    assert_absent(tally_error_percent(&idle));
    struct tally unsaid = {.write_attempts = fields_number(10)};
    assert_absent(tally_error_percent(&unsaid));
}

static void rates_follow_from_sums(void **state)
{
    (void)state;
    struct tally writes = {.write_attempts = fields_number(200), .write_errors = fields_number(5)};
    tally_rate(&writes);
    assert_figure(tally_error_percent(&writes), 2.5);
    assert_figure(tally_success_percent(&writes), 97.5);
    struct tally late = {.write_attempts = fields_number(1), .write_errors = fields_number(3)};
    tally_rate(&late);
    assert_figure(tally_error_percent(&late), 100);
    assert_figure(tally_success_percent(&late), 0);
    struct service_metrics told = {.events_processed = fields_unsigned(3),
                                   .success_rate = fields_number(80)};
    struct service_metrics other = {.events_processed = fields_unsigned(1),
                                    .success_rate = fields_number(100)};
    struct tally sum = tally_of(&told), more = tally_of(&other);
    tally_add(&sum, &more);
    assert_figure(tally_success_percent(&sum), 85);
    /* who tells of errors alone is no part of a rate, and more than all is none */
    struct service_metrics errors = {.write_errors = fields_unsigned(36)};
    more = tally_of(&errors);
    tally_add(&writes, &more);
    assert_figure(writes.write_errors, 41);
    assert_figure(tally_error_percent(&writes), 2.5);
    other.success_rate = fields_number(150);
    sum = tally_of(&other);
    assert_absent(tally_success_percent(&sum));
}

static void services_are_sorted_and_bounded(void **state)
{
    (void)state;
    struct figures figures = begin("1h");
    assert_string_equal(figures_service(&figures, TEXT("writer"))->name, "writer");
    assert_string_equal(figures_service(&figures, TEXT("a"))->name, "a");
    figures_service(&figures, TEXT("a"))->last_update_ns = 5;
    assert_int_equal(figures.services_count, 2);
    assert_string_equal(figures.services[0].name, "a");
    for (int i = 0; i < FIGURES_SERVICES; i++) {
        char name[8];
        snprintf(name, sizeof name, "s%02d", 99 - i);
        figures_service(&figures, text_of(name));
    }
    assert_int_equal(figures.services_count, FIGURES_SERVICES);
    assert_string_equal(figures.services[0].name, "a");
    assert_int_equal(figures.services[0].last_update_ns, 5);
    assert_string_equal(figures.services[1].name, "s36");
    assert_string_equal(figures.services[FIGURES_SERVICES - 1].name, "s98");
    assert_null(figures_service(&figures, TEXT("zz")));
    assert_int_equal(figures.missing_count, 1);
    assert_string_equal(figures.missing[0].figure, "metrics.services");
    figures_free(&figures);
}

static void a_figure_is_missed_once_and_the_list_is_bounded(void **state)
{
    (void)state;
    struct figures figures = begin("1h");
    figures_miss(&figures, "a", "%d", 1);
    figures_miss(&figures, "a", "%d", 2);
    assert_int_equal(figures.missing_count, 1);
    assert_string_equal(figures.missing[0].reason, "1");
    for (int i = 0; i < FIGURES_MISSING; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        figures_miss(&figures, name, "x");
    }
    assert_int_equal(figures.missing_count, FIGURES_MISSING);
    figures_free(&figures);
}

static void rates_are_over_the_period_or_what_is_covered(void **state)
{
    (void)state;
    struct figures figures = begin("1h");
    int64_t from = figures.period.from_ns;
    assert_absent(figures_events_per_minute(&figures));
    assert_absent(figures.age_s);
    figures.events = fields_number(120);
    figures_cover(&figures, from, NOW, NOW + 3 * CLOCK_NS_PER_S / 2);
    assert_figure(figures_events_per_minute(&figures), 2);
    assert_figure(figures.age_s, 1.5);
    figures_cover(&figures, NOW - 600 * CLOCK_NS_PER_S, NOW - 60 * CLOCK_NS_PER_S, NOW);
    assert_float_equal(figures.covers_s, 540, 0);
    assert_figure(figures_events_per_minute(&figures), 2); /* it is all there was */
    figures.events_whole = false;                          /* there may have been more */
    assert_figure(figures_events_per_minute(&figures), 120.0 / 9);
    figures.covers_s = 0;
    assert_absent(figures_events_per_minute(&figures)); /* of what stretch nobody knows */
    figures.events_whole = true;
    figures_cover(&figures, from - 1, NOW + 1, NOW);
    assert_float_equal(figures.covers_s, 3600, 0);
    assert_figure(figures.age_s, 0);
    assert_figure(figures_total_events(&figures), 120);
    figures.events_whole = false;
    assert_absent(figures_total_events(&figures));
    figures_free(&figures);
}

/* Each null has its reason. */
static void what_is_absent_is_named(void **state)
{
    (void)state;
    static const char *const due[][2] = {
        {"metrics.total_events", "heard since yesterday"},
        {"metrics.events_per_minute", "nothing is known of the events"},
        {"metrics.error_rate_percent", "nothing was written in this period"},
        {"trends", "11 of 12 windows: nobody told of them"},
        {"metrics.services.idle.processing_time_ms", "it processed nothing in this period"},
        {"metrics.services.idle.success_rate", "it wrote nothing in this period"},
        {"metrics.services.mute.events_processed", "it told nothing of this in this period"},
        {"metrics.services.mute.processing_time_ms",
         "it told nothing of this, with events to weigh it by, in this period"},
        {"metrics.services.mute.success_rate",
         "it told nothing of this, with events to weigh it by, in this period"},
    };
    const size_t count = sizeof due / sizeof due[0];
    struct figures figures = begin("1h");
    struct service_metrics idle = {.events_processed = fields_unsigned(0),
                                   .write_attempts = fields_unsigned(0),
                                   .write_errors = fields_unsigned(0)};
    figures_miss(&figures, "metrics.total_events", "heard since yesterday");
    figures_service(&figures, TEXT("mute"));
    figures_service(&figures, TEXT("idle"))->sums = figures.sums = tally_of(&idle);
    figures.windows[3].count = fields_number(0);
    figures_end(&figures);
    assert_int_equal(figures.missing_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(figures.missing[i].figure, due[i][0]);
        assert_string_equal(figures.missing[i].reason, due[i][1]);
    }
    figures_free(&figures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_weighted_by_what_they_are_means_of),
        cmocka_unit_test(a_rate_of_nothing_is_absent_not_perfect),
        cmocka_unit_test(rates_follow_from_sums),
        cmocka_unit_test(services_are_sorted_and_bounded),
        cmocka_unit_test(a_figure_is_missed_once_and_the_list_is_bounded),
        cmocka_unit_test(rates_are_over_the_period_or_what_is_covered),
        cmocka_unit_test(what_is_absent_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
