/* The keys of the query service. */
#include <math.h>

#include "base/settings_check.h"
#include "base/settings_table.h"

enum { MINUTE_S = 60, DAY_S = 86400 };

/* Each in the order of its enum in settings.h. */
static const char *const aggregates[] = {"mean", "min",   "max",      "first", "last",
                                         "sum",  "count", "increase", NULL};
static const char *const comparisons[] = {">", ">=", "<", "<=", NULL};
static const char *const levels[] = {"info", "warning", "error", "critical", NULL};

/* Where an alert ends lies on the quiet side of where it begins, else it would begin and end at
 * once. */
static const char *complete_rule(void *entry, struct buf *ret_wrong)
{
    struct settings_alert_rule *rule = entry;
    bool upwards = rule->comparison == SETTINGS_ABOVE || rule->comparison == SETTINGS_AT_LEAST;
    if (isnan(rule->clear))
        rule->clear = rule->threshold;
    if (upwards ? rule->clear <= rule->threshold : rule->clear >= rule->threshold)
        return NULL;
    buf_number(ret_wrong, rule->clear);
    buf_printf(ret_wrong, " is on the wrong side of the threshold of \"%s\"; right would be ",
               comparisons[rule->comparison]);
    buf_number(ret_wrong, rule->threshold);
    buf_string(ret_wrong, upwards ? " or less" : " or more");
    return "clear";
}

/* clang-format off */
static const struct settings_row rule_rows[] = {
    {.name = "name", .kind = SETTINGS_TEXT, MEMBER(settings_alert_rule, name),
     .check = settings_check_rule_name,
     .help = "Name in the alert and its topic; no two rules have the same."},
    {.name = "measurement", .kind = SETTINGS_TEXT, MEMBER(settings_alert_rule, measurement),
     .check = settings_check_name,
     .help = "Measurement that is watched."},
    {.name = "field", .kind = SETTINGS_TEXT, MEMBER(settings_alert_rule, field),
     .check = settings_check_name,
     .help = "Its field."},
    {.name = "tags", .kind = SETTINGS_TAGS, MEMBER(settings_alert_rule, tags), .preset = "",
     .help = "Only rows with all of these tags count."},
    {.name = "subject", .kind = SETTINGS_TEXT, MEMBER(settings_alert_rule, subject),
     .preset = "device_id", .check = settings_check_tag,
     .help = "Tag whose values each have an alert of their own; `\"\"`: one alert over all rows."},
    {.name = "aggregate", .kind = SETTINGS_WORD, MEMBER(settings_alert_rule, aggregate),
     .preset = "mean", .words = aggregates,
     .help = "What is made of the field's values in the window. `increase` knows meter resets."},
    {.name = "window", .kind = SETTINGS_SPAN, MEMBER(settings_alert_rule, window_s),
     .preset = "5m", .min = 10, .max = 30 * DAY_S,
     .help = "How far back from now."},
    {.name = "comparison", .kind = SETTINGS_WORD, MEMBER(settings_alert_rule, comparison),
     .words = comparisons,
     .help = "How the aggregate must stand to the threshold for the alert to fire. The quotes are "
             "needed: a bare `>` begins a text of many lines in YAML."},
    {.name = "threshold", .kind = SETTINGS_DECIMAL, MEMBER(settings_alert_rule, threshold),
     .help = "What the aggregate is held against."},
    {.name = "clear", .kind = SETTINGS_DECIMAL, MEMBER(settings_alert_rule, clear), .preset = "",
     .help = "Where the alert ends again, on the quiet side of the threshold; the threshold itself "
             "when left out."},
    {.name = "for", .kind = SETTINGS_SPAN, MEMBER(settings_alert_rule, for_s), .preset = "0s",
     .min = 0, .max = 7 * DAY_S,
     .help = "How long the comparison must hold before the alert fires."},
    {.name = "level", .kind = SETTINGS_WORD, MEMBER(settings_alert_rule, level),
     .preset = "warning", .words = levels,
     .help = "How bad it is."},
    {.name = "message", .kind = SETTINGS_TEXT, MEMBER(settings_alert_rule, message), .preset = "",
     .help = "What the alert says; words made from the rule when empty."},
};
static const struct settings_section rule_section = {
    .rows = rule_rows, .count = sizeof rule_rows / sizeof *rule_rows,
    .size = sizeof(struct settings_alert_rule), .unique = "name", .complete = complete_rule,
    .example = "{ name: warm, measurement: device_metrics, field: temperature, "
               "comparison: \">\", threshold: 30 }",
    .help = "A list of your own alerts. Each is evaluated every 10 s for each of its subjects."};

