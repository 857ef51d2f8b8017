/* What client.c and its other halves (client_subscribe.c, client_publish.c) share. Not for others.
 */
#ifndef BUS_CLIENT_PARTS_H
#define BUS_CLIENT_PARTS_H

#include <MQTTAsync.h>

#include "base/backoff.h"
#include "bus/address.h"
#include "bus/client.h"
#include "bus/connection.h"
#include "bus/request.h"
#include "bus/subscriptions.h"

struct bus_client {
    struct bus_options options; /* texts owned */
    struct address address;
    MQTTAsync handle;
    struct connection *connection; /* shared with paho's threads, locks itself */
    struct requests *requests;     /* the same */
    /* The owner's loop alone: */
    struct subscriptions subscriptions;
    uint32_t told_generation; /* the connection that was told the subscriptions */
    struct backoff backoff;
    int64_t next_attempt_ms;
};

/* client_complain makes the words the last error and passes them to `lost`. */
void client_complain(struct bus_client *client, const char *words);

/* client_reason gives MQTT 5's words for a reason code, never NULL. */
const char *client_reason(int code);

/* client_send_subscriptions sends what this connection was not told yet. */
void client_send_subscriptions(struct bus_client *client, uint32_t generation);

/* client_hand_over gives paho as many of the waiting publishes as the window allows. */
void client_hand_over(struct bus_client *client);

#endif
