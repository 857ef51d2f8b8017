/* The older system had twelve defects (which its HTTP API's users know): each has a test, here or
 * where its part is. Those of counting, of asking and of hostile texts are held against a real
 * InfluxDB in tests/component/statistics/test_stored.c; lost batches (9) are what the writer's
 * journal is for: defect_9 in tests/component/writer/test_delivery.c. */
#include "ask.h"

static const struct endpoint *const all[] = {&endpoint_stats,         &endpoint_stats_services,
                                             &endpoint_stats_metrics, &endpoint_stats_performance,
                                             &endpoint_stats_alerts,  &endpoint_stats_trends,
                                             &endpoint_health};
enum { ALL = sizeof all / sizeof all[0] };

static void busy(struct ask *ask, const char *service)
{
    ask_begin(ask, "1h", service);
    ask_service(ask, "writer", ask_writer());
    if (!service[0])
        ask_service(
            ask, "heat",
            (struct service_metrics){.time_ns = NOW, .events_processed = fields_unsigned(9)});
    ask->figures.events = fields_number(7214);
    figures_cover(&ask->figures, NOW - 3600 * S, NOW, NOW);
    figures_end(&ask->figures);
}

/* A list of trends against a declared object: each answer was refused by its own schema, so that
 * only the fallback ever answered. ask_answer holds each answer against its schema. */
static void defect_1_an_answer_is_what_its_schema_says(void **state)
{
    struct ask *ask = *state;
    for (size_t i = 0; i < ALL; i++) {
        busy(ask, "");
        ask_answer(ask, all[i]);
        ask_begin(ask, "1h", ""); /* and with nothing in it */
        figures_end(&ask->figures);
        ask_answer(ask, all[i]);
    }
    busy(ask, "");
    ask_answer(ask, &endpoint_stats);
    assert_int_equal(value_kind(ask_at(ask, "trends")), VALUE_ARRAY);
}

/* Every field of every point was counted. */
static void defect_2_counts_are_of_messages(void **state)
{
    (void)state;
    struct gather_plan plan = {0};
    struct period period;
    assert_int_equal(period_make(TEXT("24h"), TEXT(""), 0, NOW, &period, NULL), ERR_OK);
    stored_plan(&period, TEXT(""), STORED_LAST_TIME, &plan);
    for (unsigned i = 0; i < plan.count; i++)
        assert_null(strstr(buf_cstr(&plan.statements[i]), "count("));
    gather_plan_free(&plan);
}

/* Nothing wrote the services' figures, and what was missing read as 100 % and no errors. */
static void defect_3_what_is_missing_is_not_perfect(void **state)
{
    struct ask *ask = *state;
    ask_begin(ask, "1h", "");
    ask_service(ask, "mute", (struct service_metrics){.time_ns = NOW});
    figures_end(&ask->figures);
    ask_answer(ask, &endpoint_stats);
    assert_null_at(ask, "metrics.error_rate_percent");
    assert_null_at(ask, "metrics.services.mute.success_rate");
    assert_null_at(ask, "metrics.services.mute.events_processed");
    assert_int_equal(value_count(ask_at(ask, "alerts")), 0);
    ask_answer(ask, &endpoint_stats_performance);
    assert_null_at(ask, "overall.success_rate");
    assert_null_at(ask, "services.mute.total_errors");
}

/* Of all services at once each had 0, 0 and 100; and all fields were mixed in one mean of means. */
static void defect_4_all_services_have_figures_of_their_own(void **state)
{
    struct ask *ask = *state;
    struct service_metrics slow = {.time_ns = NOW,
                                   .events_processed = fields_unsigned(1),
                                   .processing_time_ms = fields_number(900)};
    ask_begin(ask, "1h", "");
    ask_service(ask, "writer", ask_writer());
    ask_service(ask, "slow", slow);
    ask_answer(ask, &endpoint_stats);
    assert_number(ask, "metrics.services.writer.events_processed", 7210);
    assert_number(ask, "metrics.services.writer.processing_time_ms", 12.5);
    assert_number(ask, "metrics.services.slow.processing_time_ms", 900);
    ask_answer(ask, &endpoint_stats_performance); /* (7210 x 12.50049 + 900) / 7211 */
    assert_number(ask, "overall.average_response_time", 12.624);
}

/* The rule read a field that the form for all services did not have. */
static void defect_5_the_slow_alert_fires_in_both_forms(void **state)
{
    struct ask *ask = *state;
    static const char *const services[] = {"", "writer"};
    struct service_metrics slow = ask_writer();
    slow.processing_time_ms = fields_number(1000.001);
    for (size_t i = 0; i < 2; i++) {
        ask_begin(ask, "1h", services[i]);
        ask_service(ask, "writer", slow);
        ask_answer(ask, &endpoint_stats);
        assert_number(ask, "metrics.services.writer.processing_time_ms", 1000.001);
        assert_text(ask, "alerts.0.rule", "processing_time");
        assert_text(ask, "alerts.0.service", "writer");
    }
}

