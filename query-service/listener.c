#include "query-service/listener.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "schemas/topics.h"

#define PING_MS         10000
#define PING_AGAIN_MS   1000 /* one that is not back: lost with a connection */
#define IDLE_MS         1000
#define TURN_MAX        256 /* messages a turn, so that a flood keeps nobody else waiting */
#define HEARD_MAX       16384
#define HEARD_BYTES_MAX (4u << 20)
#define INBOX_BYTES_MAX (4u << 20)
#define REJECTED_MAX    256
#define REJECTED_BYTES  (1u << 20)
#define SUBSCRIPTIONS   7
#define TOPIC_SIZE      512

struct listener {
    struct listener_options o;
    struct bus_client *client;
    struct rpc_inbox *requests, *rejected, *others;
    char echo_topic[TOPIC_SIZE];
    char filters[SUBSCRIPTIONS][TOPIC_SIZE];
    /* Shared with paho's threads. What is subscribed changes with each connection of the listener
     * and with each change of the list; `granted` is the last change that the broker has answered
     * as a whole. */
    atomic_uint wanted, granted;
    /* The loop's own. */
    bool listening, taking_requests;
    unsigned pinged;      /* the change that was pinged for */
    unsigned settled_for; /* and whose ping came back */
    int64_t pinged_ns;
    double latency_ms;
};

/* --- paho's threads --------------------------------------------------------- */

static void cut(struct text *text, size_t max)
{
    if (text->len > max)
        text->len = max + 1;
}

static struct rpc_inbox *inbox_of(const struct listener *listener, enum topic_kind kind)
{
    if (kind == TOPIC_REQUEST)
        return listener->requests;
    return kind == TOPIC_REJECTED ? listener->rejected : listener->others;
}

static enum bus_keep arrived(void *context, const struct bus_message *message)
{
    struct listener *listener = context;
    struct topic topic = topic_parse(listener->o.settings->topic_root, message->topic);
    struct rpc_inbox *inbox = inbox_of(listener, topic.kind);
    struct bus_message kept = *message;
    cut(&kept.payload, listener->o.payload_max);
    cut(&kept.correlation, listener->o.correlation_max);
    /* What does not fit is counted by the inbox, and its asker told. */
    enum err e = rpc_inbox_push(inbox, &kept, clock_monotonic_ms(&listener->o.clock));
    (void)e;
    listener->o.wake(listener->o.context);
    return BUS_KEPT;
}

static void came_up(void *context, bool session_present)
{
    struct listener *listener = context;
    (void)session_present; /* clean start */
    atomic_fetch_add(&listener->wanted, 1);
}

static void all_subscribed(void *context)
{
    struct listener *listener = context;
    atomic_store(&listener->granted, atomic_load(&listener->wanted));
    listener->o.wake(listener->o.context);
}

/* The connection's end, or what the broker refuses while it stays up. */
static void lost(void *context, const char *why)
{
    struct listener *listener = context;
    bool up = bus_client_state(listener->client) == BUS_UP;
    if (!up)
        atomic_fetch_add(&listener->wanted, 1);
    log_event(listener->o.log, LOG_WARNING, up ? "broker_refused" : "broker_lost",
              "handle=listener reason=\"%s\"", why);
}

static void wake(void *context)
{
    struct listener *listener = context;
    listener->o.wake(listener->o.context);
}

/* --- subscriptions ---------------------------------------------------------- */

enum { SUB_METRICS, SUB_STATUS, SUB_REJECTED, SUB_ECHO, SUB_ALERTS, SUB_SILENCED, SUB_REQUESTS };

static void make_topics(struct listener *listener)
{
    const char *root = listener->o.settings->topic_root;
    static const char *const below[SUBSCRIPTIONS] = {
        [SUB_METRICS] = "services/+/metrics", [SUB_STATUS] = "services/+/status",
        [SUB_REJECTED] = "rejected/#",        [SUB_ECHO] = "",
        [SUB_ALERTS] = "alerts/+/+/+",        [SUB_SILENCED] = "alerts/silenced",
        [SUB_REQUESTS] = "request/#",
    };
    struct buf b = {0};
    const char *marker = topic_marker(&b, root, SPEAKER_SERVICE);
    snprintf(listener->echo_topic, TOPIC_SIZE, "%.450s/echo/%s", marker, listener->o.instance);
    buf_free(&b);
    for (unsigned i = 0; i < SUBSCRIPTIONS; i++)
        snprintf(listener->filters[i], TOPIC_SIZE, "%.200s/%s", root, below[i]);
    snprintf(listener->filters[SUB_ECHO], TOPIC_SIZE, "%s", listener->echo_topic);
}

