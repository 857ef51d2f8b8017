#include "bus/presence.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define INSTANCE_SIZE 128

struct presence {
    struct presence_options options; /* of its texts none is used after open */
    char *status_topic;
    char *probe_topic; /* with the instance as its last level */
    char instance[INSTANCE_SIZE];
    struct bus_client *client;
    pthread_mutex_t lock; /* of the next two */
    enum presence_state state;
    char told_other[INSTANCE_SIZE];
    /* paho's receive thread alone: */
    char other[INSTANCE_SIZE]; /* the other instance that is online, "" for none */
    bool probed;               /* the probe of this connection is back */
};

static void tell(struct presence *p, enum presence_state state)
{
    const char *other = state == PRESENCE_OTHER ? p->other : "";
    pthread_mutex_lock(&p->lock);
    bool new = p->state != state;
    p->state = state;
    snprintf(p->told_other, sizeof p->told_other, "%s", other);
    pthread_mutex_unlock(&p->lock);
    if (new && p->options.changed)
        p->options.changed(p->options.context, state, other);
}

static void tell_what_is_known(struct presence *p)
{
    if (p->probed)
        tell(p, p->other[0] ? PRESENCE_OTHER : PRESENCE_CLEAR);
}

/* Whether it says that somebody is online. The other one's offline clears the name; a third one's
 * says nothing about the other. */
static bool read_status(struct presence *p, struct text payload)
{
    char instance[INSTANCE_SIZE] = "";
    bool online = false;
    if (payload.len == 0) { /* the retained status was deleted */
        p->other[0] = '\0';
    } else if (p->options.read_status(payload, &online, instance, sizeof instance)) {
        if (online && strcmp(instance, p->instance) != 0)
            memcpy(p->other, instance, sizeof p->other);
        else if (!online && strcmp(instance, p->other) == 0)
            p->other[0] = '\0';
    }
    return online;
}

/* No Local keeps our own status away: what comes stands there instead of it. While we are clear
 * the owner shall say his again, unless somebody else is there now. */
static void take_status(struct presence *p, struct text payload)
{
    bool was_clear = presence_state(p) == PRESENCE_CLEAR;
    bool online = read_status(p, payload);
    tell_what_is_known(p);
    if (was_clear && !online && p->options.changed)
        p->options.changed(p->options.context, PRESENCE_CLEAR, "");
}

static enum bus_keep on_arrived(void *context, const struct bus_message *message)
{
    struct presence *p = context;
    if (text_equal(message->topic, text_of(p->status_topic)))
        take_status(p, message->payload);
    else if (text_equal(message->topic, text_of(p->probe_topic))) {
        p->probed = true;
        tell_what_is_known(p);
    }
    return BUS_KEPT;
}

static void on_connected(void *context, bool session_present)
{
    struct presence *p = context;
    (void)session_present; /* clean start */
    p->probed = false;
    p->other[0] = '\0';
}

static void send_probe(struct presence *p)
{
    (void)!bus_client_publish(p->client, p->probe_topic, text_of(p->instance),
                              (struct bus_publish){.qos = 1});
}

/* QoS 1, like the status' subscription: the broker keeps the order of one QoS (MQTT 5.0, section
 * 4.6), and the retained status went out with the SUBACK. When it cannot be sent the connection is
 * ending, and the next one sends it. */
static void on_subscribed(void *context)
{
    struct presence *p = context;
    if (bus_client_refused(p->client) == 0)
        send_probe(p);
}

static void on_lost(void *context, const char *why)
{
    struct presence *p = context;
    if (bus_client_state(p->client) != BUS_UP)
        tell(p, PRESENCE_UNKNOWN);
    if (p->options.lost)
        p->options.lost(p->options.context, why);
}

/* `wake` keeps the context that the owner gave with it. */
static void on_wake(void *context)
{
    struct presence *p = context;
    if (p->options.bus.wake)
        p->options.bus.wake(p->options.bus.context);
}