/* Period and service went into the query as they came. */
static void defect_6_no_text_of_a_request_is_pasted(void **state)
{
    (void)state;
    struct gather_plan plan = {0};
    struct period period;
    assert_int_equal(period_make(TEXT("1h) |> drop()"), TEXT(""), 0, NOW, &period, NULL),
                     ERR_INVALID);
    assert_int_equal(period_make(TEXT("90m"), TEXT(""), 0, NOW, &period, NULL), ERR_OK);
    assert_int_equal(period.length_s, 5400); /* and any other span is what it says, not 1 h */
    stored_plan(&period, TEXT("x' OR ''='"), STORED_LAST_ROW, &plan);
    for (unsigned i = 0; i + 1 < plan.count; i++) /* the last one is of no service */
        assert_non_null(strstr(buf_cstr(&plan.statements[i]), "service = 'x\\' OR \\'\\'=\\''"));
    gather_plan_free(&plan);
}

/* An unknown service got everything, and an error got zeros. */
static void defect_7_unknown_is_refused_and_a_failure_is_not_zero(void **state)
{
    struct ask *ask = *state;
    struct gather_result at[6] = {{0}};
    struct gather_results results = {.at = at, .count = 6};
    struct figures figures = {0};
    struct err_reason why = {""};
    ask_begin(ask, "1h", "nobody");
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(table_read(TEXT("{\"results\":[{}]}"), &at[i].table, NULL), ERR_OK);
    assert_int_equal(stored_figures(&results, 0, &ask->question.period, TEXT("nobody"), ask->live,
                                    NOW, &figures, &why),
                     ERR_NOT_FOUND);
    at[2].outcome = ERR_IO;
    assert_int_equal(stored_figures(&results, 0, &ask->question.period, TEXT("nobody"), ask->live,
                                    NOW, &figures, &why),
                     ERR_IO);
    for (unsigned i = 0; i < 6; i++)
        table_free(at[i].table);
    assert_null(figures.windows);
}

/* A health that was always well stood before the real one. */
static void defect_8_health_is_not_well_by_itself(void **state)
{
    struct ask *ask = *state;
    ask->world.store = (struct endpoint_store){.enabled = true};
    ask->world.broker_latency_ms = -1;
    ask_begin(ask, "5m", "");
    ask_answer(ask, &endpoint_health);
    assert_text(ask, "status", "unknown");
    for (int i = 0; i < 3; i++) {
        char path[40];
        snprintf(path, sizeof path, "dependencies.%d.status", i);
        assert_text(ask, path, "unknown");
    }
}

/* A schema that could not be read at all, as its file named what it did not bring. */
static void defect_10_each_schema_can_be_read(void **state)
{
    (void)state;
    struct json_schema_reason why;
    const struct endpoint *endpoint;
    for (unsigned i = 0; (endpoint = endpoint_at(i)) != NULL; i++) {
        assert_false(json_schema_holds(endpoint->schema, TEXT("{}"), &why));
        if (!strstr(why.text, "required"))
            fail_msg("%s: %s", endpoint->schema, why.text);
        if (!json_schema_holds(endpoint->request->name, TEXT("{}"), &why) &&
            !strstr(why.text, "required"))
            fail_msg("%s: %s", endpoint->request->name, why.text);
    }
}

/* Times of the local clock without a zone. */
static void defect_11_each_time_is_utc(void **state)
{
    struct ask *ask = *state;
    struct alert away = {.service = "system",
                         .rule = "influxdb_away",
                         .state = ALERT_FIRING,
                         .level = ALERT_ERROR,
                         .time_ns = NOW - S,
                         .since_ns = NOW - 2 * S};
    assert_int_equal(alerts_restore(ask->alerts, &away), ERR_OK);
    for (size_t i = 0; i < ALL; i++) {
        busy(ask, "");
        ask_answer(ask, all[i]);
        /* whatever looks like a time (a T between two digits) ends in Z */
        const char *text = buf_cstr(&ask->answer);
        for (const char *t = text; (t = strchr(t + 1, 'T')) != NULL;)
            if (t[-1] >= '0' && t[-1] <= '9' && t[1] >= '0' && t[1] <= '9')
                assert_int_equal(t[strcspn(t, "\"") - 1], 'Z');
    }
}

/* A list that was always empty, because asking for it failed. */
static void defect_12_who_is_known_is_listed(void **state)
{
    struct ask *ask = *state;
    struct status online = {.state = STATUS_ONLINE, .since_ns = NOW};
    struct figures figures = {0};
    assert_int_equal(live_status(ask->live, TEXT("writer"), &online), ERR_OK);
    ask_begin(ask, "1h", "");
    assert_int_equal(live_figures(ask->live, &ask->question.period, TEXT(""), NOW, &figures),
                     ERR_OK);
    figures_free(&ask->figures);
    ask->figures = figures;
    ask_answer(ask, &endpoint_stats);
    assert_text(ask, "source", "services-fallback");
    assert_text(ask, "metrics.services.writer.state", "online");
    assert_null_at(ask, "metrics.services.writer.events_processed");
    assert_true(value_count(ask_at(ask, "missing")) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASK_TEST(defect_1_an_answer_is_what_its_schema_says),
        ASK_TEST(defect_2_counts_are_of_messages),
        ASK_TEST(defect_3_what_is_missing_is_not_perfect),
        ASK_TEST(defect_4_all_services_have_figures_of_their_own),
        ASK_TEST(defect_5_the_slow_alert_fires_in_both_forms),
        ASK_TEST(defect_6_no_text_of_a_request_is_pasted),
        ASK_TEST(defect_7_unknown_is_refused_and_a_failure_is_not_zero),
        ASK_TEST(defect_8_health_is_not_well_by_itself),
        ASK_TEST(defect_10_each_schema_can_be_read),
        ASK_TEST(defect_11_each_time_is_utc),
        ASK_TEST(defect_12_who_is_known_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