static void subscribe(struct listener *listener)
{
    struct bus_subscription list[SUBSCRIPTIONS];
    unsigned count = 0;
    for (unsigned i = 0; i < SUBSCRIPTIONS; i++) {
        bool alerts = i == SUB_ALERTS || i == SUB_SILENCED;
        if (listener->taking_requests ? alerts : i == SUB_REQUESTS)
            continue;
        list[count++] = (struct bus_subscription){
            .filter = listener->filters[i],
            .qos = 1,
            .send_retained = i == SUB_REQUESTS ? BUS_RETAINED_NEVER : BUS_RETAINED_WHEN_NEW};
    }
    atomic_fetch_add(&listener->wanted, 1);
    enum err e = bus_client_subscribe(listener->client, list, count);
    if (e != ERR_OK)
        log_event(listener->o.log, LOG_ERROR, "subscribe_failed", "reason=\"%s\"", err_text(e));
}

void listener_listen(struct listener *listener)
{
    if (!listener->listening)
        subscribe(listener);
    listener->listening = true;
    if (bus_client_state(listener->client) == BUS_HELD)
        bus_client_resume(listener->client);
}

void listener_mute(struct listener *listener)
{
    bus_client_hold(listener->client);
}

void listener_take_requests(struct listener *listener)
{
    if (listener->taking_requests)
        return;
    listener->taking_requests = true;
    subscribe(listener);
}

/* --- the loop --------------------------------------------------------------- */

static bool is_subscribed(const struct listener *listener)
{
    return bus_client_state(listener->client) == BUS_UP &&
           atomic_load(&listener->granted) == atomic_load(&listener->wanted);
}

/* A message from the speaker to the listener; returns in how many ms the next is due. */
static uint32_t ping(struct listener *listener)
{
    unsigned granted = atomic_load(&listener->granted);
    int64_t now_ns = listener->o.clock.monotonic_ns(listener->o.clock.context);
    int64_t pause_ms = listener->settled_for == listener->pinged ? PING_MS : PING_AGAIN_MS;
    int64_t left_ms = pause_ms - (now_ns - listener->pinged_ns) / CLOCK_NS_PER_MS;
    char text[32];
    if (!is_subscribed(listener))
        return PING_MS;
    if (granted == listener->pinged && left_ms > 0)
        return (uint32_t)left_ms;
    snprintf(text, sizeof text, "%u", granted);
    if (!speaker_publish(listener->o.speaker, listener->echo_topic, text_of(text),
                         (struct bus_publish){.qos = 1}))
        return PING_AGAIN_MS;
    listener->pinged = granted;
    listener->pinged_ns = now_ns;
    return PING_AGAIN_MS;
}

/* Anyone may write to that topic: what is not our last ping is passed over. */
static void echoed(struct listener *listener, const struct rpc_request *message)
{
    long long number;
    if (!text_integer(message->payload, &number) || number != (long long)listener->pinged)
        return;
    listener->settled_for = listener->pinged;
    listener->latency_ms =
        (double)(listener->o.clock.monotonic_ns(listener->o.clock.context) - listener->pinged_ns) /
        1e6;
}

static void take_other(struct listener *listener, const struct rpc_request *message)
{
    if (message->overflow)
        log_event(listener->o.log, LOG_ERROR, "message_lost", "note=\"too much at once\"");
    else if (message->payload.len > listener->o.payload_max)
        log_event(listener->o.log, LOG_WARNING, "message_too_long", "topic=\"%.*s\"",
                  TEXT_ARGS(message->topic));
    else if (text_equal(message->topic, text_of(listener->echo_topic)))
        echoed(listener, message);
    else
        listener->o.heard(listener->o.context, message);
}

