/* What rpc_client.c and its other half, rpc_client_ask.c, share. Not for others. */
#ifndef BUS_RPC_CLIENT_PARTS_H
#define BUS_RPC_CLIENT_PARTS_H

#include <stdatomic.h>

#include "bus/rpc_client.h"
#include "bus/rpc_inbox.h"

#define RPC_CLIENT_INSTANCE_SIZE 128

/* The question under way; zeroed when there is none. */
struct rpc_pending {
    char correlation[17];
    unsigned connection;        /* on which it was sent; 0: not yet */
    bool gone;                  /* the service that was online is not any more */
    int64_t gone_ms;            /* since then */
    struct rpc_request *answer; /* owned */
};

struct rpc_client {
    struct rpc_client_options options; /* of its texts none is used after open */
    struct bus_client *bus;
    struct rpc_inbox *inbox; /* what paho's threads hand over */
    int event;               /* readable after that */
    char *response_topic;
    char *status_topic; /* NULL: none */
    char **filters;     /* listened to */
    size_t filter_count;
    uint64_t next_correlation;
    enum rpc_service service;
    char instance[RPC_CLIENT_INSTANCE_SIZE]; /* of the service that is online */
    unsigned seen_connection;                /* the one that `service` was learned on */
    struct rpc_pending pending;
    atomic_uint connection; /* counts the CONNACKs */
    atomic_bool subscribed; /* all subscriptions of this connection are answered */
    atomic_bool refused;    /* and the broker has refused a question since */
};

int64_t rpc_client_now_ms(void); /* monotonic: the person's patience, not the client's clock */

/* rpc_client_pause waits until something arrived, wants_ms have passed, or end_ms has come; 100 ms
 * at most, for `stopped`. */
void rpc_client_pause(const struct rpc_client *client, uint32_t wants_ms, int64_t end_ms);

bool rpc_client_stopped(const struct rpc_client *client);

#endif
