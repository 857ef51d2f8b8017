/* The registry and the text it becomes. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/metrics.h"

static void assert_writes(const struct metrics *metrics, const char *expected)
{
    struct buf out = {0};
    metrics_write(metrics, &out);
    assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
}

static void writes_families_in_one_run(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new();
    struct metric *a = metrics_counter(metrics, "x_total", "All x.", METRICS_LABELS("kind", "a"));
    struct metric *depth =
        metrics_gauge(metrics, "depth_bytes", "How\ndeep \\.", METRICS_NO_LABELS);
    struct metric *b =
        metrics_counter(metrics, "x_total", "ignored", METRICS_LABELS("kind", "b\"\\\n\xFF"));
    metric_add(a, 3);
    metric_add(a, 4);
    metric_set(b, 2.5);
    metric_set(depth, 8);
    metric_set(depth, -1);
    assert_ptr_equal(metrics_counter(metrics, "x_total", "", METRICS_LABELS("kind", "a")), a);
    assert_writes(metrics, "# HELP x_total All x.\n"
                           "# TYPE x_total counter\n"
                           "x_total{kind=\"a\"} 7\n"
                           "x_total{kind=\"b\\\"\\\\\\n\xEF\xBF\xBD\"} 2.5\n"
                           "# HELP depth_bytes How\\ndeep \\\\.\n"
                           "# TYPE depth_bytes gauge\n"
                           "depth_bytes -1\n");
    metric_set(depth, NAN);
    metric_set(b, INFINITY);
    struct buf out = {0};
    metrics_write(metrics, &out);
    assert_non_null(strstr(buf_cstr(&out), "depth_bytes NaN\n"));
    assert_non_null(strstr(buf_cstr(&out), "} +Inf\n"));
    buf_free(&out);
    metrics_free(metrics);
}

static void cumulates_a_histogram(void **state)
{
    (void)state;
    static const double bounds_s[] = {0.005, 0.1, 1};
    struct metrics *metrics = metrics_new();
    struct metric *h =
        metrics_histogram(metrics, "wait_seconds", "Wait.", METRICS_NO_LABELS, bounds_s, 3);
    metric_observe(h, 0.005);
    metric_observe(h, 0.0625);
    metric_observe(h, 0.0625);
    metric_observe(h, 7);
    metric_add(h, 1); /* not for histograms */
    metric_set(h, 1);
    assert_writes(metrics, "# HELP wait_seconds Wait.\n"
                           "# TYPE wait_seconds histogram\n"
                           "wait_seconds_bucket{le=\"0.005\"} 1\n"
                           "wait_seconds_bucket{le=\"0.1\"} 3\n"
                           "wait_seconds_bucket{le=\"1\"} 3\n"
                           "wait_seconds_bucket{le=\"+Inf\"} 4\n"
                           "wait_seconds_sum 7.13\n"
                           "wait_seconds_count 4\n");
    metrics_free(metrics);
}

static void writes_two_labels(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new();
    struct metric *ok = metrics_counter(metrics, "asked_total", "Asked.",
                                        METRICS_LABELS("endpoint", "stats", "status", "ok"));
    struct metric *late = metrics_counter(metrics, "asked_total", "Asked.",
                                          METRICS_LABELS("endpoint", "stats", "status", "late"));
    struct metric *odd = metrics_counter(metrics, "asked_total", "Asked.",
                                         METRICS_LABELS("endpoint", "a\"", "status", "\\\n"));
    assert_ptr_not_equal(ok, late);
    assert_ptr_equal(metrics_counter(metrics, "asked_total", "",
                                     METRICS_LABELS("endpoint", "stats", "status", "late")),
                     late);
    metric_add(late, 2);
    metric_add(odd, 1);
    assert_writes(metrics, "# HELP asked_total Asked.\n"
                           "# TYPE asked_total counter\n"
                           "asked_total{endpoint=\"stats\",status=\"ok\"} 0\n"
                           "asked_total{endpoint=\"stats\",status=\"late\"} 2\n"
                           "asked_total{endpoint=\"a\\\"\",status=\"\\\\\\n\"} 1\n");
    metrics_free(metrics);
}