/* True when there may be more. */
static bool hand_over(struct listener *listener)
{
    struct rpc_request *message;
    unsigned others = 0, rejected = 0, requests = 0;
    for (; others < TURN_MAX && (message = rpc_inbox_pop(listener->others)) != NULL; others++) {
        take_other(listener, message);
        rpc_request_free(message);
    }
    for (; rejected < TURN_MAX && (message = rpc_inbox_pop(listener->rejected)) != NULL;
         rejected++) {
        take_other(listener, message);
        rpc_request_free(message);
    }
    for (; requests < TURN_MAX && (message = rpc_inbox_pop(listener->requests)) != NULL; requests++)
        listener->o.request(listener->o.context, message);
    return others == TURN_MAX || rejected == TURN_MAX || requests == TURN_MAX;
}

static uint32_t client_turn(struct listener *listener)
{
    uint32_t wait_ms = bus_client_turn(listener->client);
    if (bus_client_state(listener->client) == BUS_CONNECTING)
        wait_ms = clock_sooner_ms(wait_ms, speaker_stir(listener->o.speaker));
    return clock_sooner_ms(wait_ms, ping(listener));
}

uint32_t listener_turn(struct listener *listener)
{
    uint32_t wait_ms = listener->listening ? client_turn(listener) : IDLE_MS;
    return hand_over(listener) ? 0 : wait_ms;
}

bool listener_settled(const struct listener *listener)
{
    return is_subscribed(listener) && listener->settled_for == atomic_load(&listener->granted);
}

uint32_t listener_refused(const struct listener *listener)
{
    return bus_client_refused(listener->client);
}

bool listener_takes_requests(const struct listener *listener)
{
    return listener->taking_requests && listener_settled(listener);
}

double listener_latency_ms(const struct listener *listener)
{
    return listener->latency_ms;
}

void listener_bound(struct listener *listener, uint32_t requests_max)
{
    rpc_inbox_bound(listener->requests, requests_max);
}

uint64_t listener_lost_rejects(const struct listener *listener)
{
    return rpc_inbox_counts(listener->rejected).lost;
}

uint64_t listener_lost_requests(const struct listener *listener)
{
    return rpc_inbox_counts(listener->requests).lost;
}

/* --- opening and closing ---------------------------------------------------- */

static enum err open_client(struct listener *listener, struct err_reason *why)
{
    struct bus_options options = bus_options_from(settings_query_broker(listener->o.settings));
    options.client_id = listener->o.settings->query.client_id;
    options.receive_maximum = 65535;
    options.no_delay = true;
    options.retry_floor_ms = 100;
    options.retry_cap_ms = 2500;
    options.clock = listener->o.clock;
    options.context = listener;
    options.arrived = arrived;
    options.connected = came_up;
    options.subscribed = all_subscribed;
    options.lost = lost;
    options.wake = wake;
    return bus_client_open(&options, &listener->client, why);
}

enum err listener_open(const struct listener_options *options, struct listener **ret_wire,
                       struct err_reason *why)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return ERR_NOMEM;
    listener->o = *options;
    listener->latency_ms = -1;
    make_topics(listener);
    listener->requests = rpc_inbox_new(options->settings->query.requests_max, INBOX_BYTES_MAX);
    listener->rejected = rpc_inbox_new_keeping_newest(REJECTED_MAX, REJECTED_BYTES);
    listener->others = rpc_inbox_new(HEARD_MAX, HEARD_BYTES_MAX);
    enum err e = listener->requests && listener->rejected && listener->others ? ERR_OK : ERR_NOMEM;
    if (e == ERR_OK)
        e = open_client(listener, why);
    if (e != ERR_OK) {
        listener_close(listener, 0);
        return e;
    }
    *ret_wire = listener;
    return ERR_OK;
}

void listener_close(struct listener *listener, uint32_t timeout_ms)
{
    if (!listener)
        return;
    bus_client_close(listener->client, timeout_ms);
    rpc_inbox_free(listener->requests);
    rpc_inbox_free(listener->rejected);
    rpc_inbox_free(listener->others);
    free(listener);
}
