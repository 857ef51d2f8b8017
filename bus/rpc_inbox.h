/* The answering end's hand-over: paho's thread pushes what arrived, the owner's loop pops it. One
 * short lock, never held while anything is copied or called.
 *
 * It is bounded in count and bytes. A request past the bound is not kept, but its asker shall hear
 * that: of it the reply address alone (topic, response topic, correlation, content type) is queued
 * in its place, marked `overflow`, within a bound of its own: RPC_INBOX_OVERFLOW_TIMES as many and
 * a RPC_INBOX_OVERFLOW_PART of the bytes. What does not fit there either is counted as lost. Order
 * is that of arrival, over both. Who pushes wakes the loop himself, after the push.
 *
 * One that keeps the newest is for messages that nobody is owed an answer for: past the bound the
 * oldest in it make room, and are counted as lost. */
#ifndef BUS_RPC_INBOX_H
#define BUS_RPC_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "bus/client.h"

#define RPC_INBOX_OVERFLOW_TIMES 4
#define RPC_INBOX_OVERFLOW_PART  4

/* One arrived message; a single piece of memory, which the texts point into. */
struct rpc_request {
    struct rpc_request *next; /* for whoever holds it */
    struct text topic;
    struct text payload;      /* empty when `overflow` */
    struct text content_type; /* this and the next two empty when absent */
    struct text response_topic;
    struct text correlation;
    uint8_t qos;
    bool retained;
    bool overflow;      /* the reply address alone: there was no room for the request */
    uint32_t expiry_s;  /* Message Expiry Interval as it arrived; 0: none */
    int64_t arrived_ms; /* monotonic, as rpc_inbox_push was told */
};

void rpc_request_free(struct rpc_request *request); /* NULL accepted */

/* rpc_request_bytes is what it takes of the bound: the struct and its texts. */
size_t rpc_request_bytes(const struct rpc_request *request);

struct rpc_inbox;

/* rpc_inbox_new holds at most max_count requests of max_bytes together, counting their texts and
 * the struct. NULL when out of memory. */
struct rpc_inbox *rpc_inbox_new(size_t max_count, size_t max_bytes);
struct rpc_inbox *rpc_inbox_new_keeping_newest(size_t max_count, size_t max_bytes);

/* rpc_inbox_bound changes how many it holds; what is in it stays. Any thread. */
void rpc_inbox_bound(struct rpc_inbox *inbox, size_t max_count);
void rpc_inbox_free(struct rpc_inbox *inbox); /* with what is in it; NULL accepted */

/* rpc_inbox_push copies the message; any thread. ERR_FULL: past the bound, `busy` is what its asker
 * is due if pop brings the reply address; of one that keeps the newest: longer than the bound, and
 * lost. ERR_NOMEM: lost. */
enum err rpc_inbox_push(struct rpc_inbox *inbox, const struct bus_message *message,
                        int64_t now_ms) ERR_MUST_CHECK;

/* rpc_inbox_pop takes the oldest out, which is the caller's then; NULL when there is none. */
struct rpc_request *rpc_inbox_pop(struct rpc_inbox *inbox);

struct rpc_inbox_counts {
    uint64_t kept;       /* since the inbox was made */
    uint64_t overflowed; /* the reply address was kept */
    uint64_t lost;       /* neither */
    size_t waiting;      /* now in it, both kinds */
    size_t waiting_bytes;
};
struct rpc_inbox_counts rpc_inbox_counts(struct rpc_inbox *inbox);

#endif