static void labels_a_histogram(void **state)
{
    (void)state;
    static const double bounds_s[] = {0.5};
    struct metrics *metrics = metrics_new();
    struct metric *stats = metrics_histogram(metrics, "wait_seconds", "Wait.",
                                             METRICS_LABELS("endpoint", "stats"), bounds_s, 1);
    struct metric *health = metrics_histogram(metrics, "wait_seconds", "Wait.",
                                              METRICS_LABELS("endpoint", "health"), bounds_s, 1);
    assert_ptr_equal(metrics_histogram(metrics, "wait_seconds", "Wait.",
                                       METRICS_LABELS("endpoint", "stats"), bounds_s, 1),
                     stats);
    metric_observe(stats, 0.25);
    metric_observe(stats, 1);
    assert_true(metric_value(health) == 0);
    assert_writes(metrics, "# HELP wait_seconds Wait.\n"
                           "# TYPE wait_seconds histogram\n"
                           "wait_seconds_bucket{endpoint=\"stats\",le=\"0.5\"} 1\n"
                           "wait_seconds_bucket{endpoint=\"stats\",le=\"+Inf\"} 2\n"
                           "wait_seconds_sum{endpoint=\"stats\"} 1.25\n"
                           "wait_seconds_count{endpoint=\"stats\"} 2\n"
                           "wait_seconds_bucket{endpoint=\"health\",le=\"0.5\"} 0\n"
                           "wait_seconds_bucket{endpoint=\"health\",le=\"+Inf\"} 0\n"
                           "wait_seconds_sum{endpoint=\"health\"} 0\n"
                           "wait_seconds_count{endpoint=\"health\"} 0\n");
    metrics_free(metrics);
}

static void refuses_what_prometheus_would(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new();
    assert_null(metrics_counter(metrics, "", "", METRICS_NO_LABELS));
    assert_null(metrics_counter(metrics, "9x", "", METRICS_NO_LABELS));
    assert_null(metrics_counter(metrics, "x-y", "", METRICS_NO_LABELS));
    static const struct metrics_labels bad[] = {
        {{"a b", ""}},          {{"", "v"}},
        {{"9a", "v"}},          {{"a:b", "v"}},
        {{"le", "v"}},          {{"__a", "v"}},
        {{"a", NULL}},          {{"a", "v", "b", NULL}},
        {{"a", "v", "a", "w"}}, {{"a", "v", "b-", "w"}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(metrics_counter(metrics, "x", "", bad[i]));
    assert_non_null(metrics_counter(metrics, "x", "", METRICS_NO_LABELS));
    assert_null(metrics_gauge(metrics, "x", "", METRICS_NO_LABELS));
    assert_null(metrics_counter(metrics, "x", "", METRICS_LABELS("a", "v"))); /* x has none */
    assert_non_null(metrics_counter(metrics, "y", "", METRICS_LABELS("a", "v", "b", "w")));
    assert_null(metrics_counter(metrics, "y", "", METRICS_LABELS("b", "w", "a", "v")));
    assert_null(metrics_counter(metrics, "y", "", METRICS_LABELS("a", "v")));
    assert_null(metrics_counter(metrics, "y", "", METRICS_NO_LABELS));
    metric_add(NULL, 1);
    metric_set(NULL, 1);
    metric_observe(NULL, 1);
    assert_true(metric_value(NULL) == 0);
    metrics_free(metrics);
    metrics_free(NULL);
}

static void *add_many(void *metric)
{
    for (int i = 0; i < 100000; i++)
        metric_add(metric, 1);
    return NULL;
}

static void counts_from_two_threads(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new();
    struct metric *metric = metrics_counter(metrics, "x_total", "", METRICS_NO_LABELS);
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, add_many, metric), 0);
    add_many(metric);
    pthread_join(other, NULL);
    assert_true(metric_value(metric) == 200000);
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_families_in_one_run),
        cmocka_unit_test(cumulates_a_histogram),
        cmocka_unit_test(writes_two_labels),
        cmocka_unit_test(labels_a_histogram),
        cmocka_unit_test(refuses_what_prometheus_would),
        cmocka_unit_test(counts_from_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
