#include "findings.h"

static struct findings found;

static struct tally tally_with(double attempts, double errors, double processing_ms)
{
    struct tally tally = {.write_attempts = fields_number(attempts),
                          .write_errors = fields_number(errors),
                          .processing_ms_weighted = processing_ms * 10,
                          .processing_weight = 10};
    tally_rate(&tally);
    return tally;
}

/* The verdicts at and beside each threshold and each clear limit. */
static void thresholds_are_strict(void **state)
{
    static const struct {
        const char *rule;
        double value; /* error rate, success rate or ms */
        enum verdict verdict;
        enum alert_level level, keeps;
        const char *message;
    } table[] = {
        {"error_rate", 0, VERDICT_CLEAR, 0, 0, ""},
        {"error_rate", 1.8, VERDICT_CLEAR, 0, 0, ""},
        {"error_rate", 1.9, VERDICT_BETWEEN, 0, ALERT_WARNING, ""},
        {"error_rate", 2, VERDICT_BETWEEN, 0, ALERT_WARNING, ""},
        {"error_rate", 2.1, VERDICT_FIRING, ALERT_WARNING, ALERT_WARNING,
         "Elevated error rate: 2.1 % of writes failed"},
        {"error_rate", 4.5, VERDICT_FIRING, ALERT_WARNING, ALERT_WARNING,
         "Elevated error rate: 4.5 % of writes failed"},
        {"error_rate", 5, VERDICT_FIRING, ALERT_WARNING, ALERT_ERROR,
         "Elevated error rate: 5 % of writes failed"},
        {"error_rate", 5.02, VERDICT_FIRING, ALERT_ERROR, ALERT_ERROR,
         "High error rate: 5.02 % of writes failed"},
        {"error_rate", 6.2, VERDICT_FIRING, ALERT_ERROR, ALERT_ERROR,
         "High error rate: 6.2 % of writes failed"},
        {"error_rate", 100, VERDICT_FIRING, ALERT_ERROR, ALERT_ERROR,
         "High error rate: 100 % of writes failed"},
        {"success_rate", 100, VERDICT_CLEAR, 0, 0, ""},
        {"success_rate", 95.5, VERDICT_CLEAR, 0, 0, ""},
        {"success_rate", 95.4, VERDICT_BETWEEN, 0, ALERT_WARNING, ""},
        {"success_rate", 95, VERDICT_BETWEEN, 0, ALERT_WARNING, ""},
        {"success_rate", 94.9, VERDICT_FIRING, ALERT_WARNING, ALERT_WARNING,
         "Low success rate: 94.9 %"},
        {"success_rate", 93.1, VERDICT_FIRING, ALERT_WARNING, ALERT_WARNING,
         "Low success rate: 93.1 %"},
        {"success_rate", 91, VERDICT_FIRING, ALERT_WARNING, ALERT_WARNING,
         "Low success rate: 91 %"},
        {"success_rate", 90, VERDICT_FIRING, ALERT_WARNING, ALERT_ERROR, "Low success rate: 90 %"},
        {"success_rate", 89.9, VERDICT_FIRING, ALERT_ERROR, ALERT_ERROR,
         "Critical: Low success rate: 89.9 %"},
        {"success_rate", 0, VERDICT_FIRING, ALERT_ERROR, ALERT_ERROR,
         "Critical: Low success rate: 0 %"},
        {"processing_time", 900, VERDICT_CLEAR, 0, 0, ""},
        {"processing_time", 901, VERDICT_BETWEEN, 0, ALERT_WARNING, ""},
        {"processing_time", 1000, VERDICT_BETWEEN, 0, ALERT_WARNING, ""},
        {"processing_time", 1000.2, VERDICT_FIRING, ALERT_WARNING, ALERT_WARNING,
         "Slow processing: 1000.2 ms"},
        {"processing_time", 1500, VERDICT_FIRING, ALERT_WARNING, ALERT_WARNING,
         "Slow processing: 1500 ms"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        double value = table[i].value;
        bool rate = strcmp(table[i].rule, "success_rate") == 0;
        static struct figures figures;
        figures = (struct figures){.services_count = 1};
        figures.sums = tally_with(10000, strcmp(table[i].rule, "error_rate") ? 0 : value * 100, 1);
        figures.services[0].sums = tally_with(10000, rate ? 10000 - value * 100 : 0,
                                              strcmp(table[i].rule, "processing_time") ? 1 : value);
        strcpy(figures.services[0].name, "writer");
        struct live *live = live_new();
        struct rules_sink sink = findings_sink(&found);
        rules_figures(&figures, live, &sink);
        const struct found *one = findings_of(&found, table[i].rule, NULL, "");
        assert_non_null(one);
        assert_string_equal(one->service,
                            strcmp(table[i].rule, "error_rate") ? "writer" : "system");
        if (one->finding.verdict != table[i].verdict)
            fail_msg("%s of %g gives verdict %d", table[i].rule, value, one->finding.verdict);
        assert_int_equal(one->finding.level, table[i].level);
        assert_int_equal(one->finding.keeps, table[i].keeps);
        assert_string_equal(one->message, table[i].message);
        assert_true(one->finding.value.present);
        live_free(live);
    }
}

static void what_was_not_measured_is_unknown(void **state)
{
    (void)state;
    static struct figures figures;
    struct rules_sink sink = findings_sink(&found);
    struct live *live = live_new();
    struct status online = {.service = "heard", .state = STATUS_ONLINE, .since_ns = NOW};
    assert_int_equal(live_status(live, TEXT("heard"), &online), ERR_OK);
    figures = (struct figures){.services_count = 2};
    strcpy(figures.services[0].name, "idle");
    strcpy(figures.services[1].name, "busy");
    figures.services[1].sums = tally_with(100, 0, 5);
    figures.services[0].sums.write_attempts = fields_number(0);
    figures.services[0].sums.write_errors = fields_number(0);
    rules_figures(&figures, live, &sink);
    assert_int_equal(findings_of(&found, "error_rate", NULL, NULL)->finding.verdict,
                     VERDICT_UNKNOWN);
    const char *const rules[] = {"success_rate", "processing_time"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(findings_of(&found, rules[i], "idle", "")->finding.verdict,
                         VERDICT_UNKNOWN);
        assert_int_equal(findings_of(&found, rules[i], "busy", "")->finding.verdict, VERDICT_CLEAR);
        assert_int_equal(findings_of(&found, rules[i], "heard", "")->finding.verdict,
                         VERDICT_UNKNOWN);
        assert_int_equal(findings_gone_after_s(&found, rules[i]), RULES_GONE_S);
    }
    /* No figures at all: nobody is gone. */
    sink = findings_sink(&found);
    rules_figures(NULL, live, &sink);
    assert_int_equal(found.count, 3);
    for (unsigned i = 0; i < found.count; i++)
        assert_int_equal(found.at[i].finding.verdict, VERDICT_UNKNOWN);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(findings_gone_after_s(&found, rules[i]), ALERTS_NEVER_GONE);
    live_free(live);
}

static const struct settings_query_alerts settings = {.journal_oldest_s = 300,
                                                      .offline_after_s = 30};

/* What one service said, and what the rules make of it. */
struct said {
    const char *name;
    enum status_state status; /* STATUS_UNSAID: none */
    int64_t status_age_s;
    const char *reason;
    int64_t metrics_age_s; /* negative: none */
    int64_t heard_age_s;   /* by our clock; 0: only what was retained */
    struct service_metrics metrics;
};

static void judge(const struct said *said)
{
    struct live *live = live_new();
    if (said->status != STATUS_UNSAID) {
        struct status status = {.state = said->status, .since_ns = NOW - said->status_age_s * S};
        snprintf(status.service, sizeof status.service, "w");
        snprintf(status.instance, sizeof status.instance, "i");
        snprintf(status.reason, sizeof status.reason, "%s", said->reason ? said->reason : "");
        assert_int_equal(live_status(live, TEXT("w"), &status), ERR_OK);
    }
    if (said->metrics_age_s >= 0) {
        struct service_metrics metrics = said->metrics;
        snprintf(metrics.service, sizeof metrics.service, "w");
        metrics.time_ns = NOW - said->metrics_age_s * S;
        assert_int_equal(live_metrics(live, TEXT("w"), &metrics), ERR_OK);
    }
    if (said->heard_age_s > 0)
        live_heard(live, TEXT("w"), NOW - said->heard_age_s * S);
    struct rules_sink sink = findings_sink(&found);
    rules_services(live, &settings, NOW, &sink);
    live_free(live);
}

static void offline(void **state)
{
    static const struct {
        struct said said;
        enum verdict verdict;
        const char *message;
        int64_t since_s;
    } table[] = {
        {{"online", STATUS_ONLINE, 900, NULL, .metrics_age_s = 5}, VERDICT_CLEAR, "", 0},
        {{"holding is at work", STATUS_HOLDING, 900, "journal full", .metrics_age_s = 5},
         VERDICT_CLEAR,
         "",
         0},
        {{"dead", STATUS_OFFLINE, 900, "connection lost", .metrics_age_s = 40},
         VERDICT_FIRING,
         "Service w is offline: connection lost",
         40},
        {{"stopped", STATUS_OFFLINE, 3, "stopped", .metrics_age_s = 10},
         VERDICT_FIRING,
         "Service w is offline: stopped",
         3},
        {{"known from before", STATUS_OFFLINE, 86400, "", .metrics_age_s = -1},
         VERDICT_FIRING,
         "Service w is offline",
         86400},
        {{"at the limit", STATUS_ONLINE, 900, NULL, .metrics_age_s = 30}, VERDICT_CLEAR, "", 0},
        {{"stale", STATUS_ONLINE, 900, NULL, .metrics_age_s = 31},
         VERDICT_FIRING,
         "Service w has said nothing for 31 s",
         31},
        {{"stale long", STATUS_HOLDING, 9000, NULL, .metrics_age_s = 1500},
         VERDICT_FIRING,
         "Service w has said nothing for 25 min",
         1500},
        {{"stale without a status", STATUS_UNSAID, 0, NULL, .metrics_age_s = 7200},
         VERDICT_FIRING,
         "Service w has said nothing for 2 h",
         7200},
        {{"just started again", STATUS_ONLINE, 5, NULL, .metrics_age_s = 4000},
         VERDICT_CLEAR,
         "",
         0},
        {{"no metrics ever", STATUS_ONLINE, 900, NULL, .metrics_age_s = -1}, VERDICT_CLEAR, "", 0},
        {{"metrics alone", STATUS_UNSAID, 0, NULL, .metrics_age_s = 3}, VERDICT_CLEAR, "", 0},
        {{"its clock is behind", STATUS_ONLINE, 900, NULL, .metrics_age_s = 600, .heard_age_s = 5},
         VERDICT_CLEAR,
         "",
         0},
        {{"its clock is ahead", STATUS_ONLINE, -3600, NULL, .metrics_age_s = 0, .heard_age_s = 40},
         VERDICT_FIRING,
         "Service w has said nothing for 40 s",
         40},
        {{"stopped, heard", STATUS_OFFLINE, 3, "stopped", .metrics_age_s = 10, .heard_age_s = 10},
         VERDICT_FIRING,
         "Service w is offline: stopped",
         3},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        judge(&table[i].said);
        const struct found *one = findings_of(&found, "offline", "w", "");
        assert_non_null(one);
        if (one->finding.verdict != table[i].verdict)
            fail_msg("%s: verdict %d", table[i].said.name, one->finding.verdict);
        assert_string_equal(one->message, table[i].message);
        if (table[i].verdict == VERDICT_FIRING) {
            assert_int_equal(one->finding.level, ALERT_ERROR);
            assert_int_equal(one->finding.since_ns, NOW - table[i].since_s * S);
        }
    }
    struct live *nobody = live_new();
    struct rules_sink sink = findings_sink(&found);
    rules_services(nobody, &settings, NOW, &sink);
    assert_int_equal(found.count, 0); /* who was never heard of */
    assert_int_equal(findings_gone_after_s(&found, "offline"), RULES_GONE_S);
    live_free(nobody);
}

static void journal_lag(void **state)
{
    static const struct {
        struct said said;
        int verdict; /* -1: no finding */
        const char *message;
    } table[] = {
        {{"no journal", STATUS_ONLINE, 900, NULL, .metrics_age_s = 5}, -1, ""},
        {{"fine", STATUS_ONLINE, 900, NULL, 5, 0, {.journal_oldest_s = {0, true}}},
         VERDICT_CLEAR,
         ""},
        {{"near", STATUS_ONLINE, 900, NULL, 5, 0, {.journal_oldest_s = {270, true}}},
         VERDICT_CLEAR,
         ""},
        {{"between", STATUS_ONLINE, 900, NULL, 5, 0, {.journal_oldest_s = {280, true}}},
         VERDICT_BETWEEN,
         ""},
        {{"at", STATUS_ONLINE, 900, NULL, 5, 0, {.journal_oldest_s = {300, true}}},
         VERDICT_BETWEEN,
         ""},
        {{"beyond", STATUS_ONLINE, 900, NULL, 5, 0, {.journal_oldest_s = {301, true}}},
         VERDICT_FIRING,
         "The oldest undelivered message of the journal waits for 5 min"},
        {{"not told", STATUS_ONLINE, 900, NULL, 5, 0, {.journal_bytes = {5, true}}},
         VERDICT_UNKNOWN,
         ""},
        {{"old", STATUS_ONLINE, 900, NULL, 31, 0, {.journal_oldest_s = {301, true}}},
         VERDICT_UNKNOWN,
         ""},
        {{"off", STATUS_OFFLINE, 9, NULL, 5, 0, {.journal_oldest_s = {301, true}}},
         VERDICT_UNKNOWN,
         ""},
        {{"no metrics", STATUS_ONLINE, 9, NULL, .metrics_age_s = -1}, VERDICT_UNKNOWN, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        judge(&table[i].said);
        const struct found *one = findings_of(&found, "journal_lag", "w", "");
        int verdict = one ? (int)one->finding.verdict : -1;
        if (verdict != table[i].verdict)
            fail_msg("%s: verdict %d", table[i].said.name, verdict);
        if (verdict == VERDICT_FIRING) {
            assert_string_equal(one->message, table[i].message);
            assert_int_equal(one->finding.level, ALERT_WARNING);
        }
    }
}

static struct service_metrics balanced(void)
{
    return (struct service_metrics){.received = fields_unsigned(21),
                                    .decoded = fields_unsigned(1),
                                    .repeated = fields_unsigned(2),
                                    .ignored = fields_unsigned(3),
                                    .rejected = fields_unsigned(4),
                                    .dropped = fields_unsigned(5),
                                    .pending = fields_unsigned(6),
                                    .points_made = fields_unsigned(150),
                                    .points_stored = fields_unsigned(10),
                                    .points_merged = fields_unsigned(20),
                                    .points_rejected = fields_unsigned(30),
                                    .points_dropped = fields_unsigned(40),
                                    .points_pending = fields_unsigned(50)};
}

static const struct found *ledger_of(const struct service_metrics *metrics, int64_t age_s)
{
    struct said said = {"w", STATUS_ONLINE, 900, NULL, age_s, 0, *metrics};
    judge(&said);
    return findings_of(&found, "ledger", "w", "");
}

static void ledger(void **state)
{
    (void)state;
    struct service_metrics m = balanced(), none = {0};
    assert_int_equal(ledger_of(&m, 5)->finding.verdict, VERDICT_CLEAR);
    assert_null(ledger_of(&none, 5)); /* a service without a ledger */
    struct fields_unsigned *const all[] = {
        &m.received,        &m.decoded,        &m.repeated,      &m.ignored,       &m.rejected,
        &m.dropped,         &m.pending,        &m.points_made,   &m.points_stored, &m.points_merged,
        &m.points_rejected, &m.points_dropped, &m.points_pending};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        m = balanced();
        all[i]->value++;
        const struct found *one = ledger_of(&m, 5);
        assert_int_equal(one->finding.verdict, VERDICT_FIRING);
        assert_int_equal(one->finding.level, ALERT_ERROR);
        assert_true(one->finding.value.value == (i == 0 || i == 7 ? 1 : -1));
        assert_int_equal(ledger_of(&m, 31)->finding.verdict, VERDICT_UNKNOWN);
        m = balanced();
        all[i]->present = false;
        assert_int_equal(ledger_of(&m, 5)->finding.verdict, VERDICT_UNKNOWN);
    }
    m = balanced();
    m.received = fields_unsigned(24);
    assert_string_equal(ledger_of(&m, 5)->message,
                        "The ledger does not balance: it misses 3 messages and 0 points");
}

static void series_cap(void **state)
{
    static const struct {
        const char *name;
        int64_t metrics_age_s;
        double refused_s, uptime_s; /* refused_s negative: none */
        enum verdict verdict;
    } table[] = {
        {"never", 5, -1, 4000, VERDICT_CLEAR},
        {"just now", 5, 0.5, 4000, VERDICT_FIRING},
        {"a minute ago", 5, 60, 4000, VERDICT_FIRING},
        {"longer ago", 5, 61, 4000, VERDICT_BETWEEN},
        {"a quarter of an hour ago", 5, 900, 4000, VERDICT_BETWEEN},
        {"over", 5, 901, 4000, VERDICT_CLEAR},
        {"started anew", 5, -1, 20, VERDICT_BETWEEN},
        {"silent", 31, 0.5, 4000, VERDICT_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct said said = {table[i].name, STATUS_ONLINE, 900, NULL,
                            .metrics_age_s = table[i].metrics_age_s};
        said.metrics.series = fields_unsigned(10);
        said.metrics.uptime_s = fields_number(table[i].uptime_s);
        if (table[i].refused_s >= 0)
            said.metrics.series_refused_s = fields_number(table[i].refused_s);
        strcpy(said.metrics.series_refused_source, "guests");
        strcpy(said.metrics.points_rejected_by_reason[0].name, "not_line");
        strcpy(said.metrics.points_rejected_by_reason[1].name, "too_many_series");
        said.metrics.points_rejected_by_reason[1].count = 1342;
        judge(&said);
        const struct found *one = findings_of(&found, "series_cap", "w", "");
        if (one->finding.verdict != table[i].verdict)
            fail_msg("%s: verdict %d", table[i].name, one->finding.verdict);
        assert_int_equal(one->finding.level, ALERT_WARNING);
        if (table[i].verdict == VERDICT_FIRING)
            assert_string_equal(one->message,
                                "The source guests has as many series as it may have: "
                                "points of further ones are refused, 1342 by now");
    }
    struct said none = {"counts none", STATUS_ONLINE, 900, NULL, .metrics_age_s = 5};
    judge(&none);
    assert_null(findings_of(&found, "series_cap", "w", ""));
}

static void destination_parked(void **state)
{
    static const struct {
        const char *name;
        int64_t metrics_age_s;
        uint64_t parked, given_up;
        enum verdict verdict;
        const char *message; /* NULL where it is nobody's */
    } table[] = {
        {"none", 5, 0, 0, VERDICT_CLEAR, NULL},
        {"none any more", 5, 0, 12, VERDICT_CLEAR, NULL},
        {"some", 5, 7, 0, VERDICT_FIRING,
         "7 points wait on disk for a destination that cannot take them"},
        {"too many", 5, 7, 12, VERDICT_FIRING,
         "7 points wait on disk for a destination that cannot take them; 12 did not fit there and "
         "were given up by now"},
        {"silent", 31, 7, 0, VERDICT_UNKNOWN, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct said said = {table[i].name, STATUS_ONLINE, 900, NULL,
                            .metrics_age_s = table[i].metrics_age_s};
        said.metrics.points_parked = fields_unsigned(table[i].parked);
        strcpy(said.metrics.points_dropped_by_reason[0].name, "journal_full");
        said.metrics.points_dropped_by_reason[0].count = 99;
        strcpy(said.metrics.points_dropped_by_reason[1].name, "parked_full");
        said.metrics.points_dropped_by_reason[1].count = table[i].given_up;
        judge(&said);
        const struct found *one = findings_of(&found, "destination_parked", "w", "");
        if (one->finding.verdict != table[i].verdict)
            fail_msg("%s: verdict %d", table[i].name, one->finding.verdict);
        assert_int_equal(one->finding.level, ALERT_WARNING);
        if (table[i].message)
            assert_string_equal(one->message, table[i].message);
    }
    struct said none = {"parks none", STATUS_ONLINE, 900, NULL, .metrics_age_s = 5};
    judge(&none);
    assert_null(findings_of(&found, "destination_parked", "w", ""));
}

static void influxdb(void **state)
{
    static const struct {
        bool asked, connected;
        const char *words;
        enum verdict verdict;
        const char *message;
    } table[] = {
        {false, false, "", VERDICT_UNKNOWN, NULL},
        {false, true, "", VERDICT_UNKNOWN, NULL},
        {true, true, "", VERDICT_CLEAR, NULL},
        {true, false, "", VERDICT_FIRING, "InfluxDB does not answer"},
        {true, false, "connection refused", VERDICT_FIRING,
         "InfluxDB does not answer: connection refused"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rules_sink sink = findings_sink(&found);
        rules_influxdb(table[i].asked, table[i].connected, table[i].words, NOW - 60 * S, &sink);
        const struct found *one = findings_of(&found, "influxdb_away", "system", "");
        assert_non_null(one);
        assert_int_equal(one->finding.verdict, table[i].verdict);
        if (table[i].message)
            assert_string_equal(one->message, table[i].message);
        assert_int_equal(one->finding.since_ns, NOW - 60 * S);
        assert_int_equal(findings_gone_after_s(&found, "influxdb_away"), ALERTS_NEVER_GONE);
    }
}

static void ignore_retain(void *context, const char *service, const char *rule, const char *subject,
                          const struct alert *alert)
{
    (void)context, (void)service, (void)rule, (void)subject, (void)alert;
}
static void ignore_event(void *context, const struct alert *alert)
{
    (void)context, (void)alert;
}
static void ignore(void *context)
{
    (void)context;
}

/* Both sources go through the same functions into the same alerts. */
static void findings_go_to_the_alerts(void **state)
{
    (void)state;
    static struct figures figures;
    const struct alert *alert;
    struct alerts *alerts =
        alerts_new((struct alerts_sink){NULL, ignore_retain, ignore_event, ignore, ignore});
    struct rules_target target = {alerts, 0};
    struct rules_sink sink = rules_to_alerts(&target);
    struct live *live = live_new();
    figures = (struct figures){.sums = tally_with(100, 6, 1)};
    for (int i = 0; i < 2; i++) {
        figures.source = i ? FIGURES_SERVICES_FALLBACK : FIGURES_INFLUXDB;
        alerts_round_begin(alerts, NOW + i * 10 * S);
        rules_figures(&figures, live, &sink);
        alerts_round_end(alerts);
        assert_true(alerts_at(alerts, true, 0, &alert));
        assert_string_equal(alert->rule, "error_rate");
        assert_int_equal(alert->time_ns, NOW);
    }
    assert_int_equal(target.refused, 0);
    live_free(live);
    alerts_free(alerts);
}

static void names_of_the_built_in(void **state)
{
    static const char *const names[] = {"error_rate",   "success_rate",  "processing_time",
                                        "offline",      "influxdb_away", "journal_lag",
                                        "ledger",       "series_cap",    "destination_parked",
                                        "device_silent"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(rules_built_in(text_of(names[i])));
    assert_false(rules_built_in(TEXT("error_rat")));
    assert_false(rules_built_in(TEXT("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_are_strict),
        cmocka_unit_test(what_was_not_measured_is_unknown),
        cmocka_unit_test(offline),
        cmocka_unit_test(journal_lag),
        cmocka_unit_test(ledger),
        cmocka_unit_test(series_cap),
        cmocka_unit_test(destination_parked),
        cmocka_unit_test(influxdb),
        cmocka_unit_test(findings_go_to_the_alerts),
        cmocka_unit_test(names_of_the_built_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
