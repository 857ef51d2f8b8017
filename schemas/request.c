#include "schemas/request.h"

#include "schemas/alert.h"

static const char *const aggregates[] = {
    "",
    "mean",
    "min",
    "max",
    "first",
    "last",
    "sum",
    "count",
    "increase",
    "time_in_state",
    "time_weighted_mean",
    "percentile",
    NULL,
};
static const char *const matchable[] = {"", "service", "rule", "subject", NULL};

#define MEMBER(member) FIELDS_MEMBER(struct request, member)

/* A row, for the tables below: the key, its type, its member, and what else there is to say. */
#define ROW(key, type, member, ...)                                                                \
    {                                                                                              \
        key, type, MEMBER(member), __VA_ARGS__                                                     \
    }
#define NAME(key, member, words) ROW(key, FIELDS_BORROWED, member, .min = 1, .help = words)
#define FLAG(key, member, words) ROW(key, FIELDS_BOOL, member, .help = words)
#define WHOLE(key, member, most, words)                                                            \
    ROW(key, FIELDS_UNSIGNED, member, .min = 1, .max = (most), .help = words)
/* What is kept with an alert, and so has its bound. */
#define NOTE(key, member, most, words)                                                             \
    ROW(key, FIELDS_BORROWED, member, .max = (most), .help = words)

#define ADDRESS                                                                                    \
    ROW("transaction", FIELDS_BORROWED, transaction, .help = "any text, echoed in the answer"),    \
        NAME("reply_to", reply_to,                                                                 \
             "topic of the answer below ROOT/response/, for who has no MQTT 5 Response Topic")
#define FRESH  FLAG("fresh", fresh, "true: not from the cache")
#define PERIOD NAME("period", period, "how far back, such as 15m, 1h, 6h, 24h, 7d, 30d")
#define WINDOW                                                                                     \
    NAME("window", window, "length of one window, such as 5m; else it follows from the period")
#define END                                                                                        \
    ROW("end", FIELDS_TIME_OR_NONE, end_ns, .help = "end of the period; now when it is left out")
#define SERVICE NAME("service", service, "this service only")

static const struct fields_row stats[] = {
    PERIOD,
    WINDOW,
    SERVICE,
    END,
    FLAG("compare", compare, "true: from both sources, with their differences"),
    FRESH,
    ADDRESS,
};
static const struct fields_row services[] = {PERIOD, SERVICE, END, FRESH, ADDRESS};
static const struct fields_row metrics[] = {
    NAME("metric_name", metric_name, "this metric only, such as processing_time_ms"),
    SERVICE,
    WHOLE("limit", limit, 1000, "at most so many metrics"),
    FRESH,
    ADDRESS,
};
static const struct fields_row performance[] = {PERIOD, SERVICE, END, FRESH, ADDRESS};
static const struct fields_row alerts[] = {
    PERIOD,
    SERVICE,
    ROW("level", FIELDS_BORROWED, level, .words = alert_level_words,
        .help = "alerts of this level only"),
    FRESH,
    ADDRESS,
};
static const struct fields_row trends[] = {PERIOD, WINDOW, SERVICE, END, FRESH, ADDRESS};
static const struct fields_row health[] = {FRESH, ADDRESS};
static const struct fields_row history[] = {
    ROW("measurement", FIELDS_BORROWED, measurement, .required = true, .min = 1,
        .help = "where the series is stored"),
    ROW("field", FIELDS_BORROWED, field, .required = true, .min = 1, .help = "which of its fields"),
    ROW("tags", FIELDS_TEXTS, tags, .help = "tags and the values that they must have"),
    PERIOD,
    WINDOW,
    END,
    ROW("aggregate", FIELDS_BORROWED, aggregate, .words = aggregates,
        .help = "what becomes of the values of a window; mean when it is left out"),
    ROW("percentile", FIELDS_NUMBER, percentile, .min = 0, .above_min = true, .max = 100,
        .help = "which percentile, with aggregate percentile"),
    WHOLE("points", points, 2000, "wanted number of windows, where no window is given"),
    NAME("time_zone", time_zone, "for windows of days, such as Europe/Berlin; else UTC"),
    FRESH,
    ADDRESS,
};
static const struct fields_row devices[] = {
    PERIOD,
    NAME("device", device, "this device only"),
    FLAG("stale", stale, "true: only those that are silent longer than is their habit"),
    WHOLE("limit", limit, 10000, "at most so many devices"),
    FRESH,
    ADDRESS,
};
static const struct fields_row latest[] = {
    NAME("device", device, "this device only"),
    PERIOD,
    WHOLE("limit", limit, 10000, "at most so many devices"),
    FRESH,
    ADDRESS,
};
static const struct fields_row rejects[] = {
    NAME("reason", reason, "of this reason only, such as not_json"),
    WHOLE("limit", limit, 200, "at most so many; 50 when it is left out"),
    FRESH,
    ADDRESS,
};
static const struct fields_row endpoints[] = {ADDRESS};
static const struct fields_row acknowledge[] = {
    NAME("service", service, "of alerts of this service"),
    NAME("rule", rule, "of alerts of this rule"),
    ROW("subject", FIELDS_BORROWED, subject, .help = "of alerts of this subject"),
    NOTE("by", by, 63, "who acknowledges"),
    NOTE("why", why, 255, "what there is to say to it"),
    ADDRESS,
};
static const struct fields_row silence[] = {
    ROW("match", FIELDS_TEXTS, match, .words = matchable, .max = 255,
        .help = "the alerts: service, rule and subject; what is left out matches all"),
    ROW("until", FIELDS_TIME_OR_NONE, end_ns, .help = "when the silence ends"),
    NAME("for", duration, "instead of until: how long it lasts, such as 2h"),
    NOTE("by", by, 63, "who silences"),
    NOTE("why", why, 255, "what there is to say to it"),
    FLAG("remove", remove, "true: takes the silence of this match away"),
    ADDRESS,
};

