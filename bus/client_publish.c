#include <stdlib.h>
#include <string.h>

#include "bus/client_parts.h"

#define WAIT_SLICE_MS 20
#define MAX_PAYLOAD_BYTES                                                                          \
    268000000u /* below MQTT's 268,435,455 for the whole packet, section 1.5.5 */
#define MAX_EXPIRY_S   2147483647u /* paho 1.3.12 writes larger ones wrongly */
#define MAX_TEXT_BYTES 65535u

static bool topic_is_sane(const char *topic)
{
    struct text t = text_of(topic);
    return t.len > 0 && t.len <= MAX_TEXT_BYTES && !strpbrk(topic, "+#") && text_utf8_valid(t);
}

static bool texts_are_sane(const struct bus_publish *how)
{
    return how->qos <= 2 && how->content_type.len <= MAX_TEXT_BYTES &&
           how->response_topic.len <= MAX_TEXT_BYTES && how->correlation.len <= MAX_TEXT_BYTES &&
           text_utf8_valid(how->content_type) && text_utf8_valid(how->response_topic);
}

static bool add_text(MQTTProperties *properties, enum MQTTPropertyCodes code, struct text t)
{
    MQTTProperty property = {.identifier = code, .value.data.len = (int)t.len};
    memcpy(&property.value.data.data, &t.at, sizeof t.at); /* paho copies, but has no const */
    return t.len == 0 || MQTTProperties_add(properties, &property) == 0;
}

static bool add_properties(MQTTProperties *properties, const struct bus_publish *how)
{
    MQTTProperty expiry = {.identifier = MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL,
                           .value.integer4 =
                               how->expiry_s < MAX_EXPIRY_S ? how->expiry_s : MAX_EXPIRY_S};
    return (how->expiry_s == 0 || MQTTProperties_add(properties, &expiry) == 0) &&
           add_text(properties, MQTTPROPERTY_CODE_CONTENT_TYPE, how->content_type) &&
           add_text(properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, how->response_topic) &&
           add_text(properties, MQTTPROPERTY_CODE_CORRELATION_DATA, how->correlation);
}

static enum err outcome_of(int code)
{
    static const struct {
        int code;
        enum err err;
    } table[] = {
        {MQTTASYNC_SUCCESS, ERR_OK},
        {MQTTASYNC_DISCONNECTED, ERR_CLOSED},
        {MQTTASYNC_MAX_BUFFERED_MESSAGES, ERR_FULL},
        {MQTTASYNC_NO_MORE_MSGIDS, ERR_FULL},
        {MQTTASYNC_BAD_UTF8_STRING, ERR_INVALID},
        {MQTTASYNC_BAD_QOS, ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].code == code)
            return table[i].err;
    return ERR_NOMEM;
}

static void on_published(void *context, MQTTAsync_successData5 *data)
{
    struct request *request = context;
    struct bus_client *client = request->context;
    (void)data;
    request_end(request, ERR_OK);
    client_hand_over(client);
}

static void on_not_published(void *context, MQTTAsync_failureData5 *data)
{
    struct request *request = context;
    struct bus_client *client = request->context;
    if (data->reasonCode < MQTTREASONCODE_UNSPECIFIED_ERROR) { /* the connection ended first */
        request_end(request, ERR_CLOSED);
        return;
    }
    struct err_reason words;
    err_explain(&words, ERR_REFUSED, "the broker refused a publish to '%s': %s", request->subject,
                client_reason((int)data->reasonCode));
    client_complain(client, words.text);
    request_end(request, ERR_REFUSED);
    client_hand_over(client);
}

/* Gives the request to paho, which copies everything; the answer may come before this returns, and
 * the request be gone. */
static enum err send_to_paho(struct bus_client *client, struct request *request)
{
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    void *payload = request->payload;
    call.context = request;
    call.onSuccess5 = on_published;
    call.onFailure5 = on_not_published;
    call.properties = request->properties;
    request->payload = NULL;
    enum err err = outcome_of(MQTTAsync_send(client->handle, request->subject, (int)request->bytes,
                                             payload, request->qos, request->retained, &call));
    free(payload);
    return err;
}

void client_hand_over(struct bus_client *client)
{
    struct request *request = requests_next(client->requests, false);
    for (; request; request = requests_next(client->requests, true)) {
        enum err err = send_to_paho(client, request);
        if (err)
            request_end(request, err);
    }
}

static enum err make_request(struct bus_client *client, const char *topic, struct text payload,
                             const struct bus_publish *how, struct request **ret_request)
{
    struct request *request;
    enum err err = request_begin(client->requests, REQUEST_PUBLISH, topic, payload.len, &request);
    if (err)
        return err;
    request->qos = how->qos;
    request->retained = how->retained;
    request->payload = malloc(payload.len ? payload.len : 1);
    if (!request->payload || !add_properties(&request->properties, how)) {
        request_end(request, ERR_NOMEM);
        return ERR_NOMEM;
    }
    if (payload.len)
        memcpy(request->payload, payload.at, payload.len);
    *ret_request = request;
    return ERR_OK;
}

/* With ret_awaited not NULL the request (of QoS 1) stays until it is collected or abandoned. */
static enum err publish(struct bus_client *client, const char *topic, struct text payload,
                        const struct bus_publish *how, struct request **ret_awaited)
{
    struct request *request;
    if (!topic || !topic_is_sane(topic) || !texts_are_sane(how))
        return ERR_INVALID;
    if (payload.len > MAX_PAYLOAD_BYTES)
        return ERR_TOO_LARGE;
    if (connection_peek(client->connection).phase != CONNECTION_UP)
        return ERR_CLOSED;
    enum err err = make_request(client, topic, payload, how, &request);
    if (err)
        return err;
    if (how->qos == 0) { /* no window holds it back; the order of QoS 0 is its own */
        err = send_to_paho(client, request);
        if (err)
            request_end(request, err);
        return err;
    }
    request->awaited = ret_awaited != NULL;
    if (ret_awaited)
        *ret_awaited = request;
    request_queue(request);
    client_hand_over(client);
    /* Lost since the look above: then nobody else will end what was queued too late. */
    if (connection_peek(client->connection).phase != CONNECTION_UP)
        requests_drop_waiting(client->requests, ERR_CLOSED);
    return ERR_OK;
}

enum err bus_client_publish(struct bus_client *client, const char *topic, struct text payload,
                            struct bus_publish how)
{
    return publish(client, topic, payload, &how, NULL);
}

static uint32_t slice(int64_t left_ms)
{
    return left_ms < WAIT_SLICE_MS ? (uint32_t)left_ms : WAIT_SLICE_MS;
}

enum err bus_client_publish_wait(struct bus_client *client, const char *topic, struct text payload,
                                 struct bus_publish how, uint32_t timeout_ms)
{
    struct clock real = clock_system(); /* the person's patience, not the client's clock */
    int64_t end_ms = clock_monotonic_ms(&real) + timeout_ms;
    int64_t left_ms = timeout_ms;
    struct request *request = NULL;
    how.qos = 1;
    for (; left_ms > 0; left_ms = end_ms - clock_monotonic_ms(&real)) {
        bus_client_turn(client);
        if (request && request_wait(request, slice(left_ms)))
            return request_collect(request);
        if (request)
            continue;
        enum err err = publish(client, topic, payload, &how, &request);
        if (err != ERR_OK && err != ERR_CLOSED && err != ERR_FULL)
            return err;
        if (err == ERR_CLOSED)
            connection_wait_other(client->connection, connection_peek(client->connection).phase,
                                  slice(left_ms));
    }
    if (request)
        request_abandon(request);
    return ERR_TIMEOUT;
}
