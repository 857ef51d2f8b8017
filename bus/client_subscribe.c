#include <stdlib.h>

#include "bus/client_parts.h"

const char *client_reason(int code)
{
    const char *words = MQTTReasonCode_toString((enum MQTTReasonCodes)code);
    return words ? words : "unknown reason";
}

static void answered(struct request *request, bool refused)
{
    struct bus_client *client = request->context;
    bool last = connection_answered(client->connection, request->generation, refused);
    request_end(request, ERR_OK);
    if (last && client->options.subscribed)
        client->options.subscribed(client->options.context);
}

static bool is_stale(const struct request *request)
{
    struct bus_client *client = request->context;
    return connection_peek(client->connection).generation != request->generation;
}

static void on_granted(void *context, MQTTAsync_successData5 *data)
{
    struct request *request = context;
    int granted = (int)data->reasonCode;
    if (granted < request->qos && !is_stale(request)) {
        struct err_reason words;
        err_explain(&words, ERR_REFUSED,
                    "the broker granted QoS %d instead of %u for the subscription '%s'", granted,
                    request->qos, request->subject);
        client_complain(request->context, words.text);
    }
    answered(request, false);
}

static void on_not_granted(void *context, MQTTAsync_failureData5 *data)
{
    struct request *request = context;
    bool refused = data->reasonCode >= MQTTREASONCODE_UNSPECIFIED_ERROR;
    if (!refused) { /* the connection ended first; the next one is told anew */
        request_end(request, ERR_CLOSED);
        return;
    }
    if (!is_stale(request)) {
        struct err_reason words;
        err_explain(&words, ERR_REFUSED, "the broker refused the subscription '%s': %s",
                    request->subject, client_reason((int)data->reasonCode));
        client_complain(request->context, words.text);
    }
    answered(request, true);
}

static void on_taken_out(void *context, MQTTAsync_successData5 *data)
{
    (void)data; /* "no subscription existed" is as good */
    request_end(context, ERR_OK);
}

static void on_not_taken_out(void *context, MQTTAsync_failureData5 *data)
{
    (void)data;
    request_end(context, ERR_CLOSED);
}

static bool send_unsubscribe(struct bus_client *client, const char *filter)
{
    struct request *request;
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    if (request_begin(client->requests, REQUEST_SUBSCRIPTION, filter, 0, &request) != ERR_OK)
        return false;
    call.context = request;
    call.onSuccess5 = on_taken_out;
    call.onFailure5 = on_not_taken_out;
    if (MQTTAsync_unsubscribe(client->handle, filter, &call) == MQTTASYNC_SUCCESS)
        return true;
    request_end(request, ERR_CLOSED);
    return false;
}

static const unsigned char retain_handling[] = {
    [BUS_RETAINED_NEVER] = 2, [BUS_RETAINED_WHEN_NEW] = 1, [BUS_RETAINED_ALWAYS] = 0};

static bool send_subscribe(struct bus_client *client, const struct bus_subscription *what,
                           uint32_t generation)
{
    struct request *request;
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    MQTTProperty id = {.identifier = MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER,
                       .value.integer4 = what->id};
    if (request_begin(client->requests, REQUEST_SUBSCRIPTION, what->filter, 0, &request) != ERR_OK)
        return false;
    request->generation = generation;
    request->qos = what->qos;
    call.context = request;
    call.onSuccess5 = on_granted;
    call.onFailure5 = on_not_granted;
    call.subscribeOptions.noLocal = what->no_local;
    call.subscribeOptions.retainHandling = retain_handling[what->send_retained];
    bool sent =
        (what->id == 0 || MQTTProperties_add(&call.properties, &id) == 0) &&
        MQTTAsync_subscribe(client->handle, what->filter, what->qos, &call) == MQTTASYNC_SUCCESS;
    MQTTProperties_free(&call.properties);
    if (!sent)
        request_end(request, ERR_CLOSED);
    return sent;
}

/* What cannot be sent now (the connection is ending, or too much waits) stays unsent for the next
 * turn or the next connection. The whole number is expected first, so that the last answer is the
 * last. */
void client_send_subscriptions(struct bus_client *client, uint32_t generation)
{
    struct subscriptions *s = &client->subscriptions;
    bool fresh = client->told_generation != generation;
    uint32_t unsent = 0;
    if (fresh)
        subscriptions_forget_sent(s);
    client->told_generation = generation;
    for (size_t i = 0; i < s->unwanted_count; i++)
        if (!s->unwanted[i].sent)
            s->unwanted[i].sent = send_unsubscribe(client, s->unwanted[i].filter);
    for (size_t i = 0; i < s->wanted_count; i++)
        unsent += !s->wanted[i].sent;
    connection_expect(client->connection, fresh, unsent);
    for (size_t i = 0; i < s->wanted_count; i++) {
        if (s->wanted[i].sent)
            continue;
        s->wanted[i].sent = send_subscribe(client, &s->wanted[i].what, generation);
        if (!s->wanted[i].sent) /* expected again when it is tried again */
            (void)connection_answered(client->connection, generation, false);
    }
    if (fresh && unsent == 0 && client->options.subscribed)
        client->options.subscribed(client->options.context);
}

static void send_if_up(struct bus_client *client)
{
    struct connection_view now = connection_peek(client->connection);
    if (now.phase == CONNECTION_UP)
        client_send_subscriptions(client, now.generation);
}

enum err bus_client_subscribe(struct bus_client *client, const struct bus_subscription *list,
                              size_t count)
{
    enum err err = subscriptions_set(&client->subscriptions, list, count);
    if (err == ERR_OK)
        send_if_up(client);
    return err;
}

enum err bus_client_unsubscribe(struct bus_client *client, const char *filter)
{
    enum err err = subscriptions_drop(&client->subscriptions, filter);
    if (err == ERR_OK)
        send_if_up(client);
    return err;
}
