#include "ask.h"
#include "query-service/endpoints/compare.h"
#include "query-service/endpoints/figures_json.h"

static void stand(struct ask *ask, const char *service, const char *rule, const char *subject,
                  enum alert_level level, int64_t time_ns, enum alert_state alert_state)
{
    struct alert alert = {.state = alert_state,
                          .level = level,
                          .time_ns = time_ns,
                          .value = fields_number(1500),
                          .threshold = fields_number(900)};
    fields_copy(alert.service, sizeof alert.service, text_of(service));
    fields_copy(alert.rule, sizeof alert.rule, text_of(rule));
    fields_copy(alert.subject, sizeof alert.subject, text_of(subject));
    assert_int_equal(alerts_restore(ask->alerts, &alert), ERR_OK);
}

static void busy_hour(struct ask *ask)
{
    ask_begin(ask, "1h", "");
    ask_service(ask, "writer", ask_writer());
    ask_service(
        ask, "idle",
        (struct service_metrics){.time_ns = NOW - S, .events_processed = fields_unsigned(0)});
    ask->figures.events = fields_number(7214);
    ask->figures.windows[0].count = fields_number(601);
    ask->figures.windows[0].errors = fields_number(0);
    figures_cover(&ask->figures, NOW - 3600 * S, NOW, NOW + 4250 * CLOCK_NS_PER_MS);
    figures_end(&ask->figures);
}

static void stats_has_all_its_members(void **state)
{
    struct ask *ask = *state;
    busy_hour(ask);
    ask_answer(ask, &endpoint_stats);
    assert_text(ask, "period", "1h");
    assert_text(ask, "from", "2026-03-01T11:00:00Z");
    assert_text(ask, "to", "2026-03-01T12:00:00Z");
    assert_text(ask, "source", "influxdb");
    assert_number(ask, "age_s", 4.25);
    assert_number(ask, "covers_s", 3600);
    assert_number(ask, "metrics.total_events", 7214);
    assert_number(ask, "metrics.events_per_minute", 120.23);
    assert_number(ask, "metrics.total_writes", 2904);
    assert_number(ask, "metrics.write_errors", 4);
    assert_number(ask, "metrics.error_rate_percent", 0.14);
    assert_number(ask, "metrics.services.writer.events_processed", 7210);
    assert_number(ask, "metrics.services.writer.processing_time_ms", 12.5);
    assert_number(ask, "metrics.services.writer.success_rate", 99.86);
    assert_text(ask, "metrics.services.writer.last_update", "2026-03-01T11:59:56Z");
    assert_text(ask, "metrics.services.writer.state", "online");
    assert_number(ask, "metrics.services.idle.events_processed", 0);
    assert_null_at(ask, "metrics.services.idle.processing_time_ms");
    assert_null_at(ask, "metrics.services.idle.state");
    assert_int_equal(value_count(ask_at(ask, "trends")), 12);
    assert_text(ask, "trends.0.time", "2026-03-01T11:00:00Z");
    assert_number(ask, "trends.0.count", 601);
    assert_number(ask, "trends.0.errors", 0);
    assert_null_at(ask, "trends.1.count");
    assert_int_equal(value_count(ask_at(ask, "alerts")), 0);
}

static void nothing_is_null_with_a_reason(void **state)
{
    struct ask *ask = *state;
    ask_begin(ask, "24h", "");
    figures_miss(&ask->figures, "metrics.total_events", "nothing is stored of it in this period");
    figures_end(&ask->figures);
    ask_answer(ask, &endpoint_stats);
    static const char *const nulls[] = {"age_s",
                                        "metrics.total_events",
                                        "metrics.events_per_minute",
                                        "metrics.total_writes",
                                        "metrics.write_errors",
                                        "metrics.error_rate_percent"};
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++)
        assert_null_at(ask, nulls[i]);
    assert_number(ask, "covers_s", 0);
    assert_text(ask, "missing.0.figure", "metrics.total_events");
    assert_int_equal(value_count(ask_at(ask, "missing")), 6);
    /* and only what the answer would have shown */
    figures_miss(&ask->figures, "source", "InfluxDB is away");
    ask_answer(ask, &endpoint_stats_trends);
    assert_int_equal(value_count(ask_at(ask, "missing")), 2);
    assert_text(ask, "missing.0.figure", "trends");
    assert_text(ask, "missing.1.figure", "source");
    ask_answer(ask, &endpoint_stats_alerts);
    assert_int_equal(value_count(ask_at(ask, "missing")), 1);
}

