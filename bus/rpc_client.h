/* The asking end, for the command line and for tests: one connection of its own, on which requests
 * are sent one after the other, and topics are listened to meanwhile. Knows no message: what a
 * status says is read by the owner's callback.
 *
 * A request carries Response Topic, Correlation Data, Content Type and Message Expiry (the timeout
 * in whole seconds, rounded up), at QoS 1. The answer is recognised by its correlation data on a
 * response topic that is this client's alone, ROOT/response/cli-<16 hex digits>; answers that come
 * late, for an earlier request, are dropped.
 *
 * Everything is called by the owner's thread and calls back on it; paho's threads only queue. */
#ifndef BUS_RPC_CLIENT_H
#define BUS_RPC_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "bus/client.h"

struct rpc_client;

struct rpc_client_options {
    struct bus_options bus; /* client_id gets a random suffix; session, will, no_delay, context and
                               callbacks are set here. Receive Maximum 0 becomes 65,535 */
    const char *topic_root;
    const char *status_topic; /* of the service that is asked; NULL: its going is not noticed */
    /* Reads a status payload as presence's does: whether it says online, and by which instance.
     * False when the payload is no status. Needed with a status_topic. */
    bool (*read_status)(struct text payload, bool *ret_online, char *ret_instance, size_t size);
    void *context; /* borrowed, given to the following, of which each may be NULL: */
    /* What arrived on a filter of rpc_client_listen; dup, packet_id and subscription_id are 0. It
     * must not call this header. */
    void (*heard)(void *context, const struct bus_message *message);
    /* Asked each 100 ms at least while waiting: true ends the waiting. */
    bool (*stopped)(void *context);
};

/* rpc_client_open copies the options and does not connect yet. ERR_INVALID as bus_client_open says,
 * or for a root or status topic that makes no topic. */
enum err rpc_client_open(const struct rpc_client_options *options, struct rpc_client **ret_client,
                         struct err_reason *why) ERR_MUST_CHECK;

/* rpc_client_listen adds a filter, subscribed at QoS 1 with its retained messages. Of filters that
 * overlap, each brings its own copy. ERR_INVALID: no filter, or listened to already. */
enum err rpc_client_listen(struct rpc_client *client, const char *filter) ERR_MUST_CHECK;

struct rpc_question {
    const char *topic;
    struct text payload;
    struct text content_type; /* empty for none */
    uint32_t timeout_ms;      /* for everything, from connecting to the answer */
};

struct rpc_answer { /* a zeroed struct is an empty one, to be used for many answers */
    struct buf payload;
    struct buf content_type; /* empty when the answer had none */
};
void rpc_answer_free(struct rpc_answer *answer);

/* rpc_client_ask sends the question and waits for its answer, turning the client and calling
 * `heard` meanwhile; also until it is connected. The answer's earlier content is replaced.
 * ERR_TIMEOUT: none came in time; `why` says how far it got, and also when no service has said that
 *   it is online: without a retained status nobody knows whether one is there (mosquitto says so in
 *   the PUBACK, "No matching subscribers", but paho 1.3.12 does not pass that on).
 * ERR_REFUSED: the service's retained status says offline, or the broker refuses the question or a
 *   subscription. On a new connection the question is sent before the status is known, and may be
 *   taken up by a service that comes back before it expires.
 * ERR_CLOSED: after the question was sent, the service went offline (or another instance took its
 *   place), or our own connection broke, or `stopped` said so.
 * ERR_TOO_LARGE: there was an answer, for which there is no room. ERR_INVALID, ERR_FULL: as
 * bus_client_publish. */
enum err rpc_client_ask(struct rpc_client *client, const struct rpc_question *question,
                        struct rpc_answer *ret_answer, struct err_reason *why) ERR_MUST_CHECK;

/* rpc_client_wait turns the client and calls `heard` for timeout_ms, or until `stopped` says so.
 * rpc_client_turn does both once without waiting and returns in how many ms it wants to be called
 * again at the latest; the descriptor is readable when it should be called at once (for poll; not
 * to be read from). */
void rpc_client_wait(struct rpc_client *client, uint32_t timeout_ms);
uint32_t rpc_client_turn(struct rpc_client *client);
int rpc_client_descriptor(const struct rpc_client *client);

/* Of our own connection. */
enum bus_state rpc_client_state(const struct rpc_client *client);
void rpc_client_last_error(const struct rpc_client *client, struct err_reason *ret_why);

/* What the status topic said last, as far as it is known. */
enum rpc_service { RPC_SERVICE_UNKNOWN, RPC_SERVICE_ONLINE, RPC_SERVICE_OFFLINE };
enum rpc_service rpc_client_service(const struct rpc_client *client);

void rpc_client_close(struct rpc_client *client); /* NULL accepted */

#endif
