/* Who runs under a service's name: the retained status topic, the will, and the check for
 * another instance. Built on one client handle (the report handle); knows the
 * payload only as bytes that its owner makes and reads.
 *
 * Course: the report handle connects (clean start; its will is the offline status), subscribes
 * to the status topic and to a probe topic of its own, and publishes to the probe. When the probe
 * comes back, the retained status, if there is one, has come before it: now it is known
 * whether another instance is there, without waiting for a time. */
#ifndef BUS_PRESENCE_H
#define BUS_PRESENCE_H

#include "bus/client.h"

enum presence_state {
    PRESENCE_UNKNOWN, /* not connected, or the probe is not back yet */
    PRESENCE_CLEAR,   /* nobody else is online under this name */
    PRESENCE_OTHER,   /* another instance is online */
};

struct presence;

struct presence_options {
    struct bus_options bus;   /* client_id gets a random suffix; will, subscriptions and callbacks
                                 other than wake are set by presence */
    const char *status_topic;
    const char *probe_topic;  /* below it the instance is added as a level */
    const char *instance;     /* ours */
    const char *will_payload; /* the offline status */
    void *context;
    /* Reads a status payload: whether it says online (or holding), and by which instance (copied to
     * ret_instance). False when the payload is no status. */
    bool (*read_status)(struct text payload, bool *ret_online, char *ret_instance, size_t size);
    /* After each change of state, from paho's thread. `other` names the other instance. */
    void (*changed)(void *context, enum presence_state state, const char *other);
    void (*lost)(void *context, const char *why);
};

enum err presence_open(const struct presence_options *options, struct presence **ret_presence,
                       struct err_reason *why) ERR_MUST_CHECK;
uint32_t presence_turn(struct presence *presence);
enum presence_state presence_state(const struct presence *presence);

/* The handle, to publish with. */
struct bus_client *presence_client(struct presence *presence);
void presence_close(struct presence *presence, uint32_t timeout_ms);

#endif
