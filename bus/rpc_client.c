#include "bus/rpc_client.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "bus/filter.h"
#include "bus/rpc_address.h"
#include "bus/rpc_client_parts.h"

#define PAUSE_MAX_MS    100
#define CLOSE_MS        1000
#define INBOX_MAX_COUNT 16384 /* a house's retained topics may come at once */
#define INBOX_MAX_BYTES ((size_t)64 << 20)

int64_t rpc_client_now_ms(void)
{
    struct clock real = clock_system();
    return clock_monotonic_ms(&real);
}

/* From here on: what paho's threads call. */

static void wake(void *context)
{
    struct rpc_client *c = context;
    (void)!eventfd_write(c->event, 1);
}

static enum bus_keep on_arrived(void *context, const struct bus_message *message)
{
    struct rpc_client *c = context;
    (void)!rpc_inbox_push(c->inbox, message, 0); /* an answer without room is seen as such */
    wake(c);
    return BUS_KEPT;
}

static void on_connected(void *context, bool session_present)
{
    struct rpc_client *c = context;
    (void)session_present; /* clean start */
    atomic_store(&c->subscribed, false);
    atomic_fetch_add(&c->connection, 1);
}

static void on_subscribed(void *context)
{
    struct rpc_client *c = context;
    atomic_store(&c->subscribed, true);
    wake(c);
}

/* What the broker refuses while the connection stays up is, once all is subscribed, a question. */
static void on_lost(void *context, const char *why)
{
    struct rpc_client *c = context;
    (void)why; /* bus_client_last_error has it */
    if (bus_client_state(c->bus) != BUS_UP)
        atomic_store(&c->subscribed, false);
    else
        atomic_store(&c->refused, true);
    wake(c);
}

/* From here on: the owner's thread. */

static bool is_listened_to(const struct rpc_client *c, struct text topic)
{
    for (size_t i = 0; i < c->filter_count; i++)
        if (filter_match(text_of(c->filters[i]), topic, NULL))
            return true;
    return false;
}

static bool covers_status(const struct rpc_client *c)
{
    for (size_t i = 0; i < c->filter_count; i++)
        if (filter_subsumes(text_of(c->filters[i]), text_of(c->status_topic)))
            return true;
    return false;
}

/* The status topic is left out where a filter that is listened to brings it. */
static enum err subscribe(struct rpc_client *c)
{
    struct bus_subscription *list = calloc(c->filter_count + 2, sizeof *list);
    size_t count = 0;
    if (!list)
        return ERR_NOMEM;
    list[count++] = (struct bus_subscription){.filter = c->response_topic, .qos = 1};
    if (c->status_topic && !covers_status(c))
        list[count++] = (struct bus_subscription){
            .filter = c->status_topic, .qos = 1, .send_retained = BUS_RETAINED_WHEN_NEW};
    for (size_t i = 0; i < c->filter_count; i++)
        list[count++] = (struct bus_subscription){
            .filter = c->filters[i], .qos = 1, .send_retained = BUS_RETAINED_WHEN_NEW};
    enum err err = bus_client_subscribe(c->bus, list, count);
    free(list);
    return err;
}

enum err rpc_client_listen(struct rpc_client *c, const char *filter)
{
    char **filters = realloc(c->filters, (c->filter_count + 1) * sizeof *filters);
    if (!filters)
        return ERR_NOMEM;
    c->filters = filters;
    char *copy = strdup(filter);
    if (!copy)
        return ERR_NOMEM;
    c->filters[c->filter_count++] = copy;
    enum err err = subscribe(c);
    if (err)
        free(c->filters[--c->filter_count]);
    return err;
}

static void take_answer(struct rpc_client *c, struct rpc_request *message)
{
    struct rpc_pending *p = &c->pending;
    bool ours = p->correlation[0] && text_equal(message->correlation, text_of(p->correlation));
    if (ours && !p->answer)
        p->answer = message;
    else
        rpc_request_free(message);
}

