/* What a service says of itself: nothing is invented, the histogram is cumulative, and what another
 * service leaves out stays out. */
#include <math.h>

#include "messages.h"

static void what_was_not_measured_is_null_or_left_out(void **state)
{
    (void)state;
    struct service_metrics metrics = {.service = "backup", .time_ns = 1795168800000000000};
    struct buf out = {0};
    service_metrics_encode(&metrics, &out);
    assert_string_equal(buf_cstr(&out),
                        "{\"schema\":1,\"service\":\"backup\",\"time\":\"2026-11-20T10:00:00Z\","
                        "\"processing_time_ms\":null,\"success_rate\":null,"
                        "\"write_latency_mean_ms\":null,\"write_latency_max_ms\":null}");
    buf_reset(&out);
    metrics.write_errors = fields_unsigned(0);
    metrics.success_rate = fields_number(0);
    service_metrics_encode(&metrics, &out);
    assert_non_null(strstr(buf_cstr(&out), "\"write_errors\":0"));
    assert_non_null(strstr(buf_cstr(&out), "\"success_rate\":0,"));
    buf_free(&out);
}

static void another_service_may_say_a_part_and_more(void **state)
{
    (void)state;
    struct service_metrics metrics;
    assert_int_equal(
        service_metrics_decode(
            messages_parse(TEXT("{\"schema\":1,\"service\":\"backup\",\"files\":12,"
                                "\"time\":\"2026-11-20T10:00:00Z\",\"events_processed\":0,"
                                "\"rejected_by_reason\":{\"not_json\":2,\"bad_time\":1}}")),
            &metrics, NULL),
        ERR_OK);
    assert_true(metrics.events_processed.present);
    assert_int_equal(metrics.events_processed.value, 0);
    assert_false(metrics.write_errors.present);
    assert_false(metrics.success_rate.present);
    assert_int_equal(metrics.state, STATUS_UNSAID);
    assert_string_equal(metrics.rejected_by_reason[1].name, "bad_time");
    assert_int_equal(metrics.rejected_by_reason[1].count, 1);
    assert_int_equal(metrics.rejected_by_reason[2].name[0], 0);
}

static void a_rate_above_100_is_refused(void **state)
{
    (void)state;
    struct service_metrics metrics;
    struct err_reason why = {""};
    assert_int_equal(
        service_metrics_decode(messages_parse(TEXT("{\"schema\":1,\"service\":\"a\",\"time\":"
                                                   "\"2026-11-20T10:00:00Z\","
                                                   "\"success_rate\":100.5}")),
                               &metrics, &why),
        ERR_INVALID);
    assert_non_null(strstr(why.text, "success_rate"));
}

static void latencies_are_counted_from_their_bound_on(void **state)
{
    (void)state;
    static const double latencies[] = {0.5, 5, 5.1, 100, 7000};
    static const uint64_t expected[SERVICE_METRICS_BOUNDS] = {2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5};
    struct service_metrics metrics = {0};
    for (size_t i = 0; i < MESSAGES_COUNT(latencies); i++)
        service_metrics_latency(&metrics, latencies[i]);
    for (size_t i = 0; i < SERVICE_METRICS_BOUNDS; i++)
        assert_int_equal(metrics.write_latency_le_ms[i].value, expected[i]);
    assert_true(fabs(metrics.write_latency_mean_ms.value - 1422.12) < 1e-9);
    assert_true(fabs(metrics.write_latency_max_ms.value - 7000) < 1e-9);
}

static void the_names_of_the_histogram_are_its_bounds(void **state)
{
    (void)state;
    struct service_metrics metrics = {0};
    for (size_t i = 0; i < SERVICE_METRICS_BOUNDS; i++) {
        char name[64], bound[32] = "inf";
        if (isfinite(service_metrics_bounds_ms[i]))
            snprintf(bound, sizeof bound, "%.0f", service_metrics_bounds_ms[i]);
        snprintf(name, sizeof name, "\"write_latency_le_%s_ms\":%zu,", bound, i + 1000);
        metrics.write_latency_le_ms[i] = fields_unsigned(i + 1000);
        struct buf out = {0};
        service_metrics_encode(&metrics, &out);
        if (!strstr(buf_cstr(&out), name))
            fail_msg("no %s in %s", name, buf_cstr(&out));
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_measured_is_null_or_left_out),
        cmocka_unit_test(another_service_may_say_a_part_and_more),
        cmocka_unit_test(a_rate_above_100_is_refused),
        cmocka_unit_test(latencies_are_counted_from_their_bound_on),
        cmocka_unit_test(the_names_of_the_histogram_are_its_bounds),
    };
    return cmocka_run_group_tests(tests, messages_open, messages_close);
}