static void a_sum_of_a_part_is_no_total(void **state)
{
    struct ask *ask = *state;
    busy_hour(ask);
    ask->figures.events_whole = ask->figures.sums_whole = false;
    figures_service(&ask->figures, TEXT("writer"))->whole = false;
    ask_answer(ask, &endpoint_stats);
    assert_null_at(ask, "metrics.total_events");
    assert_null_at(ask, "metrics.total_writes");
    assert_null_at(ask, "metrics.services.writer.events_processed");
    assert_number(ask, "metrics.events_per_minute", 120.23);
    assert_number(ask, "metrics.error_rate_percent", 0.14);
}

/* Each limit to both sides: the comparisons are strict. */
static void alerts_are_judged_on_this_answers_figures(void **state)
{
    struct ask *ask = *state;
    static const struct {
        uint64_t attempts, errors;
        double ms;
        const char *level; /* of error_rate, "" for none */
        const char *success, *slow;
    } cases[] = {
        {1000, 0, 1, "", "", ""},
        {1000, 20, 1000, "", "", ""},
        {1000, 21, 1000.5, "warning", "", "warning"},
        {1000, 50, 1, "warning", "", ""},
        {1000, 51, 1, "error", "warning", ""},
        {1000, 100, 1, "error", "warning", ""},
        {1000, 101, 5000, "error", "error", "warning"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct service_metrics m = ask_writer();
        struct text level[3] = {{0}};
        m.write_attempts = fields_unsigned(cases[i].attempts);
        m.write_errors = fields_unsigned(cases[i].errors);
        m.processing_time_ms = fields_number(cases[i].ms);
        ask_begin(ask, "1h", "");
        ask_service(ask, "writer", m);
        ask_answer(ask, &endpoint_stats);
        struct value_walk walk = value_walk(ask_at(ask, "alerts"));
        struct text key;
        struct value alert, rule, found;
        while (value_next(&walk, &key, &alert)) {
            assert_true(value_get(alert, TEXT("rule"), &rule));
            assert_true(value_get(alert, TEXT("level"), &found));
            level[text_equal(value_text(rule), TEXT("error_rate"))     ? 0
                  : text_equal(value_text(rule), TEXT("success_rate")) ? 1
                                                                       : 2] = value_text(found);
        }
        assert_true(text_equal(level[0], text_of(cases[i].level)));
        assert_true(text_equal(level[1], text_of(cases[i].success)));
        assert_true(text_equal(level[2], text_of(cases[i].slow)));
    }
}

/* What stands of other rules is shown beside; what stood of these figures' rules is not, unless the
 * figures say so again: then it is the one that was acknowledged. */
static void alerts_that_stand_are_shown_the_worst_first(void **state)
{
    struct ask *ask = *state;
    struct service_metrics m = ask_writer();
    m.processing_time_ms = fields_number(2000);
    stand(ask, "system", "device_silent", "kitchen", ALERT_WARNING, NOW - 60 * S, ALERT_FIRING);
    stand(ask, "system", "influxdb_away", "", ALERT_ERROR, NOW - 90 * S, ALERT_FIRING);
    stand(ask, "system", "error_rate", "", ALERT_ERROR, NOW - 50 * S, ALERT_FIRING);
    stand(ask, "writer", "processing_time", "", ALERT_WARNING, NOW - 30 * S, ALERT_ACKNOWLEDGED);
    stand(ask, "writer", "offline", "", ALERT_ERROR, NOW - 40 * S, ALERT_RESOLVED);
    ask_begin(ask, "1h", "");
    ask_service(ask, "writer", m);
    ask_answer(ask, &endpoint_stats_alerts);
    assert_number(ask, "count", 3);
    assert_text(ask, "alerts.0.rule", "influxdb_away");
    assert_text(ask, "alerts.1.rule", "processing_time");
    assert_text(ask, "alerts.1.state", "acknowledged");
    assert_text(ask, "alerts.1.timestamp", "2026-03-01T11:59:30Z");
    assert_number(ask, "alerts.1.value", 2000);
    assert_number(ask, "alerts.1.threshold", 1000);
    assert_text(ask, "alerts.2.rule", "device_silent");
    assert_text(ask, "alerts.2.subject", "kitchen");
    ask->request.level = TEXT("warning");
    ask_answer(ask, &endpoint_stats_alerts);
    assert_number(ask, "count", 2);
    ask_begin(ask, "1h", "writer");
    ask_service(ask, "writer", m);
    ask->request.level = TEXT("");
    ask_answer(ask, &endpoint_stats_alerts);
    assert_number(ask, "count", 1);
    assert_text(ask, "alerts.0.service", "writer");
    ask_answer(ask, &endpoint_stats);
    assert_int_equal(value_count(ask_at(ask, "alerts")), 1);
}

static void services_have_their_figures_and_alerts(void **state)
{
    struct ask *ask = *state;
    struct service_metrics m = ask_writer();
    m.processing_time_ms = fields_number(2000);
    ask_begin(ask, "6h", "");
    ask_service(ask, "writer", m);
    ask_service(ask, "query", (struct service_metrics){.time_ns = NOW});
    ask_answer(ask, &endpoint_stats_services);
    assert_number(ask, "services.writer.metrics.processing_time_ms", 2000);
    assert_text(ask, "services.writer.alerts.0.rule", "processing_time");
    assert_int_equal(value_count(ask_at(ask, "services.query.alerts")), 0);
}

static void metrics_are_single_numbers_with_units(void **state)
{
    struct ask *ask = *state;
    ask_begin(ask, "15m", "");
    ask_service(ask, "writer", ask_writer());
    ask_service(ask, "query",
                (struct service_metrics){.time_ns = NOW - 9 * S, .uptime_s = fields_number(60.5)});
    ask_answer(ask, &endpoint_stats_metrics);
    assert_int_equal(value_count(ask_at(ask, "metrics")), 9);
    assert_text(ask, "metrics.0.name", "uptime_s");
    assert_text(ask, "metrics.0.unit", "s");
    assert_number(ask, "metrics.0.value", 60.5);
    assert_text(ask, "metrics.0.timestamp", "2026-03-01T11:59:51Z");
    assert_text(ask, "metrics.0.tags.service", "query");
    assert_text(ask, "metrics.1.name", "events_processed");
    assert_null_at(ask, "metrics.1.unit");
    assert_int_equal(value_count(ask_at(ask, "missing")), 0);
    static const char *const units[][2] = {
        {"processing_time_ms", "ms"}, {"success_rate", "percent"}, {"journal_bytes", "bytes"}};
    for (size_t i = 0; i < 3; i++) {
        ask->request.metric_name = text_of(units[i][0]);
        ask_answer(ask, &endpoint_stats_metrics);
        assert_int_equal(value_count(ask_at(ask, "metrics")), 1);
        assert_text(ask, "metrics.0.unit", units[i][1]);
    }
    ask->request.metric_name = TEXT("");
    ask->request.limit = fields_unsigned(2);
    ask_answer(ask, &endpoint_stats_metrics);
    assert_int_equal(value_count(ask_at(ask, "metrics")), 2);
    assert_text(ask, "missing.0.reason", "7 more than the limit of 2");
}

static void an_unknown_metric_is_refused_with_the_nearest(void **state)
{
    struct ask *ask = *state;
    const struct endpoint *row = &endpoint_stats_metrics;
    static const struct {
        const char *name, *words;
    } cases[] = {{"procesing_time_ms", "\"processing_time_ms\""},
                 {"rejected_by_reason", "no service reports"},
                 {"service", "no service reports"},
                 {"'; DROP MEASUREMENT x --", "no service reports"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err_reason why = {""};
        ask->request.metric_name = text_of(cases[i].name);
        assert_int_equal(row->check(&ask->question, &why), ERR_INVALID);
        if (!strstr(why.text, cases[i].words))
            fail_msg("%s", why.text);
    }
    ask->request.metric_name = TEXT("journal_oldest_s");
    assert_int_equal(row->check(&ask->question, NULL), ERR_OK);
}

static void performance_comes_with_advice(void **state)
{
    struct ask *ask = *state;
    struct service_metrics bad = ask_writer(), edge = ask_writer();
    bad.processing_time_ms = fields_number(1200);
    bad.write_errors = fields_unsigned(200);
    edge.events_processed = fields_unsigned(36000); /* 10 a second, 95 %, 1000 ms: no advice */
    edge.write_attempts = fields_unsigned(100);
    edge.write_errors = fields_unsigned(5);
    edge.processing_time_ms = fields_number(1000);
    ask_begin(ask, "1h", "");
    figures_cover(&ask->figures, NOW - 3600 * S, NOW, NOW);
    ask_service(ask, "writer", bad);
    ask_service(ask, "edge", edge);
    ask_service(ask, "mute", (struct service_metrics){.time_ns = NOW});
    ask_answer(ask, &endpoint_stats_performance);
    assert_number(ask, "overall.total_requests", 43210);
    assert_number(ask, "overall.total_errors", 205);
    assert_number(ask, "overall.throughput", 12);
    assert_number(ask, "overall.success_rate", 93.18); /* 100 - 205 of 3004 */
    assert_number(ask, "overall.average_response_time", 1033.372);
    assert_number(ask, "services.writer.throughput", 2);
    assert_null_at(ask, "services.mute.total_requests");
    assert_null_at(ask, "services.mute.success_rate");
    assert_int_equal(value_count(ask_at(ask, "recommendations")), 3);
    assert_text(ask, "recommendations.0.type", "performance");
    assert_text(ask, "recommendations.0.message", "processing takes 1200 ms");
    assert_text(ask, "recommendations.1.type", "reliability");
    assert_text(ask, "recommendations.1.level", "warning");
    assert_text(ask, "recommendations.1.message", "success rate is 93.11 %");
    assert_text(ask, "recommendations.2.type", "capacity");
    assert_text(ask, "recommendations.2.level", "info");
    assert_text(ask, "recommendations.2.service", "writer");
}

static void trends_say_their_window(void **state)
{
    struct ask *ask = *state;
    ask_begin(ask, "24h", "");
    ask_answer(ask, &endpoint_stats_trends);
    assert_text(ask, "window", "1h");
    assert_int_equal(value_count(ask_at(ask, "trends")), 24);
}

static void the_sources_are_compared_figure_by_figure(void **state)
{
    struct ask *ask = *state;
    struct figures live = {0};
    struct buf members = {0};
    busy_hour(ask);
    assert_int_equal(
        figures_begin(&live, FIGURES_SERVICES_FALLBACK, &ask->question.period, TEXT("")), ERR_OK);
    live.events = fields_number(7142.0);
    struct service_metrics m = ask_writer();
    m.write_errors = fields_unsigned(6);
    figures_service(&live, TEXT("writer"))->sums = live.sums = tally_of(&m);
    figures_service(&live, TEXT("heat"));
    live.sums_whole = false;
    figures_cover(&live, NOW - 3000 * S, NOW, NOW);
    compare_write(&ask->question, &ask->figures, &live, &members);
    ask_read(ask, "answer_compare", buf_view(&members));
    assert_number(ask, "sources.influxdb.metrics.total_events", 7214);
    assert_number(ask, "sources.services-fallback.metrics.total_events", 7142);
    assert_number(ask, "sources.services-fallback.covers_s", 3000);
    assert_text(ask, "differences.0.figure", "total_events");
    assert_number(ask, "differences.0.difference", -72);
    assert_number(ask, "differences.0.percent", -1);
    assert_text(ask, "differences.2.figure", "total_writes");
    assert_number(ask, "differences.2.influxdb", 2904);
    assert_null_at(ask, "differences.2.services");
    assert_null_at(ask, "differences.2.difference");
    assert_null_at(ask, "differences.2.percent");
    assert_int_equal(value_count(ask_at(ask, "differences")), 5 + 3 * 3);
    assert_text(ask, "differences.13.figure", "services.heat.success_rate");
    assert_text(ask, "differences.8.figure", "services.writer.events_processed");
    assert_number(ask, "differences.8.percent", 0);
    buf_free(&members);
    figures_free(&live);
}

static void numbers_are_rounded_and_never_what_json_cannot_say(void **state)
{
    (void)state;
    static const struct {
        double value;
        unsigned decimals;
        const char *text;
    } cases[] = {{0.125, 2, "0.13"},
                 {1234567.0049, 2, "1234567"},
                 {12.50049, 3, "12.5"},
                 {-0.0, 2, "0"},
                 {1e300, 2, "1e+300"},
                 {1.0 / 0.0, 2, "null"},
                 {0.0 / 0.0, 0, "null"},
                 /* nothing becomes nothing, or all, that is not */
                 {0.0014, 2, "0.001"},
                 {99.998, 2, "99.998"},
                 {100, 2, "100"},
                 {0, 2, "0"},
                 {1e-300, 2, "0"},
                 {99.994, 2, "99.99"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = {0};
        figures_json_number(fields_number(cases[i].value), cases[i].decimals, &out);
        assert_string_equal(buf_cstr(&out), cases[i].text);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASK_TEST(stats_has_all_its_members),
        ASK_TEST(nothing_is_null_with_a_reason),
        ASK_TEST(a_sum_of_a_part_is_no_total),
        ASK_TEST(alerts_are_judged_on_this_answers_figures),
        ASK_TEST(alerts_that_stand_are_shown_the_worst_first),
        ASK_TEST(services_have_their_figures_and_alerts),
        ASK_TEST(metrics_are_single_numbers_with_units),
        ASK_TEST(an_unknown_metric_is_refused_with_the_nearest),
        ASK_TEST(performance_comes_with_advice),
        ASK_TEST(trends_say_their_window),
        ASK_TEST(the_sources_are_compared_figure_by_figure),
        cmocka_unit_test(numbers_are_rounded_and_never_what_json_cannot_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
