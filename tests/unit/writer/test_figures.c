/* One moment in its four forms: metrics, message, live message, health. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/value.h"
#include "writer/figures.h"

static struct figures some_figures(void)
{
    struct figures f = {.state = STATUS_ONLINE,
                        .reason = "",
                        .broker_up = true,
                        .influxdb_enabled = true,
                        .now_ns = 1792000010000000000,
                        .started_ns = 1791999910000000000};
    f.delivery.server_version = "1.8.10";
    f.delivery.store.up = true;
    f.delivery.store.attempts = 50;
    f.delivery.store.errors = 2;
    f.delivery.messages_done = 1000;
    f.delivery.lines_done = 3000;
    f.delivery.processing_sum_s = 10;
    f.delivery.cursor_number = 1101;
    f.delivery.counts.rejected[REJECT_NOT_JSON] = 3;
    f.delivery.counts.points_refused[REJECT_BAD_VALUE] = 4;
    f.delivery.ledger = (struct ledger){.received = 1100,
                                        .decoded = 1000,
                                        .repeated = 40,
                                        .ignored = 50,
                                        .rejected = 3,
                                        .pending = 7,
                                        .points_made = 3016,
                                        .points_stored = 3000,
                                        .points_rejected = 6,
                                        .points_pending = 10};
    f.journal = (struct journal_figures){.next_number = 1111,
                                         .undelivered_bytes = 4096,
                                         .max_bytes = 1 << 30,
                                         .oldest_undelivered_ns = f.now_ns - 2500000000};
    f.intake.connections = 2;
    f.rejects_lost = 9;
    f.delivery.series = 412;
    f.series_refused_s = -1;
    return f;
}

/* --- metrics ------------------------------------------------------------------ */

static void assert_line(const struct buf *text, const char *line)
{
    char whole[200];
    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (!memmem(text->data, text->len, whole, strlen(whole)))
        fail_msg("no line \"%s\"", line);
}

