#include "query-service/wire.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "schemas/topics.h"

#define PING_MS         10000
#define PING_AGAIN_MS   1000 /* one that is not back: lost with a connection */
#define TURN_MAX        256  /* messages a turn, so that a flood keeps nobody else waiting */
#define HEARD_MAX       16384
#define HEARD_BYTES_MAX (4u << 20)
#define INBOX_BYTES_MAX (4u << 20)
#define REJECTED_MAX    256
#define REJECTED_BYTES  (1u << 20)
#define SUBSCRIPTIONS   7
#define TOPIC_SIZE      512

struct wire {
    struct wire_options o;
    struct presence *speaker;
    struct bus_client *listener;
    struct rpc_inbox *requests, *rejected, *others;
    char status_topic[TOPIC_SIZE], probe_topic[TOPIC_SIZE], echo_topic[TOPIC_SIZE];
    char filters[SUBSCRIPTIONS][TOPIC_SIZE];
    /* Shared with paho's threads. What is subscribed changes with each connection of the listener
     * and with each change of the list; `granted` is the last change that the broker has answered
     * as a whole. */
    atomic_uint speaker_connections, wanted, granted;
    /* The loop's own. */
    bool listening, taking_requests;
    unsigned pinged;      /* the change that was pinged for */
    unsigned settled_for; /* and whose ping came back */
    int64_t pinged_ns;
    double latency_ms;
    struct status said;
    unsigned said_on; /* connection */
    bool said_valid;
    struct buf payload;
};

/* --- paho's threads --------------------------------------------------------- */

static void cut(struct text *text, size_t max)
{
    if (text->len > max)
        text->len = max + 1;
}

static struct rpc_inbox *inbox_of(const struct wire *wire, enum topic_kind kind)
{
    if (kind == TOPIC_REQUEST)
        return wire->requests;
    return kind == TOPIC_REJECTED ? wire->rejected : wire->others;
}

static enum bus_keep arrived(void *context, const struct bus_message *message)
{
    struct wire *wire = context;
    struct topic topic = topic_parse(wire->o.settings->topic_root, message->topic);
    struct rpc_inbox *inbox = inbox_of(wire, topic.kind);
    struct bus_message kept = *message;
    cut(&kept.payload, wire->o.payload_max);
    cut(&kept.correlation, wire->o.correlation_max);
    /* What does not fit is counted by the inbox, and its asker told. */
    enum err e = rpc_inbox_push(inbox, &kept, clock_monotonic_ms(&wire->o.clock));
    (void)e;
    wire->o.wake(wire->o.context);
    return BUS_KEPT;
}

static void listener_connected(void *context, bool session_present)
{
    struct wire *wire = context;
    (void)session_present; /* clean start */
    atomic_fetch_add(&wire->wanted, 1);
}

static void listener_subscribed(void *context)
{
    struct wire *wire = context;
    atomic_store(&wire->granted, atomic_load(&wire->wanted));
    wire->o.wake(wire->o.context);
}

/* The connection's end, or what the broker refuses while it stays up. */
static void complain(struct wire *wire, bool up, const char *handle, const char *why)
{
    log_event(wire->o.log, LOG_WARNING, up ? "broker_refused" : "broker_lost",
              "handle=%s reason=\"%s\"", handle, why);
}

static void listener_lost(void *context, const char *why)
{
    struct wire *wire = context;
    bool up = bus_client_state(wire->listener) == BUS_UP;
    if (!up)
        atomic_fetch_add(&wire->wanted, 1);
    complain(wire, up, "listener", why);
}

static void speaker_changed(void *context, enum presence_state state, const char *other)
{
    struct wire *wire = context;
    (void)other;
    if (state == PRESENCE_CLEAR)
        atomic_fetch_add(&wire->speaker_connections, 1);
    wire->o.wake(wire->o.context);
}

static void speaker_lost(void *context, const char *why)
{
    struct wire *wire = context;
    complain(wire, bus_client_state(presence_client(wire->speaker)) == BUS_UP, "speaker", why);
}

static void wake(void *context)
{
    struct wire *wire = context;
    wire->o.wake(wire->o.context);
}

/* --- subscriptions ---------------------------------------------------------- */

