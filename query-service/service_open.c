#include <stdlib.h>
#include <unistd.h>

#include "base/notify.h"
#include "base/program.h"
#include "base/signals.h"
#include "influx/server.h"
#include "query-service/service_parts.h"

#define REPLY_MAX_BYTES (4u << 20)

static enum err open_influx(struct service *s, struct err_reason *why)
{
    struct http_options options = server_http_options(&s->settings->influxdb);
    options.connect_timeout_ms = STORE_TIMEOUT_MS;
    options.reply_max_bytes = REPLY_MAX_BYTES;
    options.connections = 8;
    enum err e = http_open(&options, &s->http, why);
    e = e ? e : server_open(s->http, s->settings, &s->server, why);
    e = e ? e : influx_query_open(s->server, &s->query, why);
    if (e == ERR_OK && !(s->gatherer = gather_open(s->query, s, service_queried)))
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
    const struct metrics_http_source source = {s, service_write_metrics, service_write_health,
                                               service_reload};
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

static enum err open_bus(struct service *s, struct err_reason *why)
{
    const struct speaker_options speaker = {.settings = s->settings,
                                            .instance = s->instance.name,
                                            .log = s->log,
                                            .clock = s->clock,
                                            .context = s,
                                            .wake = service_wake};
    enum err e = speaker_open(&speaker, &s->speaker, why);
    const struct listener_options listener = {.settings = s->settings,
                                              .instance = s->instance.name,
                                              .speaker = s->speaker,
                                              .log = s->log,
                                              .clock = s->clock,
                                              .payload_max = ANSWER_PAYLOAD_MAX,
                                              .correlation_max = ASKER_CORRELATION_BYTES,
                                              .context = s,
                                              .wake = service_wake,
                                              .request = service_requested,
                                              .heard = service_heard};
    return e ? e : listener_open(&listener, &s->listener, why);
}

static enum err open_rounds(struct service *s, uint32_t round_ms, struct err_reason *why)
{
    const struct rounds_options options = {.world = &s->world,
                                           .gatherer = s->gatherer,
                                           .speaker = s->speaker,
                                           .listener = s->listener,
                                           .log = s->log,
                                           .every_ms = round_ms,
                                           .context = s,
                                           .store_failed = service_store_failed};
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
                                             .send = service_send,
                                             .store_failed = service_store_failed};
    enum err e = answerer_open(&options, &s->answerer);
    return e ? e : standing_open(&s->world, s->answerer, &s->standing, why);
}

static enum err open_memory(struct service *s)
{
    s->live = live_new();
    s->rejects = rejects_heard_new();
    s->document = value_document_new();
    return s->live && s->rejects && s->document ? ERR_OK : ERR_NOMEM;
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
    s->started_ms = s->deaf_since_ms = clock_monotonic_ms(&clock);
    s->metrics_said_ms = s->started_ms;
    s->metrics_due_ms = s->started_ms + SERVICE_METRICS_MS;
    s->watchdog_ms = notify_watchdog_ms();
    s->world = (struct endpoint_world){.settings = settings,
                                       .clock = clock,
                                       .broker_latency_ms = -1,
                                       .started_ns = clock_real_ns(&clock),
                                       .instance = s->instance.name};
    s->world.store.enabled = s->flags.now.use_influxdb && settings->influxdb.enabled;
}

enum err service_open(const struct settings *settings, const char *path, struct log *log,
                      struct clock clock, uint32_t round_ms, struct service **ret_service,
                      int *ret_exit, struct err_reason *why)
{
    struct service *s = calloc(1, sizeof *s);
    *ret_exit = PROGRAM_EXIT_MEMORY;
    if (!s)
        return ERR_NOMEM;
    begin(s, settings, path, log, clock);
    enum err e = instance_open(settings, &s->instance, why);
    *ret_exit = e == ERR_BUSY ? PROGRAM_EXIT_INSTANCE : PROGRAM_EXIT_CONFIG;
    e = e ? e : signals_open(&s->signals, why);
    e = e ? e : open_memory(s);
    e = e ? e : open_influx(s, why);
    e = e ? e : open_metrics(s, why);
    e = e ? e : open_store(s);
    e = e ? e : open_bus(s, why);
    s->world.live = s->live;
    s->world.rejects = s->rejects;
    e = e ? e : open_rounds(s, round_ms, why);
    e = e ? e : open_answers(s, why);
    if (e != ERR_OK) {
        if (e == ERR_NOMEM)
            *ret_exit = PROGRAM_EXIT_MEMORY;
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
    listener_close(s->listener, 500);
    speaker_close(s->speaker, 500);
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
    rejects_heard_free(s->rejects);
    live_pace_free(&s->pace);
    reload_free(&s->reload);
    value_document_free(s->document);
    instance_close(&s->instance);
    if (s->signals >= 0)
        close(s->signals);
    buf_free(&s->payload);
    buf_free(&s->topic);
    free(s);
}