static void note_gone(struct rpc_client *c)
{
    if (c->pending.gone || c->pending.connection == 0)
        return;
    c->pending.gone = true;
    c->pending.gone_ms = rpc_client_now_ms();
}

/* The offline status of an instance other than the one that is online says nothing about that one:
 * it may be the will of a second one that was refused. */
static void take_status(struct rpc_client *c, struct text payload)
{
    char instance[RPC_CLIENT_INSTANCE_SIZE] = "";
    bool online = false, was_online = c->service == RPC_SERVICE_ONLINE;
    if (payload.len == 0) { /* the retained status was deleted */
        c->service = RPC_SERVICE_UNKNOWN;
        return;
    }
    if (!c->options.read_status(payload, &online, instance, sizeof instance))
        return;
    bool same = strcmp(instance, c->instance) == 0;
    if (was_online && !same && !online)
        return;
    if (was_online && (!same || !online))
        note_gone(c);
    c->service = online ? RPC_SERVICE_ONLINE : RPC_SERVICE_OFFLINE;
    memcpy(c->instance, instance, sizeof c->instance);
}

static void hand_to_listener(const struct rpc_client *c, const struct rpc_request *message)
{
    const struct bus_message heard = {.topic = message->topic,
                                      .payload = message->payload,
                                      .content_type = message->content_type,
                                      .response_topic = message->response_topic,
                                      .correlation = message->correlation,
                                      .qos = message->qos,
                                      .retained = message->retained,
                                      .expiry_s = message->expiry_s};
    c->options.heard(c->options.context, &heard);
}

static void take(struct rpc_client *c, struct rpc_request *message)
{
    if (text_equal(message->topic, text_of(c->response_topic))) {
        take_answer(c, message);
        return;
    }
    if (!message->overflow) {
        if (c->status_topic && text_equal(message->topic, text_of(c->status_topic)))
            take_status(c, message->payload);
        if (c->options.heard && is_listened_to(c, message->topic))
            hand_to_listener(c, message);
    }
    rpc_request_free(message);
}

uint32_t rpc_client_turn(struct rpc_client *c)
{
    eventfd_t woken;
    (void)!eventfd_read(c->event, &woken); /* before the look, so that no later wake is lost */
    uint32_t wants_ms = bus_client_turn(c->bus);
    unsigned connection = atomic_load(&c->connection);
    if (connection != c->seen_connection)
        c->service = RPC_SERVICE_UNKNOWN; /* the retained status comes anew */
    c->seen_connection = connection;
    for (struct rpc_request *message; (message = rpc_inbox_pop(c->inbox));)
        take(c, message);
    return wants_ms;
}

void rpc_client_pause(const struct rpc_client *c, uint32_t wants_ms, int64_t end_ms)
{
    struct pollfd event = {.fd = c->event, .events = POLLIN};
    int64_t left_ms = end_ms - rpc_client_now_ms();
    left_ms = left_ms < wants_ms ? left_ms : wants_ms;
    left_ms = left_ms < PAUSE_MAX_MS ? left_ms : PAUSE_MAX_MS;
    if (left_ms > 0)
        (void)poll(&event, 1, (int)left_ms); /* a signal only makes it shorter */
}

bool rpc_client_stopped(const struct rpc_client *c)
{
    return c->options.stopped && c->options.stopped(c->options.context);
}

void rpc_client_wait(struct rpc_client *c, uint32_t timeout_ms)
{
    int64_t end_ms = rpc_client_now_ms() + timeout_ms;
    do {
        rpc_client_pause(c, rpc_client_turn(c), end_ms);
    } while (!rpc_client_stopped(c) && rpc_client_now_ms() < end_ms);
}

int rpc_client_descriptor(const struct rpc_client *c)
{
    return c->event;
}

enum bus_state rpc_client_state(const struct rpc_client *c)
{
    return bus_client_state(c->bus);
}

