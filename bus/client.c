#include "bus/client.h"

#include <MQTTAsync.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/backoff.h"
#include "bus/address.h"
#include "bus/client_parts.h"
#include "bus/dial.h"
#include "bus/no_delay.h"

#define TURN_MS        1000
#define STABLE_MS      5000 /* a connection that lasted this long starts the waiting times anew */
#define RETRY_FLOOR_MS 100
#define RETRY_CAP_MS   3000

static const size_t option_texts[] = {
    offsetof(struct bus_options, url),          offsetof(struct bus_options, client_id),
    offsetof(struct bus_options, username),     offsetof(struct bus_options, password_file),
    offsetof(struct bus_options, ca_file),      offsetof(struct bus_options, cert_file),
    offsetof(struct bus_options, key_file),     offsetof(struct bus_options, will.topic),
    offsetof(struct bus_options, will.payload),
};

static char **option_text(struct bus_options *options, size_t i)
{
    return (char **)(void *)((char *)options + option_texts[i]);
}

static bool copy_options(struct bus_options *copy, const struct bus_options *options)
{
    bool copied = true;
    *copy = *options;
    for (size_t i = 0; i < sizeof option_texts / sizeof *option_texts; i++) {
        char **at = option_text(copy, i);
        *at = *at ? strdup(*at) : strdup("");
        copied = copied && *at;
    }
    if (!copy->clock.monotonic_ns)
        copy->clock = clock_system();
    return copied;
}

static void free_options(struct bus_options *copy)
{
    for (size_t i = 0; i < sizeof option_texts / sizeof *option_texts; i++)
        free(*option_text(copy, i));
}

static int64_t now_ms(const struct bus_client *client)
{
    return clock_monotonic_ms(&client->options.clock);
}

static void wake(struct bus_client *client)
{
    if (client->options.wake)
        client->options.wake(client->options.context);
}

void client_complain(struct bus_client *client, const char *words)
{
    connection_set_error(client->connection, words);
    if (client->options.lost)
        client->options.lost(client->options.context, words);
}

static void ended(struct bus_client *client, const char *words)
{
    struct err_reason why;
    connection_ended(client->connection, now_ms(client), words, &why);
    requests_drop_waiting(client->requests, ERR_CLOSED);
    if (client->options.lost)
        client->options.lost(client->options.context, why.text);
    wake(client);
}

/* From here on: what paho calls. */

static void on_closed(void *context, MQTTAsync_successData5 *data)
{
    struct bus_client *client = context;
    (void)data;
    connection_closed(client->connection);
    requests_drop_waiting(client->requests, ERR_CLOSED);
    wake(client);
}

/* With timeout 0: waiting for publishes would let in thousands of messages meanwhile. When it fails
 * the connection is down already, and on_lost says so. */
static void disconnect(struct bus_client *client)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
    options.timeout = 0;
    options.context = client;
    options.onSuccess5 = on_closed;
    (void)MQTTAsync_disconnect(client->handle, &options);
}

/* How many publishes the broker wants unanswered at most: 65,535 where it does not say (MQTT 5.0,
 * section 3.2.2.3.3). */
static uint16_t receive_maximum(const MQTTProperties *connack)
{
    for (int i = 0; i < connack->count; i++)
        if (connack->array[i].identifier == MQTTPROPERTY_CODE_RECEIVE_MAXIMUM)
            return connack->array[i].value.integer2;
    return UINT16_MAX;
}

static void on_connected(void *context, MQTTAsync_successData5 *data)
{
    struct bus_client *client = context;
    requests_set_window(client->requests, receive_maximum(&data->properties));
    if (client->options.no_delay)
        no_delay_set(client->address.port);
    bool held = connection_up(client->connection, now_ms(client));
    if (client->options.connected)
        client->options.connected(client->options.context, data->alt.connect.sessionPresent != 0);
    if (held)
        disconnect(client);
    wake(client);
}

static void on_connect_failed(void *context, MQTTAsync_failureData5 *data)
{
    struct bus_client *client = context;
    struct err_reason words;
    int code =
        data->reasonCode >= MQTTREASONCODE_UNSPECIFIED_ERROR ? (int)data->reasonCode : data->code;
    bool credentials =
        code == MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD || code == MQTTREASONCODE_NOT_AUTHORIZED;
    if (code >= MQTTREASONCODE_UNSPECIFIED_ERROR)
        err_explain(&words, ERR_REFUSED, "%s refused the connection: %s%s", client->options.url,
                    client_reason(code), credentials ? " (username and password_file)" : "");
    else
        err_explain(&words, ERR_IO, "%s cannot be reached: %s", client->options.url,
                    data->message ? data->message : "no connection");
    ended(client, words.text);
}