#define TABLE(symbol, array, words)                                                                \
    const struct fields_table symbol = {                                                           \
        .name = #symbol, .help = words, FIELDS_ROWS(array), .size = sizeof(struct request)}

TABLE(request_stats, stats, "Asks for the figures of a period.");
TABLE(request_stats_services, services, "Asks for the figures of each service.");
TABLE(request_stats_metrics, metrics, "Asks for the single metrics that services report.");
TABLE(request_stats_performance, performance,
      "Asks how well the services do, and what there is to recommend.");
TABLE(request_stats_alerts, alerts, "Asks for the alerts, the worst first.");
TABLE(request_stats_trends, trends, "Asks for events and errors by window.");
TABLE(request_health, health, "Asks how all dependencies do.");
TABLE(request_history, history, "Asks for one stored series by window.");
TABLE(request_devices, devices, "Asks which devices there are and when they were last heard of.");
TABLE(request_devices_latest, latest, "Asks for the last values of devices.");
TABLE(request_rejects, rejects, "Asks for the messages that were rejected lately.");
TABLE(request_endpoints, endpoints, "Asks what can be asked.");
TABLE(request_alerts_acknowledge, acknowledge, "Says that somebody knows of alerts that fire.");
TABLE(request_alerts_silence, silence,
      "Silences the alerts that match, for a time, or takes a silence away.");

const struct fields_table *const request_tables[] = {
    &request_stats,
    &request_stats_services,
    &request_stats_metrics,
    &request_stats_performance,
    &request_stats_alerts,
    &request_stats_trends,
    &request_health,
    &request_history,
    &request_devices,
    &request_devices_latest,
    &request_rejects,
    &request_endpoints,
    &request_alerts_acknowledge,
    &request_alerts_silence,
    NULL,
};

enum err request_decode(const struct fields_table *table, struct value root,
                        struct request *ret_request, struct err_reason *why)
{
    return fields_decode_strict(table, root, ret_request, why);
}

void request_key(const struct fields_table *table, const struct request *request, struct buf *out)
{
    struct request said = *request;
    said.transaction = said.reply_to = (struct text){0};
    said.fresh = false;
    fields_encode(table, &said, out);
}