enum { SUB_METRICS, SUB_STATUS, SUB_REJECTED, SUB_ECHO, SUB_ALERTS, SUB_SILENCED, SUB_REQUESTS };

static void make_topics(struct wire *wire)
{
    const char *root = wire->o.settings->topic_root;
    static const char *const below[SUBSCRIPTIONS] = {
        [SUB_METRICS] = "services/+/metrics", [SUB_STATUS] = "services/+/status",
        [SUB_REJECTED] = "rejected/#",        [SUB_ECHO] = "",
        [SUB_ALERTS] = "alerts/+/+/+",        [SUB_SILENCED] = "alerts/silenced",
        [SUB_REQUESTS] = "request/#",
    };
    struct buf b = {0};
    snprintf(wire->status_topic, TOPIC_SIZE, "%s", topic_status(&b, root, WIRE_SERVICE));
    buf_reset(&b);
    const char *marker = topic_marker(&b, root, WIRE_SERVICE);
    snprintf(wire->probe_topic, TOPIC_SIZE, "%.450s/probe", marker);
    snprintf(wire->echo_topic, TOPIC_SIZE, "%.450s/echo/%s", marker, wire->o.instance);
    buf_free(&b);
    for (unsigned i = 0; i < SUBSCRIPTIONS; i++)
        snprintf(wire->filters[i], TOPIC_SIZE, "%.200s/%s", root, below[i]);
    snprintf(wire->filters[SUB_ECHO], TOPIC_SIZE, "%s", wire->echo_topic);
}

static void subscribe(struct wire *wire)
{
    struct bus_subscription list[SUBSCRIPTIONS];
    unsigned count = 0;
    for (unsigned i = 0; i < SUBSCRIPTIONS; i++) {
        bool alerts = i == SUB_ALERTS || i == SUB_SILENCED;
        if (wire->taking_requests ? alerts : i == SUB_REQUESTS)
            continue;
        list[count++] = (struct bus_subscription){
            .filter = wire->filters[i], .qos = 1, .send_retained = i != SUB_REQUESTS};
    }
    atomic_fetch_add(&wire->wanted, 1);
    enum err e = bus_client_subscribe(wire->listener, list, count);
    if (e != ERR_OK)
        log_event(wire->o.log, LOG_ERROR, "subscribe_failed", "reason=\"%s\"", err_text(e));
}

void wire_listen(struct wire *wire)
{
    if (!wire->listening)
        subscribe(wire);
    wire->listening = true;
    if (bus_client_state(wire->listener) == BUS_HELD)
        bus_client_resume(wire->listener);
}

void wire_mute(struct wire *wire)
{
    bus_client_hold(wire->listener);
}

void wire_take_requests(struct wire *wire)
{
    if (wire->taking_requests)
        return;
    wire->taking_requests = true;
    subscribe(wire);
}

/* --- the loop --------------------------------------------------------------- */

static bool is_subscribed(const struct wire *wire)
{
    return bus_client_state(wire->listener) == BUS_UP &&
           atomic_load(&wire->granted) == atomic_load(&wire->wanted);
}

/* A message from the speaker to the listener; returns in how many ms the next is due. */
static uint32_t ping(struct wire *wire)
{
    unsigned granted = atomic_load(&wire->granted);
    int64_t now_ns = wire->o.clock.monotonic_ns(wire->o.clock.context);
    int64_t pause_ms = wire->settled_for == wire->pinged ? PING_MS : PING_AGAIN_MS;
    int64_t left_ms = pause_ms - (now_ns - wire->pinged_ns) / CLOCK_NS_PER_MS;
    char text[32];
    if (!is_subscribed(wire))
        return PING_MS;
    if (granted == wire->pinged && left_ms > 0)
        return (uint32_t)left_ms;
    snprintf(text, sizeof text, "%u", granted);
    if (!wire_publish(wire, wire->echo_topic, text_of(text), (struct bus_publish){.qos = 1}))
        return PING_AGAIN_MS;
    wire->pinged = granted;
    wire->pinged_ns = now_ns;
    return PING_AGAIN_MS;
}