static const struct settings_row alerts_rows[] = {
    {.name = "period", .kind = SETTINGS_SPAN, MEMBER(settings_query_alerts, period_s),
     .preset = "5m", .min = MINUTE_S, .max = DAY_S,
     .help = "Period over which error rate, success rate and processing time are taken."},
    {.name = "journal_oldest", .kind = SETTINGS_SPAN,
     MEMBER(settings_query_alerts, journal_oldest_s), .preset = "5m", .min = 1, .max = 7 * DAY_S,
     .help = "Age of the journal's oldest undelivered message that raises an alert."},
    {.name = "offline_after", .kind = SETTINGS_SPAN,
     MEMBER(settings_query_alerts, offline_after_s), .preset = "30s", .min = 15, .max = DAY_S,
     .help = "Silence after which a service counts as offline; each speaks every 10 s."},
    {.name = "silent_devices", .kind = SETTINGS_FLAG,
     MEMBER(settings_query_alerts, silent_devices), .preset = "true",
     .help = "Whether a device that is silent for longer than its habit raises an alert."},
    {.name = "rules", .kind = SETTINGS_LIST, MEMBER(settings_query_alerts, rules), .preset = "",
     .section = &rule_section,
     .help = "Your own alerts."},
};
static const struct settings_section alerts_section =
    SECTION(alerts_rows, "When the query service raises an alert.");

static const struct settings_row standing_rows[] = {
    {.name = "endpoint", .kind = SETTINGS_TEXT, MEMBER(settings_standing, endpoint),
     .check = settings_check_endpoint,
     .help = "Endpoint that is asked."},
    {.name = "request", .kind = SETTINGS_TEXT, MEMBER(settings_standing, request), .preset = "{}",
     .check = settings_check_request,
     .help = "The request, as it would be sent to that endpoint."},
    {.name = "every", .kind = SETTINGS_SPAN, MEMBER(settings_standing, every_s), .preset = "60s",
     .min = 1, .max = 7 * DAY_S,
     .help = "How often it is asked."},
    {.name = "topic", .kind = SETTINGS_TEXT, MEMBER(settings_standing, topic),
     .check = settings_check_standing_topic,
     .help = "Topic below the root that the answer is published on, retained; no two questions "
             "have the same."},
};
static const struct settings_section standing_section = {
    .rows = standing_rows, .count = sizeof standing_rows / sizeof *standing_rows,
    .size = sizeof(struct settings_standing), .unique = "topic",
    .example = "{ endpoint: stats, request: '{\"period\":\"24h\"}', topic: standing/day }",
    .help = "A list of questions that are asked by the clock, for those who can read but not "
            "ask."};

static const struct settings_row query_rows[] = {
    {.name = "client_id", .kind = SETTINGS_TEXT, MEMBER(settings_query, client_id),
     .preset = "hearthline-query", .check = settings_check_name,
     .help = "MQTT client id; two query services cannot share one."},
    {.name = "metrics_address", .kind = SETTINGS_TEXT, MEMBER(settings_query, metrics_address),
     .preset = "127.0.0.1:9465", .check = settings_check_address,
     .help = "Where /metrics and /healthz are served; `\"\"` for nowhere."},
    {.name = "broker", .kind = SETTINGS_BROKER, MEMBER(settings_query, broker), .preset = "",
     .section = &settings_broker_section,
     .help = "What differs from the common `broker`."},
    {.name = "cache_ttl_s", .kind = SETTINGS_NUMBER, MEMBER(settings_query, cache_ttl_s),
     .preset = "10", .max = 60,
     .help = "How long an answer is given again, in seconds; 0: never."},
    {.name = "cache_bytes", .kind = SETTINGS_BYTES, MEMBER(settings_query, cache_bytes),
     .preset = "4 MiB", .min = UINT64_C(64) << 10, .max = UINT64_C(1) << 30,
     .help = "Bound of all answers that are kept for that; the least recently used goes first."},
    {.name = "requests_max", .kind = SETTINGS_NUMBER, MEMBER(settings_query, requests_max),
     .preset = "512", .min = 1, .max = 10000,
     .help = "Requests that are answered at once; beyond it the answer is `busy`."},
    {.name = "alerts", .kind = SETTINGS_SECTION, MEMBER(settings_query, alerts), .preset = "",
     .section = &alerts_section,
     .help = "When an alert is raised."},
    {.name = "standing", .kind = SETTINGS_LIST, MEMBER(settings_query, standing), .preset = "",
     .section = &standing_section,
     .help = "Questions that are asked by the clock."},
};
const struct settings_section settings_query_section =
    SECTION(query_rows, "The service `hearthline-query`.");

static const struct settings_row stats_rows[] = {
    {.name = "use_influxdb", .kind = SETTINGS_FLAG, MEMBER(settings_stats, use_influxdb),
     .preset = "true", .environment = {"USE_INFLUXDB_STATS"},
     .help = "`false`: statistics come from the live services alone, and say so."},
    {.name = "rollout_percent", .kind = SETTINGS_NUMBER, MEMBER(settings_stats, rollout_percent),
     .preset = "100", .max = 100, .environment = {"INFLUXDB_ROLLOUT_PERCENT"},
     .help = "Share of the askers, told apart by their Response Topic, who are answered from "
             "InfluxDB; a request without one always is."},
};
const struct settings_section settings_stats_section = SECTION(
    stats_rows, "Where statistics are taken from. The environment wins over the file.");
/* clang-format on */
