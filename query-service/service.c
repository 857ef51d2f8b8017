#include "query-service/service.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/metrics_http.h"
#include "base/notify.h"
#include "influx/server.h"
#include "query-service/answerer.h"
#include "query-service/flags.h"
#include "query-service/instance.h"
#include "query-service/reload.h"
#include "query-service/rounds.h"
#include "query-service/slack.h"
#include "query-service/standing.h"
#include "query-service/store.h"
#include "query-service/wire.h"
#include "schemas/topics.h"

#define METRICS_MS      10000
#define YOUNG_MS        30000 /* of two that start at the same moment one yields within this time */
#define STOP_ANSWER_MS  3000
#define STOP_HEAR_MS    50
#define REPLY_MAX_BYTES (4u << 20)

struct service {
    const struct settings *settings;
    struct log *log;
    struct clock clock;
    struct instance instance;
    struct flags flags;
    struct reload reload;
    struct http *http;
    struct server *server;
    struct influx_query *query;
    struct gatherer *gatherer;
    struct metrics *metrics;
    struct query_metrics *query_metrics;
    struct metrics_http *metrics_server;
    struct store *store;
    struct live *live;
    struct wire *wire;
    struct rounds *rounds;
    struct answerer *answerer;
    struct standing *standing;
    struct endpoint_world world;
    int signals;
    bool stopping, cleared, muted;
    int exit_code;
    char other[64];
    uint64_t lost; /* requests, as far as it was told */
    int64_t started_ms, metrics_due_ms, watchdog_due_ms;
    uint32_t watchdog_ms;
    struct slack slack;
    struct value_document *document;
    struct buf payload, topic;
};

/* --- what the rooms call back ----------------------------------------------- */

static void wake(void *context)
{
    struct service *s = context;
    http_wake(s->http);
}

static void send_answer(void *context, const struct asker *asker, struct text payload)
{
    struct service *s = context;
    const struct bus_publish how = {
        .qos = asker->standing ? 1 : 0,
        .retained = asker->standing,
        .correlation = asker->correlation,
        .content_type = asker->encoding == VALUE_MSGPACK ? TEXT("application/msgpack")
                                                         : TEXT("application/json"),
    };
    if (!wire_publish(s->wire, asker->topic, payload, how))
        log_event(s->log, LOG_WARNING, "answer_not_sent", "reason=\"the broker is away, or slow\"");
}

static void store_failed(void *context, enum err outcome, const char *words)
{
    struct service *s = context;
    log_event(s->log, LOG_WARNING, "influxdb_question_failed", "outcome=\"%s\" reason=\"%s\"",
              err_text(outcome), words);
    store_doubt(s->store);
}

static void queried(void *context, const char *asker, enum err outcome, uint32_t elapsed_us)
{
    struct service *s = context;
    query_metrics_query(s->query_metrics, asker, outcome, elapsed_us / 1e6);
}

static void requested(void *context, struct rpc_request *request)
{
    struct service *s = context;
    answerer_take(s->answerer, request);
}

static enum err heard_metrics(struct service *s, struct text service, struct value root)
{
    struct service_metrics metrics;
    enum err e = service_metrics_decode(root, &metrics, NULL);
    return e ? e : live_metrics(s->live, service, &metrics);
}

static enum err heard_status(struct service *s, struct text service, struct value root)
{
    struct status status;
    enum err e = status_decode(root, &status, NULL);
    return e ? e : live_status(s->live, service, &status);
}

static void heard_of_service(struct service *s, const struct topic *topic,
                             const struct rpc_request *message)
{
    struct value root;
    if (message->payload.len == 0) {
        live_forget(s->live, topic->name);
        return;
    }
    enum err e =
        value_parse(s->document, value_encoding_of(message->content_type, message->payload),
                    message->payload, &root, NULL);
    if (e == ERR_OK)
        e = topic->kind == TOPIC_METRICS ? heard_metrics(s, topic->name, root)
                                         : heard_status(s, topic->name, root);
    if (e != ERR_OK)
        log_event(s->log, LOG_WARNING, "service_not_understood", "topic=\"%.*s\" reason=\"%s\"",
                  TEXT_ARGS(message->topic), err_text(e));
}

