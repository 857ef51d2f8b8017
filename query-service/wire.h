/* The query service's side of the bus: two MQTT handles.
 *
 * The *speaker* starts clean, has the will and the retained status, tells whether another instance
 * is online, and publishes: answers, alerts, metrics. The *listener* bears the client id, starts
 * clean and hears: requests, the services' metrics and status, what was rejected, and after a start
 * what the broker remembers of our alerts. A flood of rejections fills a queue of its own, and what
 * does not fit there is passed over: the writer's file has it. paho's threads only hand over;
 * wire_turn gives to the owner what came, in its order.
 *
 * A clean start means that nobody's request waits at the broker while the service is away: its
 * asker learns from the retained status, or from the PUBACK (0x10, no matching subscribers). */
#ifndef QUERY_WIRE_H
#define QUERY_WIRE_H

#include "base/log.h"
#include "base/settings.h"
#include "bus/presence.h"
#include "bus/rpc_inbox.h"
#include "schemas/status.h"

#define WIRE_SERVICE "query"

struct wire;

struct wire_options {
    const struct settings *settings;
    const char *instance;
    struct log *log;
    struct clock clock;
    /* What is longer is handed over cut, one byte longer than this. */
    size_t payload_max, correlation_max;
    void *context;
    void (*wake)(void *context); /* from any thread */
    /* From wire_turn: a request (taken over), and anything else that was heard (borrowed). */
    void (*request)(void *context, struct rpc_request *request);
    void (*heard)(void *context, const struct rpc_request *message);
};

enum err wire_open(const struct wire_options *options, struct wire **ret_wire,
                   struct err_reason *why) ERR_MUST_CHECK;

/* wire_turn turns both handles and returns in how many ms it wants to be called again. The listener
 * connects only after wire_listen. */
uint32_t wire_turn(struct wire *wire);
enum presence_state wire_presence(struct wire *wire, char ret_other[64]);
void wire_listen(struct wire *wire);
void wire_mute(struct wire *wire); /* takes the listener down: another instance is there */

/* wire_settled: connected, subscribed, and all that the broker had retained was given to `heard`
 * (a message to ourselves, sent after the subscriptions, has come back). */
bool wire_settled(const struct wire *wire);

/* wire_take_requests subscribes to requests, until when nobody is answered, and gives up what was
 * subscribed only to take up our alerts again. */
void wire_take_requests(struct wire *wire);

/* wire_connected: both handles are up, and requests are taken. wire_speaks: the speaker is. */
bool wire_connected(const struct wire *wire);
bool wire_speaks(const struct wire *wire);

/* How many of our subscriptions the broker refuses: what it does not let us read, we do not know.
 * The log has named them. */
uint32_t wire_refused(const struct wire *wire);

/* How many times the speaker has connected: what is retained is said anew when it changes. */
unsigned wire_connections(const struct wire *wire);

/* From a message to ourselves and back, in ms, each 10 s; negative before the first. */
double wire_latency_ms(const struct wire *wire);

/* wire_publish: JSON unless `how` has a Content Type; false when it could not be sent now. */
bool wire_publish(struct wire *wire, const char *topic, struct text payload,
                  struct bus_publish how);

/* wire_status says the state when it changed or the connection is new. */
void wire_status(struct wire *wire, enum status_state state, const char *reason);

/* wire_bound changes how many requests may wait to be handed over (query.requests_max). */
void wire_bound(struct wire *wire, uint32_t requests_max);

/* Requests that found no room in the inbox, not even for their address. */
uint64_t wire_lost_requests(const struct wire *wire);

/* wire_close says offline and disconnects. NULL accepted. */
void wire_close(struct wire *wire, uint32_t timeout_ms);

#endif
