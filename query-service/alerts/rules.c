#include "query-service/alerts/rules.h"

#include "query-service/alerts/words.h"

#define SYSTEM "system"

static void to_alerts_find(void *context, const struct finding *finding)
{
    struct rules_target *target = context;
    target->refused += alerts_find(target->alerts, finding) != ERR_OK;
}

static void to_alerts_asked(void *context, const char *rule, int64_t gone_after_s)
{
    struct rules_target *target = context;
    alerts_rule_asked(target->alerts, rule, gone_after_s);
}

struct rules_sink rules_to_alerts(struct rules_target *target)
{
    return (struct rules_sink){target, to_alerts_find, to_alerts_asked};
}

bool rules_built_in(struct text name)
{
    static const char *const names[] = {"error_rate",   "success_rate",  "processing_time",
                                        "offline",      "influxdb_away", "journal_lag",
                                        "ledger",       "series_cap",    "destination_parked",
                                        "device_silent"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(name, text_of(names[i])))
            return true;
    return false;
}

/* A figure that is held against one or two thresholds, the worse level first. */
struct limit {
    enum alert_level level;
    double threshold, clear;
    const char *before, *behind; /* words around the figure */
};
struct limits {
    const char *rule;
    bool low_is_bad;
    unsigned decimals;
    struct limit at[2];
    unsigned count;
};

static const struct limits error_rate = {
    "error_rate",
    false,
    1,
    {{ALERT_ERROR, 5, 4.5, "High error rate: ", " % of writes failed"},
     {ALERT_WARNING, 2, 1.8, "Elevated error rate: ", " % of writes failed"}},
    2};
static const struct limits success_rate = {
    "success_rate",
    true,
    1,
    {{ALERT_ERROR, 90, 91, "Critical: Low success rate: ", " %"},
     {ALERT_WARNING, 95, 95.5, "Low success rate: ", " %"}},
    2};
static const struct limits processing_time = {
    "processing_time", false, 0, {{ALERT_WARNING, 1000, 900, "Slow processing: ", " ms"}}, 1};

static bool is_beyond(const struct limits *limits, double value, double limit)
{
    return limits->low_is_bad ? value < limit : value > limit;
}

static void judge(const struct limits *limits, double value, struct finding *finding,
                  struct buf *words)
{
    finding->verdict = VERDICT_CLEAR;
    finding->value = fields_number(value);
    finding->threshold = fields_number(limits->at[limits->count - 1].threshold);
    for (unsigned i = limits->count; i > 0; i--) {
        const struct limit *limit = &limits->at[i - 1];
        if (is_beyond(limits, value, limit->clear)) {
            finding->keeps = limit->level;
            if (finding->verdict == VERDICT_CLEAR)
                finding->verdict = VERDICT_BETWEEN;
        }
        if (!is_beyond(limits, value, limit->threshold))
            continue;
        finding->verdict = VERDICT_FIRING;
        finding->level = limit->level;
        finding->threshold = fields_number(limit->threshold);
        buf_reset(words);
        buf_string(words, limit->before);
        words_number(value, limits->decimals, limit->threshold, words);
        buf_string(words, limit->behind);
    }
}

static void find_limits(const struct limits *limits, const char *service,
                        struct fields_number value, const struct rules_sink *sink)
{
    struct buf words = {0};
    struct finding finding = {.service = service, .rule = limits->rule, .subject = ""};
    if (value.present)
        judge(limits, value.value, &finding, &words);
    finding.message = buf_cstr(&words);
    sink->find(sink->context, &finding);
    buf_free(&words);
}

static void find_service(const char *service, const struct tally *sums,
                         const struct rules_sink *sink)
{
    find_limits(&success_rate, service, tally_success_percent(sums), sink);
    find_limits(&processing_time, service, tally_processing_ms(sums), sink);
}

static bool has_service(const struct figures *figures, const char *name)
{
    for (unsigned i = 0; figures && i < figures->services_count; i++)
        if (strcmp(figures->services[i].name, name) == 0)
            return true;
    return false;
}

void rules_figures(const struct figures *figures, const struct live *live,
                   const struct rules_sink *sink)
{
    static const struct tally nothing;
    struct live_service service;
    find_limits(&error_rate, SYSTEM, tally_error_percent(figures ? &figures->sums : &nothing),
                sink);
    for (unsigned i = 0; figures && i < figures->services_count; i++)
        find_service(figures->services[i].name, &figures->services[i].sums, sink);
    for (unsigned i = 0; live_service(live, i, &service); i++)
        if (!has_service(figures, service.name))
            find_service(service.name, &nothing, sink);
    int64_t gone_after_s = figures ? RULES_GONE_S : ALERTS_NEVER_GONE;
    sink->asked(sink->context, error_rate.rule, ALERTS_NEVER_GONE);
    sink->asked(sink->context, success_rate.rule, gone_after_s);
    sink->asked(sink->context, processing_time.rule, gone_after_s);
}

void rules_influxdb(bool asked, bool connected, const char *words, int64_t since_ns,
                    const struct rules_sink *sink)
{
    struct buf message = {0};
    struct finding finding = {.service = SYSTEM,
                              .rule = "influxdb_away",
                              .subject = "",
                              .level = ALERT_ERROR,
                              .since_ns = since_ns,
                              .for_s = 10};
    if (asked)
        finding.verdict = connected ? VERDICT_CLEAR : VERDICT_FIRING;
    buf_string(&message, "InfluxDB does not answer");
    if (words[0])
        buf_string(&message, ": ");
    buf_string(&message, words);
    finding.message = buf_cstr(&message);
    sink->find(sink->context, &finding);
    sink->asked(sink->context, finding.rule, ALERTS_NEVER_GONE);
    buf_free(&message);
}