static void heard(void *context, const struct rpc_request *message)
{
    struct service *s = context;
    struct topic topic = topic_parse(s->settings->topic_root, message->topic);
    if (topic.kind == TOPIC_METRICS || topic.kind == TOPIC_STATUS)
        heard_of_service(s, &topic, message);
    else
        rounds_restore(s->rounds, message->topic, message->payload);
}

/* --- metrics and health ----------------------------------------------------- */

static void write_metrics(void *context, struct buf *out)
{
    struct service *s = context;
    const struct alert *alert;
    struct query_gauges gauges = {.influxdb_connected = s->world.store.connected,
                                  .broker_connected = wire_connected(s->wire),
                                  .in_flight = answerer_pending(s->answerer)};
    answerer_cache_size(s->answerer, &gauges.cache_entries, &gauges.cache_bytes);
    while (alerts_at(s->world.alerts, true, gauges.alerts_firing, &alert))
        gauges.alerts_firing++;
    query_metrics_set(s->query_metrics, &gauges);
    metrics_write(s->metrics, out);
}

static bool write_health(void *context, struct buf *out)
{
    struct service *s = context;
    bool broker = wire_connected(s->wire), enabled = s->settings->influxdb.enabled;
    uint32_t refused = wire_refused(s->wire);
    bool store = s->world.store.connected, well = broker && !refused && (store || !enabled);
    buf_printf(out, "{\"status\":\"%s\",\"broker\":\"%s\",\"subscriptions_refused\":%u,",
               well ? "ok" : "degraded", broker ? "up" : "down", refused);
    buf_printf(out, "\"influxdb\":\"%s\",", !enabled ? "disabled" : (store ? "up" : "down"));
    buf_string(out, "\"influxdb_version\":");
    buf_json_text(out, text_of(s->world.store.version));
    buf_string(out, ",\"influxdb_reason\":");
    buf_json_text(out, text_of(s->world.store.words));
    buf_printf(out, ",\"answers_from\":\"%s\",\"requests_in_flight\":%u}\n",
               figures_source_name(store && s->flags.now.use_influxdb ? FIGURES_INFLUXDB
                                                                      : FIGURES_SERVICES_FALLBACK),
               answerer_pending(s->answerer));
    return well;
}

static bool reload(void *context, struct buf *out)
{
    struct service *s = context;
    return reload_read(&s->reload, &s->world, out);
}

static void metrics_publish(struct service *s)
{
    struct service_metrics message = {.time_ns = clock_real_ns(&s->clock),
                                      .state = STATUS_ONLINE,
                                      .interval_s = fields_number(METRICS_MS / 1000.0)};
    snprintf(message.service, sizeof message.service, "%s", WIRE_SERVICE);
    snprintf(message.instance, sizeof message.instance, "%s", s->instance.name);
    message.uptime_s =
        fields_number((double)(clock_monotonic_ms(&s->clock) - s->started_ms) / 1000);
    query_metrics_take(s->query_metrics, &message);
    buf_reset(&s->payload);
    buf_reset(&s->topic);
    service_metrics_encode(&message, &s->payload);
    const char *topic = topic_metrics(&s->topic, s->settings->topic_root, WIRE_SERVICE);
    (void)wire_publish(s->wire, topic, buf_view(&s->payload),
                       (struct bus_publish){.qos = 1, .retained = true}); /* the next is near */
}

/* --- the loop's chores ------------------------------------------------------ */

static void other_instance(struct service *s)
{
    bool young = clock_monotonic_ms(&s->clock) - s->started_ms < YOUNG_MS;
    if (!s->cleared || (young && strcmp(s->instance.name, s->other) > 0)) {
        log_change(s->log, LOG_ERROR, "instance_other",
                   "other=%s client_id=\"%s\" note=\"another query service is online under this "
                   "name; stop it, or give this one its own topic_root and query.client_id\"",
                   s->other, s->settings->query.client_id);
        s->stopping = true;
        s->exit_code = SERVICE_EXIT_INSTANCE;
    } else if (!s->muted) {
        s->muted = true;
        log_change(s->log, LOG_ERROR, "instance_other", "other=%s note=\"no requests are taken\"",
                   s->other);
        wire_mute(s->wire);
    }
}

static void presence_check(struct service *s)
{
    enum presence_state presence = wire_presence(s->wire, s->other);
    if (presence == PRESENCE_OTHER)
        other_instance(s);
    if (presence != PRESENCE_CLEAR)
        return;
    s->cleared = true;
    s->muted = false;
    wire_listen(s->wire);
}

