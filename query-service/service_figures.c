#include <stdio.h>

#include "query-service/service_parts.h"
#include "schemas/topics.h"

void service_write_metrics(void *context, struct buf *out)
{
    struct service *s = context;
    const struct alert *alert;
    struct query_gauges gauges = {.influxdb_connected = s->world.store.connected,
                                  .broker_connected = service_connected(s),
                                  .in_flight = answerer_pending(s->answerer)};
    answerer_cache_size(s->answerer, &gauges.cache_entries, &gauges.cache_bytes);
    while (alerts_at(s->world.alerts, true, gauges.alerts_firing, &alert))
        gauges.alerts_firing++;
    query_metrics_set(s->query_metrics, &gauges);
    metrics_write(s->metrics, out);
}

static enum figures_source source_now(const struct service *s)
{
    return s->world.store.connected && s->flags.now.use_influxdb ? FIGURES_INFLUXDB
                                                                 : FIGURES_SERVICES_FALLBACK;
}

bool service_write_health(void *context, struct buf *out)
{
    struct service *s = context;
    bool broker = service_connected(s), enabled = s->settings->influxdb.enabled;
    uint32_t refused = listener_refused(s->listener);
    bool store = s->world.store.connected, well = broker && !refused && (store || !enabled);
    buf_printf(out, "{\"status\":\"%s\",\"broker\":\"%s\",\"subscriptions_refused\":%u,",
               well ? "ok" : "degraded", broker ? "up" : "down", refused);
    buf_printf(out, "\"influxdb\":\"%s\",", !enabled ? "disabled" : (store ? "up" : "down"));
    buf_string(out, "\"influxdb_version\":");
    buf_json_text(out, text_of(s->world.store.version));
    buf_string(out, ",\"influxdb_reason\":");
    buf_json_text(out, text_of(s->world.store.words));
    buf_printf(out, ",\"answers_from\":\"%s\",\"requests_in_flight\":%u}\n",
               figures_source_name(source_now(s)), answerer_pending(s->answerer));
    return well;
}

bool service_reload(void *context, struct buf *out)
{
    struct service *s = context;
    return reload_read(&s->reload, &s->world, out);
}

void service_publish_metrics(struct service *s)
{
    int64_t now_ms = clock_monotonic_ms(&s->clock);
    struct service_metrics message = {
        .time_ns = clock_real_ns(&s->clock),
        .state = s->world.broker_up ? STATUS_ONLINE : STATUS_HOLDING,
        .interval_s = fields_number((double)(now_ms - s->metrics_said_ms) / 1000)};
    snprintf(message.service, sizeof message.service, "%s", SPEAKER_SERVICE);
    snprintf(message.instance, sizeof message.instance, "%s", s->instance.name);
    message.uptime_s = fields_number((double)(now_ms - s->started_ms) / 1000);
    s->metrics_said_ms = now_ms;
    query_metrics_take(s->query_metrics, &message);
    buf_reset(&s->payload);
    buf_reset(&s->topic);
    service_metrics_encode(&message, &s->payload);
    const char *topic = topic_metrics(&s->topic, s->settings->topic_root, SPEAKER_SERVICE);
    (void)speaker_publish(s->speaker, topic, buf_view(&s->payload),
                          (struct bus_publish){.qos = 1, .retained = true}); /* the next is near */
}

static void live_fill(const struct service *s, struct live_message *ret)
{
    const struct endpoint_store *store = &s->world.store;
    *ret = (struct live_message){
        .time_ns = clock_real_ns(&s->clock),
        .state = s->world.broker_up ? STATUS_ONLINE : STATUS_HOLDING,
        .events_total = fields_unsigned(query_metrics_total(s->query_metrics)),
        .requests_in_flight = fields_unsigned(answerer_pending(s->answerer)),
        .source = source_now(s) == FIGURES_INFLUXDB ? LIVE_SOURCE_INFLUXDB : LIVE_SOURCE_SERVICES,
        .influxdb = !s->settings->influxdb.enabled ? LIVE_INFLUXDB_OFF
                    : !store->asked                ? LIVE_INFLUXDB_UNSAID
                    : store->connected             ? LIVE_INFLUXDB_ANSWERING
                                                   : LIVE_INFLUXDB_AWAY,
    };
    fields_copy(ret->service, sizeof ret->service, TEXT(SPEAKER_SERVICE));
    fields_copy(ret->instance, sizeof ret->instance, text_of(s->instance.name));
    fields_copy(ret->influxdb_reason, sizeof ret->influxdb_reason, text_of(store->words));
}

uint32_t service_live_turn(struct service *s)
{
    int64_t now_ms = clock_monotonic_ms(&s->clock);
    uint32_t wait_ms = live_pace_wait_ms(&s->pace, now_ms);
    struct live_message message;
    if (wait_ms > 0)
        return wait_ms;
    if (!speaker_speaks(s->speaker))
        return 1000;
    live_fill(s, &message);
    if (!live_pace_take(&s->pace, &message, speaker_connections(s->speaker), now_ms))
        return 1000;
    buf_reset(&s->payload);
    buf_reset(&s->topic);
    live_message_encode(&message, &s->payload);
    const char *topic = topic_live(&s->topic, s->settings->topic_root, SPEAKER_SERVICE);
    if (!speaker_publish(s->speaker, topic, buf_view(&s->payload),
                         (struct bus_publish){.retained = true}))
        live_pace_failed(&s->pace);
    return LIVE_PACE_MS;
}