static enum err check_options(const struct presence_options *o, struct err_reason *why)
{
    if (!o->status_topic || !o->probe_topic || !o->instance || !o->will_payload || !o->read_status)
        return err_explain(why, ERR_INVALID,
                           "presence needs a status topic, a probe topic, an "
                           "instance, a will and a reader of statuses");
    struct text instance = text_of(o->instance);
    if (instance.len == 0 || instance.len >= INSTANCE_SIZE || strpbrk(o->instance, "/+#"))
        return err_explain(why, ERR_INVALID,
                           "the instance '%s' should have 1 to %d bytes and no '/', "
                           "'+' or '#'",
                           o->instance, INSTANCE_SIZE - 1);
    return ERR_OK;
}

static enum err open_client(struct presence *p, const struct presence_options *options,
                            struct err_reason *why)
{
    struct bus_options bus = options->bus;
    char client_id[256];
    uint32_t suffix = 0;
    if (getrandom(&suffix, sizeof suffix, 0) != (ssize_t)sizeof suffix)
        return err_explain_errno(why, ERR_IO, "no random client id");
    int len = snprintf(client_id, sizeof client_id, "%s-%08x", bus.client_id ? bus.client_id : "",
                       (unsigned)suffix);
    if (len < 0 || (size_t)len >= sizeof client_id)
        return err_explain(why, ERR_INVALID, "the client id should have at most 240 bytes");
    bus.client_id = client_id;
    bus.keep_session = false;
    bus.will = (struct bus_will){p->status_topic, options->will_payload, true};
    bus.context = p;
    bus.arrived = on_arrived;
    bus.connected = on_connected;
    bus.subscribed = on_subscribed;
    bus.lost = on_lost;
    bus.wake = on_wake;
    enum err err = bus_client_open(&bus, &p->client, why);
    if (err)
        return err;
    const struct bus_subscription list[] = {
        {.filter = p->status_topic,
         .qos = 1,
         .send_retained = BUS_RETAINED_WHEN_NEW,
         .no_local = true},
        {.filter = p->probe_topic, .qos = 1},
    };
    err = bus_client_subscribe(p->client, list, sizeof list / sizeof *list);
    return err ? err_explain(why, err, "'%s' or '%s' is no topic", p->status_topic, p->probe_topic)
               : ERR_OK;
}

enum err presence_open(const struct presence_options *options, struct presence **ret_presence,
                       struct err_reason *why)
{
    enum err err = check_options(options, why);
    if (err)
        return err;
    struct presence *p = calloc(1, sizeof *p);
    if (!p)
        return err_explain(why, ERR_NOMEM, "no memory for presence");
    pthread_mutex_init(&p->lock, NULL);
    p->options = *options;
    snprintf(p->instance, sizeof p->instance, "%s", options->instance);
    p->status_topic = strdup(options->status_topic);
    if (asprintf(&p->probe_topic, "%s/%s", options->probe_topic, options->instance) < 0)
        p->probe_topic = NULL;
    err = p->status_topic && p->probe_topic ? open_client(p, options, why)
                                            : err_explain(why, ERR_NOMEM, "no memory for presence");
    if (err) {
        presence_close(p, 0);
        return err;
    }
    *ret_presence = p;
    return ERR_OK;
}

uint32_t presence_turn(struct presence *p)
{
    return bus_client_turn(p->client);
}

enum presence_state presence_look(struct presence *p, char *ret_other, size_t size)
{
    pthread_mutex_lock(&p->lock);
    enum presence_state state = p->state;
    snprintf(ret_other, size, "%s", p->told_other);
    pthread_mutex_unlock(&p->lock);
    return state;
}

enum presence_state presence_state(struct presence *p)
{
    char other[INSTANCE_SIZE];
    return presence_look(p, other, sizeof other);
}

void presence_stir(struct presence *p)
{
    if (presence_state(p) != PRESENCE_UNKNOWN)
        send_probe(p);
}

struct bus_client *presence_client(struct presence *p)
{
    return p->client;
}

void presence_close(struct presence *p, uint32_t timeout_ms)
{
    if (!p)
        return;
    bus_client_close(p->client, timeout_ms);
    free(p->status_topic);
    free(p->probe_topic);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