/* Requests are taken when what stood before is known again and InfluxDB was asked once: nobody
 * shall get a poorer answer only because we have just started. */
static void readiness_check(struct service *s)
{
    if (!wire_settled(s->wire))
        return;
    if (!s->world.store.asked && s->settings->influxdb.enabled)
        return;
    rounds_begin(s->rounds);
    wire_take_requests(s->wire);
}

static void broker_check(struct service *s)
{
    bool up = wire_connected(s->wire);
    if (up && !s->world.broker_up)
        log_change(s->log, LOG_INFO, "broker_connected", "note=\"requests are taken\"");
    s->world.broker_up = up;
    s->world.broker_latency_ms = wire_latency_ms(s->wire);
}

static void lost_check(struct service *s)
{
    uint64_t lost = wire_lost_requests(s->wire);
    if (lost == s->lost)
        return;
    query_metrics_lost(s->query_metrics, lost - s->lost);
    s->lost = lost;
    log_event(s->log, LOG_WARNING, "requests_lost",
              "since_start=%" PRIu64 " note=\"too many at once even to say busy\"", lost);
}

/* Online is who answers: before its requests are subscribed to, an asker would wait in vain. */
static void state_say(struct service *s)
{
    const char *reason = "";
    if (!s->world.broker_up) {
        wire_status(s->wire, STATUS_HOLDING, "requests are not taken yet");
        return;
    }
    if (wire_refused(s->wire) > 0)
        reason = "the broker refuses subscriptions; the log names them";
    else if (!s->settings->influxdb.enabled)
        reason = "influxdb.enabled is false: answers come from the services";
    else if (!s->world.store.connected)
        reason = "InfluxDB is away: answers come from the services";
    wire_status(s->wire, STATUS_ONLINE, reason);
}

static bool due(int64_t *due_ms, int64_t now_ms, int64_t interval_ms)
{
    if (interval_ms == 0 || now_ms < *due_ms)
        return false;
    *due_ms = now_ms + interval_ms;
    return true;
}

/* What was read again is put in place between two rounds; what it takes the place of is freed when
 * no question is under way that points into it. */
static void reload_turn(struct service *s)
{
    struct standing *standing = NULL;
    if (s->reload.retired && answerer_idle(s->answerer))
        reload_retire(&s->reload);
    if (!s->reload.next || s->reload.retired || !rounds_idle(s->rounds))
        return;
    const struct settings *before = s->world.settings, *fresh = s->reload.next;
    s->world.settings = fresh;
    if (standing_open(&s->world, s->answerer, &standing, NULL) != ERR_OK ||
        rounds_begin_anew(s->rounds) != ERR_OK) {
        standing_close(standing);
        s->world.settings = before; /* no memory: it is tried again */
        return;
    }
    standing_close(s->standing);
    s->standing = standing;
    reload_take(&s->reload);
    flags_take(&s->flags, &fresh->stats, s->log);
    log_change(s->log, LOG_INFO, "reloaded", "rules=%u standing=%u",
               fresh->query.alerts.rules_count, fresh->query.standing_count);
}

static void chores(struct service *s)
{
    int64_t now_ms = clock_monotonic_ms(&s->clock);
    presence_check(s);
    readiness_check(s);
    broker_check(s);
    lost_check(s);
    if (!s->stopping)
        state_say(s);
    flags_look(&s->flags, now_ms, s->log);
    reload_turn(s);
    s->world.store.enabled = s->flags.now.use_influxdb && s->settings->influxdb.enabled;
    if (due(&s->metrics_due_ms, now_ms, METRICS_MS))
        metrics_publish(s);
    if (due(&s->watchdog_due_ms, now_ms, s->watchdog_ms))
        notify_send("WATCHDOG=1");
    (void)slack_turn(&s->slack, answerer_pending(s->answerer), now_ms);
}

