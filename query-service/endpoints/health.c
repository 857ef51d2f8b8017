/* health: how all that the query service depends on does. Nothing is healthy because nobody asked.
 */
#include <stdarg.h>
#include <stdio.h>

#include "query-service/endpoints/figures_json.h"
#include "query-service/endpoints/table.h"

#define SLOW_MS 1000

/* The better first: the worst of all is the whole's. */
enum health { HEALTHY, UNKNOWN, WARNING, CRITICAL };
static const char *const health_words[] = {"healthy", "unknown", "warning", "critical"};

struct dependency {
    const char *name, *type;
    enum health health;
    struct fields_number latency_ms;
    char message[400];
};

static void judge(struct dependency *d, enum health health, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void judge(struct dependency *d, enum health health, const char *format, ...)
{
    va_list arguments;
    d->health = health;
    va_start(arguments, format);
    vsnprintf(d->message, sizeof d->message, format, arguments);
    va_end(arguments);
}

static void judge_broker(const struct endpoint_world *world, struct dependency *d)
{
    d->latency_ms = (struct fields_number){world->broker_latency_ms,
                                           world->broker_up && world->broker_latency_ms >= 0};
    if (!world->broker_up)
        judge(d, CRITICAL, "not connected");
    else if (!d->latency_ms.present)
        judge(d, UNKNOWN, "connected; no message has come back yet");
    else if (d->latency_ms.value > SLOW_MS)
        judge(d, WARNING, "a message to ourselves takes longer than %d ms", SLOW_MS);
    else
        judge(d, HEALTHY, "connected");
}

static void judge_influxdb(const struct endpoint_store *store, struct dependency *d)
{
    char since[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(store->changed_ns, since);
    d->latency_ms = (struct fields_number){store->latency_ms, store->asked && store->connected};
    if (!store->enabled)
        judge(d, WARNING, "not asked, by configuration: figures are those of the services alone");
    else if (!store->asked)
        judge(d, UNKNOWN, "not asked yet");
    else if (!store->connected)
        judge(d, CRITICAL, "does not answer since %s: %s", since, store->words);
    else if (store->latency_ms > SLOW_MS)
        judge(d, WARNING, "version %s; a query takes longer than %d ms", store->version, SLOW_MS);
    else
        judge(d, HEALTHY, "version %s", store->version[0] ? store->version : "unknown");
}

/* By what the service said last, and by how long that is ago. */
static void judge_service(const struct question *question, const struct live_service *service,
                          struct dependency *d)
{
    const struct settings_query_alerts *limits = &question->world->settings->query.alerts;
    const struct service_metrics *metrics = service->metrics;
    enum status_state state = live_state(service);
    char since[CLOCK_RFC3339_SIZE] = "";
    int64_t silent_ns = question->now_ns - service->heard_ns;
    const char *reason = service->status ? service->status->reason : "";
    if (service->status)
        clock_format_rfc3339(service->status->since_ns, since);
    if (state == STATUS_OFFLINE)
        judge(d, CRITICAL, "offline%s%s", reason[0] ? ": " : "", reason);
    else if (!metrics)
        judge(d, UNKNOWN, "says that it is %s since %s, and no metrics", status_words[state],
              since);
    else if (silent_ns > limits->offline_after_s * CLOCK_NS_PER_S)
        judge(d, CRITICAL, "silent for %lld s", silent_ns / CLOCK_NS_PER_S);
    else if (state == STATUS_HOLDING)
        judge(d, WARNING, "takes no messages since %s%s%s", since, reason[0] ? ": " : "", reason);
    else if (metrics->journal_oldest_s.present &&
             metrics->journal_oldest_s.value > limits->journal_oldest_s)
        judge(d, WARNING, "its journal holds messages of %.0f s ago",
              metrics->journal_oldest_s.value);
    else
        judge(d, HEALTHY, "%s", state == STATUS_UNSAID ? "speaks, and says no state" : "online");
}

static void write_dependency(const struct dependency *d, enum health *worst, struct buf *out)
{
    if (d->health > *worst)
        *worst = d->health;
    if (out->len && out->data[out->len - 1] != '[')
        buf_char(out, ',');
    buf_char(out, '{');
    figures_json_text("name", d->name, out);
    figures_json_text("type", d->type, out);
    figures_json_text("status", health_words[d->health], out);
    figures_json_member("latency_ms", d->latency_ms, FIGURES_JSON_MS, out);
    figures_json_text("message", d->message, out);
    buf_char(out, '}');
}

static enum health write_dependencies(const struct question *question, struct buf *out)
{
    const struct endpoint_world *world = question->world;
    struct dependency broker = {.name = "broker", .type = "broker"};
    struct dependency influxdb = {.name = "influxdb", .type = "influxdb"};
    enum health worst = HEALTHY;
    struct live_service service;
    judge_broker(world, &broker);
    write_dependency(&broker, &worst, out);
    judge_influxdb(&world->store, &influxdb);
    write_dependency(&influxdb, &worst, out);
    if (!live_knows(world->live, TEXT("writer"))) {
        struct dependency writer = {.name = "writer", .type = "service"};
        judge(&writer, UNKNOWN, "nothing was heard of it");
        write_dependency(&writer, &worst, out);
    }
    for (unsigned i = 0; live_service(world->live, i, &service); i++) {
        struct dependency d = {.name = service.name, .type = "service"};
        judge_service(question, &service, &d);
        write_dependency(&d, &worst, out);
    }
    return worst;
}

/* How much comes in, and what that is known from: of the figures only this one is shown. */
static void write_events(const struct figures *figures, struct buf *out)
{
    struct fields_number rate = figures_events_per_minute(figures);
    const char *reason = "nothing is known of these five minutes";
    for (unsigned i = 0; i < figures->missing_count; i++)
        if (strcmp(figures->missing[i].figure, "metrics.total_events") == 0)
            reason = figures->missing[i].reason;
    figures_json_member("events_per_minute", rate, FIGURES_JSON_RATE, out);
    figures_json_text("source", figures_source_name(figures->source), out);
    figures_json_member("age_s", figures->age_s, FIGURES_JSON_MS, out);
    figures_json_member("covers_s", fields_number(figures->covers_s), FIGURES_JSON_MS, out);
    figures_json_name("missing", out);
    buf_char(out, '[');
    if (!rate.present) {
        buf_char(out, '{');
        figures_json_text("figure", "events_per_minute", out);
        figures_json_text("reason", reason, out);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

static void write_figures(const struct question *question, const struct figures *figures,
                          struct buf *out)
{
    double uptime_s = (double)(question->now_ns - question->world->started_ns) / CLOCK_NS_PER_S;
    figures_json_name("dependencies", out);
    buf_char(out, '[');
    enum health worst = write_dependencies(question, out);
    buf_char(out, ']');
    figures_json_text("status", health_words[worst], out);
    figures_json_text("service", "query", out);
    figures_json_text("version", HEARTHLINE_VERSION, out);
    figures_json_member("uptime_s", fields_number(uptime_s > 0 ? uptime_s : 0), FIGURES_JSON_MS,
                        out);
    write_events(figures, out);
}

const struct endpoint endpoint_health = {
    .name = "health",
    .help = "how the query service and all that it depends on do; status is the worst of them",
    .request = &request_health,
    .schema = "answer_health",
    .period = "5m",
    .ttl_s = 5,
    .write_figures = write_figures,
};