void rpc_client_last_error(const struct rpc_client *c, struct err_reason *ret_why)
{
    bus_client_last_error(c->bus, ret_why);
}

enum rpc_service rpc_client_service(const struct rpc_client *c)
{
    return c->service;
}

static enum err make_names(struct rpc_client *c, const struct rpc_client_options *options,
                           char client_id[static 256], struct err_reason *why)
{
    uint64_t random[2];
    char name[32];
    struct buf topic = {0};
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return err_explain_errno(why, ERR_IO, "no random response topic");
    c->next_correlation = random[1];
    snprintf(name, sizeof name, "cli-%016" PRIx64, random[0]);
    c->response_topic = strdup(rpc_address_make(&topic, options->topic_root, name));
    buf_free(&topic);
    c->status_topic = options->status_topic ? strdup(options->status_topic) : NULL;
    if (!c->response_topic || (options->status_topic && !c->status_topic))
        return err_explain(why, ERR_NOMEM, "no memory for an asking client");
    const char *id = options->bus.client_id ? options->bus.client_id : "";
    int len = snprintf(client_id, 256, "%s-%08" PRIx32, id, (uint32_t)random[0]);
    if (len < 0 || len >= 256)
        return err_explain(why, ERR_INVALID, "the client id should have at most 240 bytes");
    return ERR_OK;
}

static enum err open_bus(struct rpc_client *c, const struct rpc_client_options *options,
                         struct err_reason *why)
{
    char client_id[256];
    enum err err = make_names(c, options, client_id, why);
    if (err)
        return err;
    struct bus_options bus = options->bus;
    bus.client_id = client_id;
    bus.keep_session = false;
    bus.no_delay = true;
    bus.will = (struct bus_will){.topic = NULL};
    bus.receive_maximum = bus.receive_maximum ? bus.receive_maximum : UINT16_MAX;
    bus.context = c;
    bus.arrived = on_arrived;
    bus.connected = on_connected;
    bus.subscribed = on_subscribed;
    bus.lost = on_lost;
    bus.wake = wake;
    err = bus_client_open(&bus, &c->bus, why);
    if (err)
        return err;
    err = subscribe(c);
    return err ? err_explain(why, err, "'%s' or '%s' is no topic", c->response_topic,
                             c->status_topic ? c->status_topic : "")
               : ERR_OK;
}

enum err rpc_client_open(const struct rpc_client_options *options, struct rpc_client **ret_client,
                         struct err_reason *why)
{
    if (!options->topic_root || (options->status_topic && !options->read_status))
        return err_explain(why, ERR_INVALID,
                           "an asking client needs a topic root, and with a status topic a reader "
                           "of statuses");
    struct rpc_client *c = calloc(1, sizeof *c);
    if (!c)
        return err_explain(why, ERR_NOMEM, "no memory for an asking client");
    c->options = *options;
    c->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->inbox = rpc_inbox_new(INBOX_MAX_COUNT, INBOX_MAX_BYTES);
    enum err err;
    if (c->event < 0)
        err = err_explain_errno(why, ERR_IO, "no eventfd");
    else if (!c->inbox)
        err = err_explain(why, ERR_NOMEM, "no memory for an asking client");
    else
        err = open_bus(c, options, why);
    if (err) {
        rpc_client_close(c);
        return err;
    }
    *ret_client = c;
    return ERR_OK;
}

void rpc_client_close(struct rpc_client *c)
{
    if (!c)
        return;
    bus_client_close(c->bus, CLOSE_MS);
    rpc_request_free(c->pending.answer);
    rpc_inbox_free(c->inbox);
    if (c->event >= 0)
        close(c->event);
    for (size_t i = 0; i < c->filter_count; i++)
        free(c->filters[i]);
    free(c->filters);
    free(c->response_topic);
    free(c->status_topic);
    free(c);
}