/* Anyone may write to that topic: what is not our last ping is passed over. */
static void echoed(struct wire *wire, const struct rpc_request *message)
{
    long long number;
    if (!text_integer(message->payload, &number) || number != (long long)wire->pinged)
        return;
    wire->settled_for = wire->pinged;
    wire->latency_ms =
        (double)(wire->o.clock.monotonic_ns(wire->o.clock.context) - wire->pinged_ns) / 1e6;
}

static void take_other(struct wire *wire, const struct rpc_request *message)
{
    if (message->overflow)
        log_event(wire->o.log, LOG_ERROR, "message_lost", "note=\"too much at once\"");
    else if (message->payload.len > wire->o.payload_max)
        log_event(wire->o.log, LOG_WARNING, "message_too_long", "topic=\"%.*s\"",
                  TEXT_ARGS(message->topic));
    else if (text_equal(message->topic, text_of(wire->echo_topic)))
        echoed(wire, message);
    else
        wire->o.heard(wire->o.context, message);
}

/* True when there may be more. */
static bool hand_over(struct wire *wire)
{
    struct rpc_request *message;
    unsigned others = 0, rejected = 0, requests = 0;
    for (; others < TURN_MAX && (message = rpc_inbox_pop(wire->others)) != NULL; others++) {
        take_other(wire, message);
        rpc_request_free(message);
    }
    for (; rejected < TURN_MAX && (message = rpc_inbox_pop(wire->rejected)) != NULL; rejected++) {
        if (!message->overflow)
            take_other(wire, message);
        rpc_request_free(message);
    }
    for (; requests < TURN_MAX && (message = rpc_inbox_pop(wire->requests)) != NULL; requests++)
        wire->o.request(wire->o.context, message);
    return others == TURN_MAX || rejected == TURN_MAX || requests == TURN_MAX;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t listener_turn(struct wire *wire)
{
    uint32_t wait_ms = bus_client_turn(wire->listener);
    if (bus_client_state(wire->listener) == BUS_CONNECTING) {
        presence_stir(wire->speaker);
        wait_ms = least(wait_ms, PRESENCE_STIR_MS);
    }
    return least(wait_ms, ping(wire));
}

uint32_t wire_turn(struct wire *wire)
{
    uint32_t wait_ms = presence_turn(wire->speaker);
    if (wire->listening)
        wait_ms = least(wait_ms, listener_turn(wire));
    return hand_over(wire) ? 0 : wait_ms;
}

enum presence_state wire_presence(struct wire *wire, char ret_other[64])
{
    return presence_look(wire->speaker, ret_other, 64);
}

bool wire_speaks(const struct wire *wire)
{
    return presence_state(wire->speaker) == PRESENCE_CLEAR;
}

bool wire_settled(const struct wire *wire)
{
    return is_subscribed(wire) && wire->settled_for == atomic_load(&wire->granted);
}

uint32_t wire_refused(const struct wire *wire)
{
    return bus_client_refused(wire->listener);
}

bool wire_connected(const struct wire *wire)
{
    return wire_speaks(wire) && wire->taking_requests && wire_settled(wire);
}

unsigned wire_connections(const struct wire *wire)
{
    return atomic_load(&wire->speaker_connections);
}

double wire_latency_ms(const struct wire *wire)
{
    return wire->latency_ms;
}

void wire_bound(struct wire *wire, uint32_t requests_max)
{
    rpc_inbox_bound(wire->requests, requests_max);
}

uint64_t wire_lost_requests(const struct wire *wire)
{
    return rpc_inbox_counts(wire->requests).lost;
}

bool wire_publish(struct wire *wire, const char *topic, struct text payload, struct bus_publish how)
{
    if (how.content_type.len == 0)
        how.content_type = TEXT("application/json");
    return wire_speaks(wire) &&
           bus_client_publish(presence_client(wire->speaker), topic, payload, how) == ERR_OK;
}

static void status_now(const struct wire *wire, enum status_state state, const char *reason,
                       struct status *ret_status)
{
    *ret_status = (struct status){.state = state, .since_ns = clock_real_ns(&wire->o.clock)};
    snprintf(ret_status->service, sizeof ret_status->service, "%s", WIRE_SERVICE);
    snprintf(ret_status->instance, sizeof ret_status->instance, "%s", wire->o.instance);
    snprintf(ret_status->reason, sizeof ret_status->reason, "%s", reason);
}

void wire_status(struct wire *wire, enum status_state state, const char *reason)
{
    bool said = wire->said_valid && wire->said_on == wire_connections(wire) &&
                wire->said.state == state && strcmp(wire->said.reason, reason) == 0;
    if (said || !wire_speaks(wire))
        return;
    struct status status;
    status_now(wire, state, reason, &status);
    if (wire->said.state == state && wire->said.since_ns != 0)
        status.since_ns = wire->said.since_ns;
    buf_reset(&wire->payload);
    status_encode(&status, &wire->payload);
    wire->said_on = wire_connections(wire);
    wire->said_valid = wire_publish(wire, wire->status_topic, buf_view(&wire->payload),
                                    (struct bus_publish){.qos = 1, .retained = true});
    wire->said = status;
}

/* --- opening and closing ---------------------------------------------------- */

static struct bus_options bus_options_of(struct wire *wire, const char *client_id)
{
    const struct settings_broker *broker = settings_query_broker(wire->o.settings);
    return (struct bus_options){.url = broker->url,
                                .client_id = client_id,
                                .username = broker->username,
                                .password_file = broker->password_file,
                                .ca_file = broker->ca_file,
                                .cert_file = broker->cert_file,
                                .key_file = broker->key_file,
                                .receive_maximum = 65535,
                                .no_delay = true,
                                .retry_floor_ms = 100,
                                .retry_cap_ms = 2500,
                                .clock = wire->o.clock,
                                .context = wire,
                                .wake = wake};
}

static enum err open_speaker(struct wire *wire, struct err_reason *why)
{
    struct status offline;
    struct buf will = {0};
    char client_id[256];
    snprintf(client_id, sizeof client_id, "%.200s-speaker", wire->o.settings->query.client_id);
    status_now(wire, STATUS_OFFLINE, "the connection broke", &offline);
    status_encode(&offline, &will);
    const struct presence_options options = {
        .bus = bus_options_of(wire, client_id),
        .status_topic = wire->status_topic,
        .probe_topic = wire->probe_topic,
        .instance = wire->o.instance,
        .will_payload = buf_cstr(&will),
        .context = wire,
        .read_status = status_read,
        .changed = speaker_changed,
        .lost = speaker_lost,
    };
    enum err e = presence_open(&options, &wire->speaker, why);
    buf_free(&will);
    return e;
}

static enum err open_listener(struct wire *wire, struct err_reason *why)
{
    struct bus_options options = bus_options_of(wire, wire->o.settings->query.client_id);
    options.arrived = arrived;
    options.connected = listener_connected;
    options.subscribed = listener_subscribed;
    options.lost = listener_lost;
    return bus_client_open(&options, &wire->listener, why);
}

enum err wire_open(const struct wire_options *options, struct wire **ret_wire,
                   struct err_reason *why)
{
    struct wire *wire = calloc(1, sizeof *wire);
    if (!wire)
        return ERR_NOMEM;
    wire->o = *options;
    wire->latency_ms = -1;
    make_topics(wire);
    wire->requests = rpc_inbox_new(options->settings->query.requests_max, INBOX_BYTES_MAX);
    wire->rejected = rpc_inbox_new(REJECTED_MAX, REJECTED_BYTES);
    wire->others = rpc_inbox_new(HEARD_MAX, HEARD_BYTES_MAX);
    enum err e = wire->requests && wire->rejected && wire->others ? ERR_OK : ERR_NOMEM;
    if (e == ERR_OK)
        e = open_speaker(wire, why);
    if (e == ERR_OK)
        e = open_listener(wire, why);
    if (e != ERR_OK) {
        wire_close(wire, 0);
        return e;
    }
    *ret_wire = wire;
    return ERR_OK;
}

void wire_close(struct wire *wire, uint32_t timeout_ms)
{
    if (!wire)
        return;
    bus_client_close(wire->listener, timeout_ms);
    if (wire->speaker)
        wire_status(wire, STATUS_OFFLINE, "stopped");
    presence_close(wire->speaker, timeout_ms);
    rpc_inbox_free(wire->requests);
    rpc_inbox_free(wire->rejected);
    rpc_inbox_free(wire->others);
    buf_free(&wire->payload);
    free(wire);
}
