#include "query-service/service_parts.h"
#include "schemas/topics.h"

bool service_connected(const struct service *s)
{
    return speaker_speaks(s->speaker) && listener_takes_requests(s->listener);
}

void service_wake(void *context)
{
    struct service *s = context;
    http_wake(s->http);
}

void service_send(void *context, const struct asker *asker, struct text payload)
{
    struct service *s = context;
    const struct bus_publish how = {
        .qos = asker->standing ? 1 : 0,
        .retained = asker->standing,
        .correlation = asker->correlation,
        .content_type = asker->encoding == VALUE_MSGPACK ? TEXT("application/msgpack")
                                                         : TEXT("application/json"),
    };
    if (!speaker_publish(s->speaker, asker->topic, payload, how))
        log_event(s->log, LOG_WARNING, "answer_not_sent", "reason=\"the broker is away, or slow\"");
}

void service_store_failed(void *context, enum err outcome, const char *words)
{
    struct service *s = context;
    log_event(s->log, LOG_WARNING, "influxdb_question_failed", "outcome=\"%s\" reason=\"%s\"",
              err_text(outcome), words);
    store_doubt(s->store);
}

void service_queried(void *context, const char *asker, enum err outcome, uint32_t elapsed_us)
{
    struct service *s = context;
    query_metrics_query(s->query_metrics, asker, outcome, elapsed_us / 1e6);
}

void service_requested(void *context, struct rpc_request *request)
{
    struct service *s = context;
    answerer_take(s->answerer, request);
}

static enum err heard_metrics(struct service *s, struct text service, struct value root,
                              bool retained)
{
    struct service_metrics metrics;
    enum err e = service_metrics_decode(root, &metrics, NULL);
    e = e ? e : live_metrics(s->live, service, &metrics);
    if (e == ERR_OK && !retained)
        live_heard(s->live, service, clock_real_ns(&s->clock));
    return e;
}

static enum err heard_status(struct service *s, struct text service, struct value root,
                             bool retained)
{
    struct status status;
    enum err e = status_decode(root, &status, NULL);
    e = e ? e : live_status(s->live, service, &status);
    if (e == ERR_OK && !retained && status.state != STATUS_OFFLINE) /* that is the broker's word */
        live_heard(s->live, service, clock_real_ns(&s->clock));
    return e;
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
        e = topic->kind == TOPIC_METRICS ? heard_metrics(s, topic->name, root, message->retained)
                                         : heard_status(s, topic->name, root, message->retained);
    if (e != ERR_OK)
        log_event(s->log, LOG_WARNING, "service_not_understood", "topic=\"%.*s\" reason=\"%s\"",
                  TEXT_ARGS(message->topic), err_text(e));
}

static void heard_rejected(struct service *s, const struct rpc_request *message)
{
    struct err_reason why = {""};
    struct value root;
    enum err e =
        value_parse(s->document, value_encoding_of(message->content_type, message->payload),
                    message->payload, &root, &why);
    e = e ? e : rejects_heard_add(s->rejects, root, &why);
    if (e != ERR_OK)
        log_event(s->log, LOG_WARNING, "rejection_not_understood",
                  "topic=\"%.*s\" reason=\"%s: %s\"", TEXT_ARGS(message->topic), err_text(e),
                  why.text);
}

void service_heard(void *context, const struct rpc_request *message)
{
    struct service *s = context;
    struct topic topic = topic_parse(s->settings->topic_root, message->topic);
    if (topic.kind == TOPIC_METRICS || topic.kind == TOPIC_STATUS)
        heard_of_service(s, &topic, message);
    else if (topic.kind == TOPIC_REJECTED)
        heard_rejected(s, message);
    else
        rounds_restore(s->rounds, message->topic, message->payload);
}