static void on_lost(void *context, char *cause)
{
    struct bus_client *client = context;
    struct err_reason words;
    (void)cause; /* paho 1.3.12 always gives NULL */
    err_explain(&words, ERR_CLOSED, "the connection to %s was lost", client->options.url);
    ended(client, words.text);
}

/* A DISCONNECT packet; on_lost follows. */
static void on_disconnect_packet(void *context, MQTTProperties *properties,
                                 enum MQTTReasonCodes code)
{
    struct bus_client *client = context;
    (void)properties;
    connection_note(client->connection, client_reason((int)code));
}

/* OpenSSL's "thread:error:code:library:function:reason:file:line:..."; on_connect_failed follows.
 */
static int on_tls_error(const char *words, size_t len, void *context)
{
    struct bus_client *client = context;
    struct text rest = {words, len};
    struct err_reason note;
    for (int field = 0; field < 5 && rest.len; field++) {
        const char *colon = memchr(rest.at, ':', rest.len);
        size_t used = colon ? (size_t)(colon - rest.at) + 1 : rest.len;
        rest = (struct text){rest.at + used, rest.len - used};
    }
    const char *end = rest.len ? memchr(rest.at, ':', rest.len) : NULL;
    rest.len = end ? (size_t)(end - rest.at) : rest.len;
    err_explain(&note, ERR_IO, "TLS: %.*s", TEXT_ARGS(rest));
    if (rest.len)
        connection_note(client->connection, note.text);
    return 1;
}

static struct text property_text(const MQTTProperty *property)
{
    return (struct text){property->value.data.data, (size_t)property->value.data.len};
}

/* Once over the array; paho's getters would each search it again. */
static void take_properties(const MQTTProperties *properties, struct bus_message *message)
{
    for (int i = 0; i < properties->count; i++) {
        const MQTTProperty *p = &properties->array[i];
        switch (p->identifier) {
        case MQTTPROPERTY_CODE_CONTENT_TYPE:
            message->content_type = property_text(p);
            break;
        case MQTTPROPERTY_CODE_RESPONSE_TOPIC:
            message->response_topic = property_text(p);
            break;
        case MQTTPROPERTY_CODE_CORRELATION_DATA:
            message->correlation = property_text(p);
            break;
        case MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER:
            if (message->subscription_id == 0)
                message->subscription_id = p->value.integer4;
            break;
        case MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL:
            message->expiry_s = p->value.integer4;
            break;
        default:
            break;
        }
    }
}

/* paho sends the PUBACK when this returns, whatever it returns; 0 would only queue the message. */
static int on_message(void *context, char *topic, int topic_len, MQTTAsync_message *arrived)
{
    struct bus_client *client = context;
    struct bus_message message = {
        .topic = {topic, topic_len > 0 ? (size_t)topic_len : strlen(topic)},
        .payload = {arrived->payload, (size_t)arrived->payloadlen},
        .qos = (uint8_t)arrived->qos,
        .retained = arrived->retained != 0,
        .dup = arrived->dup != 0,
        .packet_id = arrived->qos ? (uint16_t)arrived->msgid : 0,
    };
    take_properties(&arrived->properties, &message);
    if (client->options.arrived &&
        client->options.arrived(client->options.context, &message) == BUS_KEPT_LAST)
        bus_client_hold(client);
    MQTTAsync_freeMessage(&arrived);
    MQTTAsync_free(topic);
    return 1;
}

/* From here on: the owner's loop. */

static enum err check_options(const struct bus_options *options, struct err_reason *why)
{
    struct text id = text_of(options->client_id ? options->client_id : "");
    if (id.len == 0 || id.len > 65535 || !text_utf8_valid(id))
        return err_explain(why, ERR_INVALID,
                           "the client id should be UTF-8 text of 1 to 65535 bytes");
    return ERR_OK;
}

