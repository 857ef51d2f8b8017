/* bench-subscribe-paho: a bare MQTTAsync subscriber that throws everything away.
 * The processor time of an event is measured against this one. */
#include <MQTTAsync.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "report.h"
#include "subscribe.h"
#include "tally.h"

enum state { CONNECTING, SUBSCRIBED, FAILED };

struct subscriber {
    MQTTAsync handle;
    const struct subscribe_options *o;
    struct tally tally;    /* paho's receive thread's, until the handle is destroyed */
    _Atomic uint64_t seen; /* its count, for the main thread */
    _Atomic int state;
};

static int arrived(void *context, char *topic, int topic_len, MQTTAsync_message *message)
{
    struct subscriber *s = context;
    (void)topic_len;
    tally_message(&s->tally, (size_t)message->payloadlen);
    atomic_store_explicit(&s->seen, s->tally.messages, memory_order_relaxed);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void lost(void *context, char *cause)
{
    struct subscriber *s = context;
    fprintf(stderr, "connection lost: %s\n", cause ? cause : "no reason given");
    s->state = FAILED;
}

static void failed(void *context, MQTTAsync_failureData5 *data)
{
    struct subscriber *s = context;
    fprintf(stderr, "refused: %s\n", data && data->message ? data->message : "no reason given");
    s->state = FAILED;
}

static void subscribed(void *context, MQTTAsync_successData5 *data)
{
    struct subscriber *s = context;
    (void)data;
    s->state = SUBSCRIBED;
}

static void connected(void *context, MQTTAsync_successData5 *data)
{
    struct subscriber *s = context;
    (void)data;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    response.context = s;
    response.onSuccess5 = subscribed;
    response.onFailure5 = failed;
    if (MQTTAsync_subscribe(s->handle, s->o->topic, (int)s->o->qos, &response) != MQTTASYNC_SUCCESS)
        s->state = FAILED;
}

static bool start(struct subscriber *s)
{
    char url[300];
    snprintf(url, sizeof(url), "tcp://%s:%s", s->o->host, s->o->port);
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    if (MQTTAsync_createWithOptions(&s->handle, url, s->o->client_id, MQTTCLIENT_PERSISTENCE_NONE,
                                    NULL, &create) != MQTTASYNC_SUCCESS)
        return false;
    MQTTAsync_setCallbacks(s->handle, s, lost, arrived, NULL);
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty receive = {.identifier = MQTTPROPERTY_CODE_RECEIVE_MAXIMUM};
    receive.value.integer2 = UINT16_MAX;
    MQTTProperties_add(&properties, &receive);
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
    options.connectProperties = &properties;
    options.context = s;
    options.onSuccess5 = connected;
    options.onFailure5 = failed;
    bool good = MQTTAsync_connect(s->handle, &options) == MQTTASYNC_SUCCESS;
    MQTTProperties_free(&properties);
    return good;
}

static void stop(struct subscriber *s)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
    if (s->handle) {
        MQTTAsync_disconnect(s->handle, &options);
        MQTTAsync_destroy(&s->handle);
    }
}

int main(int argc, char **argv)
{
    struct subscribe_options o;
    struct subscriber s = {.o = &o};
    struct tally seen = {0};
    subscribe_read_options(&o, argc, argv);
    bool up = start(&s);
    while (up && s.state == CONNECTING && !report_stopped())
        usleep(1000);
    if (s.state == SUBSCRIBED)
        subscribe_say_ready();
    else
        up = false;
    while (up && s.state == SUBSCRIBED && !tally_complete(&seen, &o)) {
        usleep(20 * 1000);
        if (seen.messages != s.seen)
            seen = (struct tally){.messages = s.seen, .last_s = report_monotonic_s()};
    }
    stop(&s);
    tally_report(&s.tally, &o);
    return up && tally_whole(&s.tally, &o) ? 0 : 1;
}
