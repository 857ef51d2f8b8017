/* What the query service hears: the MQTT handle that bears the client id, starts clean and
 * subscribes to requests, the services' metrics and status, what was rejected, and after a start
 * what the broker remembers of our alerts. A flood of rejections fills a queue of its own, where
 * the newest take the place of the oldest, which are counted: the writer's file has them. paho's
 * threads only hand over; listener_turn gives to the owner what came, in its order. Whether all of
 * it comes is seen by a message to ourselves, which the speaker (query-service/speaker.h) sends.
 *
 * A clean start means that nobody's request waits at the broker while the service is away: its
 * asker learns from the retained status, or from the PUBACK (0x10, no matching subscribers). */
#ifndef QUERY_LISTENER_H
#define QUERY_LISTENER_H

#include "base/log.h"
#include "base/settings.h"
#include "bus/rpc_inbox.h"
#include "query-service/speaker.h"

struct listener;

struct listener_options {
    const struct settings *settings;
    const char *instance;
    struct speaker *speaker; /* borrowed */
    struct log *log;
    struct clock clock;
    /* What is longer is handed over cut, one byte longer than this. */
    size_t payload_max, correlation_max;
    void *context;
    void (*wake)(void *context); /* from any thread */
    /* From listener_turn: a request (taken over), and anything else that was heard (borrowed). */
    void (*request)(void *context, struct rpc_request *request);
    void (*heard)(void *context, const struct rpc_request *message);
};

enum err listener_open(const struct listener_options *options, struct listener **ret_wire,
                       struct err_reason *why) ERR_MUST_CHECK;

/* listener_turn returns in how many ms it wants to be called again. The handle connects only after
 * listener_listen. */
uint32_t listener_turn(struct listener *listener);
void listener_listen(struct listener *listener);
void listener_mute(
    struct listener *listener); /* takes the listener down: another instance is there */

/* listener_settled: connected, subscribed, and all that the broker had retained was given to
 * `heard` (a message to ourselves, sent after the subscriptions, has come back). */
bool listener_settled(const struct listener *listener);

/* listener_take_requests subscribes to requests, until when nobody is answered, and gives up what
 * was subscribed only to take up our alerts again. */
void listener_take_requests(struct listener *listener);

/* listener_takes_requests: all is subscribed, requests too, and what we send to ourselves comes. */
bool listener_takes_requests(const struct listener *listener);
bool listener_connected(const struct listener *listener);
bool listener_speaks(const struct listener *listener);

/* How many of our subscriptions the broker refuses: what it does not let us read, we do not know.
 * The log has named them. */
uint32_t listener_refused(const struct listener *listener);

/* From a message to ourselves and back, in ms, each 10 s; negative before the first. */
double listener_latency_ms(const struct listener *listener);

/* listener_bound changes how many requests may wait to be handed over (query.requests_max). */
void listener_bound(struct listener *listener, uint32_t requests_max);

/* Requests that found no room in the inbox, not even for their address. */
uint64_t listener_lost_requests(const struct listener *listener);

/* Rejections that found no room. */
uint64_t listener_lost_rejects(const struct listener *listener);

/* listener_close disconnects. NULL accepted. */
void listener_close(struct listener *listener, uint32_t timeout_ms);

#endif