static void signals_read(struct service *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            reload_read(&s->reload, &s->world, NULL);
            continue;
        }
        if (!s->stopping)
            log_change(s->log, LOG_INFO, "stop", "signal=%s",
                       info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT");
        s->stopping = true;
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void wait_for_work(struct service *s, uint32_t wait_ms)
{
    int descriptors[2] = {s->signals,
                          s->metrics_server ? metrics_http_descriptor(s->metrics_server) : 0};
    http_wait(s->http, descriptors, s->metrics_server ? 2 : 1, wait_ms);
    signals_read(s);
    if (s->metrics_server)
        metrics_http_run(s->metrics_server);
}

static void turn(struct service *s)
{
    uint32_t wait_ms = least(1000, wire_turn(s->wire));
    chores(s);
    if (s->settings->influxdb.enabled)
        wait_ms = least(wait_ms, store_turn(s->store));
    wait_ms = least(wait_ms, rounds_turn(s->rounds));
    if (wire_connected(s->wire))
        wait_ms = least(wait_ms, standing_turn(s->standing));
    wait_ms = least(wait_ms, answerer_turn(s->answerer));
    wait_for_work(s, wait_ms);
}

/* What is on its way here when the listener is taken down arrives for some ms more. */
static void hear_out(struct service *s)
{
    int64_t now_ms = clock_monotonic_ms(&s->clock), end_ms = now_ms + STOP_HEAR_MS;
    wire_mute(s->wire);
    for (; now_ms < end_ms; now_ms = clock_monotonic_ms(&s->clock))
        wait_for_work(s, least(wire_turn(s->wire), (uint32_t)(end_ms - now_ms)));
    while (wire_turn(s->wire) == 0)
        ;
}

/* What was asked is answered, for at most STOP_ANSWER_MS; what comes now is told. */
static void wind_down(struct service *s)
{
    notify_send("STOPPING=1");
    answerer_stop(s->answerer);
    int64_t began_ms = clock_monotonic_ms(&s->clock);
    do {
        uint32_t wait_ms = least(wire_turn(s->wire), answerer_turn(s->answerer));
        if (answerer_pending(s->answerer) == 0)
            break;
        wait_for_work(s, least(wait_ms, 100));
    } while (clock_monotonic_ms(&s->clock) - began_ms < STOP_ANSWER_MS);
    answerer_dismiss(s->answerer);
    hear_out(s);
    log_change(s->log, LOG_INFO, "stopped", "after_ms=%" PRId64,
               clock_monotonic_ms(&s->clock) - began_ms);
}

int service_run(struct service *s)
{
    notify_send("READY=1");
    while (!s->stopping)
        turn(s);
    wind_down(s);
    return s->exit_code;
}

/* --- opening and closing ---------------------------------------------------- */

static enum err open_signals(struct service *s, struct err_reason *why)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return err_explain_errno(why, ERR_IO, "signals");
    s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return s->signals < 0 ? err_explain_errno(why, ERR_IO, "signals") : ERR_OK;
}

static enum err open_influx(struct service *s, struct err_reason *why)
{
    const struct settings_influxdb *influxdb = &s->settings->influxdb;
    const struct http_options options = {.ca_file = influxdb->ca_file,
                                         .cert_file = influxdb->cert_file,
                                         .key_file = influxdb->key_file,
                                         .connect_timeout_ms = STORE_TIMEOUT_MS,
                                         .reply_max_bytes = REPLY_MAX_BYTES,
                                         .connections = 8};
    enum err e = http_open(&options, &s->http, why);
    e = e ? e : server_open(s->http, s->settings, &s->server, why);
    e = e ? e : influx_query_open(s->server, &s->query, why);
    if (e == ERR_OK && !(s->gatherer = gather_open(s->query, s, queried)))
        e = ERR_NOMEM;
    return e;
}

static enum err open_metrics(struct service *s, struct err_reason *why)
{
    s->metrics = metrics_new();
    s->query_metrics = s->metrics ? query_metrics_new(s->metrics) : NULL;
    if (!s->query_metrics)
        return ERR_NOMEM;
    if (s->settings->query.metrics_address[0] == '\0')
        return ERR_OK;
    const struct metrics_http_source source = {s, write_metrics, write_health, reload};
    return metrics_http_open(s->settings->query.metrics_address, source, &s->metrics_server, why);
}

static enum err open_store(struct service *s)
{
    const struct store_options options = {.query = s->query,
                                          .log = s->log,
                                          .clock = s->clock,
                                          .metrics = s->query_metrics,
                                          .facts = &s->world.store};
    return store_open(&options, &s->store);
}