static void metrics_show_every_side_of_the_ledger(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new();
    struct figures_metrics *m = figures_metrics_new(metrics);
    struct figures f = some_figures();
    struct buf text = {0};
    figures_metrics_set(m, &f);
    metrics_write(metrics, &text);
    static const char *const lines[] = {
        "# TYPE hearthline_messages_received_total counter",
        "hearthline_messages_received_total 1100",
        "hearthline_messages_decoded_total 1000",
        "hearthline_messages_repeated_total 40",
        "hearthline_messages_ignored_total 50",
        "hearthline_messages_rejected_total{reason=\"not_json\"} 3",
        "hearthline_messages_rejected_total{reason=\"empty\"} 0",
        "hearthline_messages_dropped_total 0",
        "# TYPE hearthline_messages_pending gauge",
        "hearthline_messages_pending 7",
        "hearthline_points_made_total 3016",
        "hearthline_points_stored_total 3000",
        "hearthline_points_rejected_total{reason=\"bad_value\"} 4",
        "hearthline_points_rejected_total{reason=\"server\"} 2",
        "hearthline_points_pending 10",
        "hearthline_rejects_lost_total 9",
        "hearthline_series 412",
        "hearthline_ledger_difference 0",
        "hearthline_write_attempts_total 50",
        "hearthline_write_errors_total 2",
        "hearthline_journal_next_record 1111",
        "hearthline_journal_cursor_record 1101",
        "hearthline_journal_lag_seconds 2.5",
        "hearthline_influxdb_up 1",
        "hearthline_broker_up 1",
        "hearthline_holding 0",
        "hearthline_broker_connections_total 2",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_line(&text, lines[i]);

    f.delivery.ledger.difference = -5;
    f.state = STATUS_HOLDING;
    f.delivery.cursor_number = 0; /* nothing was ever delivered: the first record is due */
    f.journal.oldest_undelivered_ns = f.now_ns + 1; /* a clock that stepped back */
    figures_metrics_set(m, &f);
    buf_reset(&text);
    metrics_write(metrics, &text);
    assert_line(&text, "hearthline_ledger_difference -5");
    assert_line(&text, "hearthline_holding 1");
    assert_line(&text, "hearthline_journal_cursor_record 1");
    assert_line(&text, "hearthline_journal_lag_seconds 0");
    buf_free(&text);
    figures_metrics_free(m);
    metrics_free(metrics);
}

/* --- the message -------------------------------------------------------------- */

static void the_message_tells_of_the_interval(void **state)
{
    (void)state;
    struct figures before = some_figures(), now = before;
    struct store_latency latency = {.count = 4, .sum_ms = 100, .max_ms = 60};
    struct service_metrics m;
    for (size_t i = 0; i < STORE_LATENCY_BOUNDS; i++)
        latency.at_most[i] = i < 4 ? i : 4;
    now.now_ns += 10000000000;
    now.delivery.messages_done += 200;
    now.delivery.processing_sum_s += 5;
    now.delivery.lines_done += 600;
    now.delivery.store.attempts += 8;
    now.delivery.store.errors += 2;
    figures_message(&before, &now, &latency, "0123", &m);
    assert_string_equal(m.service, "writer");
    assert_string_equal(m.instance, "0123");
    assert_int_equal(m.state, STATUS_ONLINE);
    assert_true(m.time_ns == now.now_ns);
    assert_true(m.interval_s.value == 10 && m.uptime_s.value == 110);
    assert_int_equal(m.events_processed.value, 200);
    assert_int_equal(m.events_total.value, 1100);
    assert_int_equal(m.write_attempts.value, 8);
    assert_int_equal(m.write_errors.value, 2);
    assert_int_equal(m.lines_written.value, 600);
    assert_true(m.processing_time_ms.present && m.processing_time_ms.value == 25);
    assert_true(m.success_rate.present && m.success_rate.value == 75);
    assert_true(m.write_latency_mean_ms.value == 25 && m.write_latency_max_ms.value == 60);
    for (size_t i = 0; i < SERVICE_METRICS_BOUNDS; i++)
        assert_int_equal(m.write_latency_le_ms[i].value, i < 4 ? i : 4);
    assert_int_equal(m.received.value, 1100);
    assert_int_equal(m.points_pending.value, 10);
    assert_string_equal(m.rejected_by_reason[0].name, "not_json");
    assert_int_equal(m.rejected_by_reason[0].count, 3);
    assert_string_equal(m.rejected_by_reason[1].name, "");
    assert_string_equal(m.points_rejected_by_reason[0].name, "bad_value");
    assert_string_equal(m.points_rejected_by_reason[1].name, "server");
    assert_int_equal(m.points_rejected_by_reason[1].count, 2);
    assert_string_equal(m.points_dropped_by_reason[0].name, "");
    assert_int_equal(m.rejects_lost.value, 9);
    assert_int_equal(m.series.value, 412);
    assert_false(m.series_refused_s.present);
    now.series_refused_s = 2.5;
    now.series_refused_source = "guests";
    figures_message(&before, &now, &latency, "0123", &m);
    assert_true(m.series_refused_s.present && m.series_refused_s.value == 2.5);
    assert_string_equal(m.series_refused_source, "guests");
    assert_int_equal(m.journal_bytes.value, 4096);
    assert_true(m.journal_oldest_s.value == 12.5);
    now.delivery.ledger.points_dropped = 11;
    figures_message(&before, &now, &latency, "0123", &m);
    assert_string_equal(m.points_dropped_by_reason[0].name, "journal_full");
    assert_int_equal(m.points_dropped_by_reason[0].count, 11);
}

/* No figure is invented: a mean of nothing and a rate of no attempts are absent. */
static void what_was_not_measured_is_absent(void **state)
{
    (void)state;
    struct figures before = some_figures(), now = before;
    struct store_latency none = {0};
    struct service_metrics m;
    struct buf json = {0};
    now.now_ns += 10000000000;
    figures_message(&before, &now, &none, "0123", &m);
    assert_false(m.processing_time_ms.present);
    assert_false(m.success_rate.present);
    assert_false(m.write_latency_mean_ms.present);
    assert_false(m.write_latency_max_ms.present);
    assert_true(m.events_processed.present && m.events_processed.value == 0);
    service_metrics_encode(&m, &json);
    assert_non_null(strstr(buf_cstr(&json), "\"success_rate\":null"));
    buf_free(&json);
    /* More errors than attempts (the question for the version fails too): never below 0 %. */
    now.delivery.store.attempts += 1;
    now.delivery.store.errors += 3;
    figures_message(&before, &now, &none, "0123", &m);
    assert_true(m.success_rate.present && m.success_rate.value == 0);
}

/* --- health ------------------------------------------------------------------- */

static struct figures with(void (*change)(struct figures *f))
{
    struct figures f = some_figures();
    change(&f);
    return f;
}

static void nothing(struct figures *f)
{
    (void)f;
}

static void broker_down(struct figures *f)
{
    f->broker_up = false;
}

static void influxdb_down(struct figures *f)
{
    f->delivery.store.up = false;
    snprintf(f->delivery.store.trouble, sizeof f->delivery.store.trouble, "said \"no\"");
}

static void influxdb_disabled(struct figures *f)
{
    f->influxdb_enabled = false;
    f->delivery.store.up = false;
}

static void messages_missing(struct figures *f)
{
    f->delivery.ledger.difference = 1;
}

static void points_missing(struct figures *f)
{
    f->delivery.ledger.points_difference = -1;
}

static void holding(struct figures *f)
{
    f->state = STATUS_HOLDING;
    f->reason = "the journal is full";
}

static void health_is_well_only_when_all_is(void **state)
{
    (void)state;
    static const struct {
        void (*change)(struct figures *f);
        bool well;
        const char *holds;
    } cases[] = {
        {nothing, true, "\"broker\":\"up\",\"influxdb\":\"up\",\"influxdb_version\":\"1.8.10\""},
        {broker_down, false, "\"broker\":\"down\""},
        {influxdb_down, false, "\"influxdb_reason\":\"said \\\"no\\\"\""},
        {influxdb_disabled, true, "\"influxdb\":\"disabled\""},
        {messages_missing, false, "\"ledger_difference\":1,"},
        {points_missing, false, "\"ledger_points_difference\":-1"},
        {holding, false, "\"state\":\"holding\",\"reason\":\"the journal is full\""},
    };
    struct value_document *document = value_document_new();
    struct buf json = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct figures f = with(cases[i].change);
        struct value root, status;
        buf_reset(&json);
        assert_true(figures_health(&f, &json) == cases[i].well);
        assert_non_null(strstr(buf_cstr(&json), cases[i].holds));
        assert_int_equal(value_parse(document, VALUE_JSON, buf_view(&json), &root, NULL), ERR_OK);
        assert_true(value_get(root, TEXT("status"), &status));
        assert_true(text_equal(value_text(status), cases[i].well ? TEXT("ok") : TEXT("degraded")));
        assert_true(value_get(root, TEXT("pending_messages"), &status));
        assert_int_equal(value_integer(status), 7);
    }
    buf_free(&json);
    value_document_free(document);
}