static enum err make_handle(struct bus_client *client, struct err_reason *why)
{
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    char url[ADDRESS_URL_SIZE];
    create.sendWhileDisconnected = 0;
    create.maxBufferedMessages = REQUEST_MAX + 1; /* our own limit comes first */
    address_format(&client->address, url);
    /* By default paho formats a line for every packet into a ring that nobody reads. */
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    int refused = MQTTAsync_createWithOptions(&client->handle, url, client->options.client_id,
                                              MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
    if (refused != MQTTASYNC_SUCCESS)
        return err_explain(why, ERR_INVALID, "no MQTT client could be made: %s",
                           MQTTAsync_strerror(refused));
    if (MQTTAsync_setCallbacks(client->handle, client, on_lost, on_message, NULL) != 0 ||
        MQTTAsync_setDisconnected(client->handle, client, on_disconnect_packet) != 0)
        return err_explain(why, ERR_INVALID, "no MQTT client could be made: callbacks refused");
    return ERR_OK;
}

struct bus_options bus_options_from(const struct settings_broker *broker)
{
    return (struct bus_options){.url = broker->url,
                                .username = broker->username,
                                .password_file = broker->password_file,
                                .ca_file = broker->ca_file,
                                .cert_file = broker->cert_file,
                                .key_file = broker->key_file};
}

enum err bus_client_open(const struct bus_options *options, struct bus_client **ret_client,
                         struct err_reason *why)
{
    uint64_t seed = 0;
    enum err err = check_options(options, why);
    if (err)
        return err;
    struct bus_client *client = calloc(1, sizeof *client);
    if (!client)
        return err_explain(why, ERR_NOMEM, "no memory for an MQTT client");
    bool copied = copy_options(&client->options, options);
    client->connection = connection_new();
    client->requests = requests_new(client);
    if (!copied || !client->connection || !client->requests) {
        err = err_explain(why, ERR_NOMEM, "no memory for an MQTT client");
        goto out;
    }
    err = address_parse(options->url, &client->address, why);
    if (err)
        goto out;
    err = make_handle(client, why);
    if (err)
        goto out;
    bool given = options->retry_floor_ms || options->retry_cap_ms;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = (uint64_t)now_ms(client) ^ (uint64_t)(uintptr_t)client;
    client->backoff = backoff_make(given ? options->retry_floor_ms : RETRY_FLOOR_MS,
                                   given ? options->retry_cap_ms : RETRY_CAP_MS, seed);
    client->next_attempt_ms = now_ms(client);
    *ret_client = client;
    return ERR_OK;
out:
    bus_client_close(client, 0);
    return err;
}

static void attempt(struct bus_client *client)
{
    struct dial dial = {.options = &client->options,
                        .address = &client->address,
                        .context = client,
                        .answered = on_connected,
                        .failed = on_connect_failed,
                        .tls_error = on_tls_error};
    struct err_reason why = {""};
    connection_begin(client->connection);
    if (dial_connect(client->handle, &dial, &why) != ERR_OK)
        ended(client, why.text);
}

static void plan_next_attempt(struct bus_client *client, int64_t lasted_ms)
{
    if (lasted_ms >= STABLE_MS)
        backoff_reset(&client->backoff);
    client->next_attempt_ms = now_ms(client) + backoff_next_ms(&client->backoff);
}

uint32_t bus_client_turn(struct bus_client *client)
{
    struct connection_view now = connection_look(client->connection);
    if (now.ended)
        plan_next_attempt(client, now.lasted_ms);
    if (now.phase == CONNECTION_UP) {
        client_send_subscriptions(client, now.generation);
        return TURN_MS;
    }
    if (now.phase != CONNECTION_DOWN || now.held)
        return TURN_MS;
    int64_t left_ms = client->next_attempt_ms - now_ms(client);
    if (left_ms > 0)
        return left_ms < TURN_MS ? (uint32_t)left_ms : TURN_MS;
    attempt(client);
    return TURN_MS;
}

enum bus_state bus_client_state(const struct bus_client *client)
{
    static const enum bus_state states[] = {[CONNECTION_DOWN] = BUS_DOWN,
                                            [CONNECTION_CONNECTING] = BUS_CONNECTING,
                                            [CONNECTION_UP] = BUS_UP,
                                            [CONNECTION_CLOSING] = BUS_DOWN};
    struct connection_view now = connection_peek(client->connection);
    return now.held ? BUS_HELD : states[now.phase];
}

void bus_client_last_error(const struct bus_client *client, struct err_reason *ret_why)
{
    connection_last_error(client->connection, ret_why);
}

uint32_t bus_client_refused(const struct bus_client *client)
{
    return connection_refused(client->connection);
}

void bus_client_hold(struct bus_client *client)
{
    if (connection_hold(client->connection))
        disconnect(client);
}

void bus_client_resume(struct bus_client *client)
{
    connection_resume(client->connection);
    wake(client);
}

void bus_client_close(struct bus_client *client, uint32_t timeout_ms)
{
    if (!client)
        return;
    if (client->handle) {
        if (connection_peek(client->connection).phase == CONNECTION_UP)
            requests_wait_published(client->requests, timeout_ms);
        bus_client_hold(client);
        if (connection_peek(client->connection).phase == CONNECTION_CLOSING)
            connection_wait_other(client->connection, CONNECTION_CLOSING, timeout_ms);
        MQTTAsync_destroy(&client->handle); /* under paho's lock, so no callback runs beside it */
    }
    subscriptions_free(&client->subscriptions);
    requests_free(client->requests);
    connection_free(client->connection);
    free_options(&client->options);
    free(client);
}