static enum err open_wire(struct service *s, struct err_reason *why)
{
    const struct wire_options options = {.settings = s->settings,
                                         .instance = s->instance.name,
                                         .log = s->log,
                                         .clock = s->clock,
                                         .payload_max = ANSWER_PAYLOAD_MAX,
                                         .correlation_max = ASKER_CORRELATION_BYTES,
                                         .context = s,
                                         .wake = wake,
                                         .request = requested,
                                         .heard = heard};
    return wire_open(&options, &s->wire, why);
}

static enum err open_rounds(struct service *s, struct err_reason *why)
{
    const struct rounds_options options = {.world = &s->world,
                                           .gatherer = s->gatherer,
                                           .wire = s->wire,
                                           .log = s->log,
                                           .context = s,
                                           .store_failed = store_failed};
    enum err e = rounds_open(&options, &s->rounds, why);
    if (e == ERR_OK) {
        s->world.alerts = rounds_alerts(s->rounds);
        s->world.habit = rounds_habit(s->rounds);
    }
    return e;
}

static enum err open_answers(struct service *s, struct err_reason *why)
{
    const struct answerer_options options = {.world = &s->world,
                                             .flags = &s->flags.now,
                                             .gatherer = s->gatherer,
                                             .metrics = s->query_metrics,
                                             .log = s->log,
                                             .context = s,
                                             .send = send_answer,
                                             .store_failed = store_failed};
    enum err e = answerer_open(&options, &s->answerer);
    return e ? e : standing_open(&s->world, s->answerer, &s->standing, why);
}

static enum err open_memory(struct service *s)
{
    s->live = live_new();
    s->document = value_document_new();
    return s->live && s->document ? ERR_OK : ERR_NOMEM;
}

static void begin(struct service *s, const struct settings *settings, const char *path,
                  struct log *log, struct clock clock)
{
    s->settings = settings;
    s->log = log;
    s->clock = clock;
    s->signals = s->instance.lock = -1;
    s->flags = flags_make(path, settings);
    s->reload = (struct reload){.path = path, .running = settings, .log = log};
    s->started_ms = clock_monotonic_ms(&clock);
    s->metrics_due_ms = s->started_ms + METRICS_MS;
    s->watchdog_ms = notify_watchdog_ms();
    s->world = (struct endpoint_world){.settings = settings,
                                       .clock = clock,
                                       .broker_latency_ms = -1,
                                       .started_ns = clock_real_ns(&clock),
                                       .instance = s->instance.name};
    s->world.store.enabled = s->flags.now.use_influxdb && settings->influxdb.enabled;
}

enum err service_open(const struct settings *settings, const char *path, struct log *log,
                      struct clock clock, struct service **ret_service, int *ret_exit,
                      struct err_reason *why)
{
    struct service *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    begin(s, settings, path, log, clock);
    *ret_exit = SERVICE_EXIT_CONFIG;
    enum err e = instance_open(settings, &s->instance, why);
    if (e == ERR_BUSY)
        *ret_exit = SERVICE_EXIT_INSTANCE;
    e = e ? e : open_signals(s, why);
    e = e ? e : open_memory(s);
    e = e ? e : open_influx(s, why);
    e = e ? e : open_metrics(s, why);
    e = e ? e : open_store(s);
    e = e ? e : open_wire(s, why);
    s->world.live = s->live;
    e = e ? e : open_rounds(s, why);
    e = e ? e : open_answers(s, why);
    if (e != ERR_OK) {
        service_close(s);
        return e;
    }
    *ret_service = s;
    return ERR_OK;
}

void service_close(struct service *s)
{
    if (!s)
        return;
    wire_close(s->wire, 500);
    if (s->http)
        http_cancel_all(s->http);
    standing_close(s->standing);
    answerer_close(s->answerer);
    rounds_close(s->rounds);
    store_close(s->store);
    gather_close(s->gatherer);
    influx_query_close(s->query);
    server_close(s->server);
    metrics_http_close(s->metrics_server);
    query_metrics_free(s->query_metrics);
    metrics_free(s->metrics);
    http_close(s->http);
    live_free(s->live);
    reload_free(&s->reload);
    value_document_free(s->document);
    instance_close(&s->instance);
    if (s->signals >= 0)
        close(s->signals);
    buf_free(&s->payload);
    buf_free(&s->topic);
    free(s);
}