static void the_live_message_tells_the_moment(void **state)
{
    (void)state;
    struct figures f = some_figures();
    struct live_message live;
    f.delivery.store.last_write_ms = 12.5;
    figures_live(&f, "0123", &live);
    assert_string_equal(live.service, "writer");
    assert_string_equal(live.instance, "0123");
    assert_int_equal(live.time_ns, f.now_ns);
    assert_int_equal(live.events_total.value, 1100);
    assert_int_equal(live.pending.value, 7);
    assert_int_equal(live.points_stored.value, 3000);
    assert_int_equal(live.write_attempts_total.value, 50);
    assert_int_equal(live.write_errors_total.value, 2);
    assert_true(live.last_write_ms.value == 12.5);
    assert_true(live.journal_oldest_s.value == 2.5);
    assert_true(live.ledger_difference.present && live.ledger_difference.value == 0);
    assert_int_equal(live.source, LIVE_SOURCE_UNSAID);
    f.delivery.store.last_write_ms = -1;
    f.delivery.ledger.points_difference = -3;
    figures_live(&f, "0123", &live);
    assert_false(live.last_write_ms.present);
    assert_true(live.ledger_difference.value == -3);
}

static void the_live_message_has_a_word_for_influxdb(void **state)
{
    (void)state;
    static const struct {
        bool enabled, up, fault;
        const char *trouble;
        enum live_influxdb word;
    } cases[] = {
        {true, true, false, "", LIVE_INFLUXDB_ANSWERING},
        {true, false, false, "refused", LIVE_INFLUXDB_AWAY},
        {true, false, true, "401", LIVE_INFLUXDB_FAULT},
        {true, false, false, "", LIVE_INFLUXDB_UNSAID},
        {false, false, false, "", LIVE_INFLUXDB_OFF},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct figures f = some_figures();
        struct live_message live;
        f.influxdb_enabled = cases[i].enabled;
        f.delivery.store.up = cases[i].up;
        f.delivery.store.fault = cases[i].fault;
        f.delivery.store.trouble_since_ns = cases[i].trouble[0] ? f.now_ns : 0;
        snprintf(f.delivery.store.trouble, sizeof f.delivery.store.trouble, "%s", cases[i].trouble);
        figures_live(&f, "0123", &live);
        assert_int_equal(live.influxdb, cases[i].word);
        assert_string_equal(live.influxdb_reason, cases[i].trouble);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_show_every_side_of_the_ledger),
        cmocka_unit_test(the_message_tells_of_the_interval),
        cmocka_unit_test(what_was_not_measured_is_absent),
        cmocka_unit_test(health_is_well_only_when_all_is),
        cmocka_unit_test(the_live_message_tells_the_moment),
        cmocka_unit_test(the_live_message_has_a_word_for_influxdb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
