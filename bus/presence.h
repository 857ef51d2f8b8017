/* Who runs under a service's name: the retained status topic, the will, and the check for
 * another instance. Built on one client handle of its own, whose subscriptions are
 * presence's: a service that reads more does so on a second client. Knows the payload only as bytes
 * that its owner makes and reads.
 *
 * Course: the handle connects (clean start; its will is the offline status), subscribes
 * to the status topic and to a probe topic of its own, and publishes to the probe. When the probe
 * comes back, the retained status, if there is one, has come before it: now it is known
 * whether another instance is there, without waiting for a time. After a lost connection the course
 * begins again, in PRESENCE_UNKNOWN.
 *
 * Presence never publishes the status itself: its owner does, each time `changed` says
 * PRESENCE_CLEAR: also the second time, because an offline may stand there, retained, by then:
 * another instance's, or our own, as the will of a connection that broke long before the broker
 * noticed, or the status was deleted. Of two that start at the same moment both may be clear,
 * publish, and then see each other, both PRESENCE_OTHER: which one yields is for the owners to
 * agree, for example the one whose instance name is the greater. A status of our own instance, left
 * from an earlier life or our own just published one, is not another. Where the broker refuses the
 * status topic, nothing can be known: PRESENCE_UNKNOWN stays, and `lost` is told why. */
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
    struct bus_options bus; /* client_id gets a random suffix; will, subscriptions and callbacks
                               other than wake are set by presence */
    const char *status_topic;
    const char *probe_topic;  /* below it the instance is added as a level */
    const char *instance;     /* ours */
    const char *will_payload; /* the offline status */
    void *context; /* borrowed, given to all of these but bus.wake, which has bus.context */
    /* Reads a status payload: whether it says online (or holding), and by which instance (copied to
     * ret_instance). False when the payload is no status. */
    bool (*read_status)(struct text payload, bool *ret_online, char *ret_instance, size_t size);
    /* After each change of state, and with PRESENCE_CLEAR again when the status that we are to
     * publish was overwritten; from paho's threads (the rules of bus/client.h hold). `other`
     * names the other instance, "" unless the state is PRESENCE_OTHER. */
    void (*changed)(void *context, enum presence_state state, const char *other);
    void (*lost)(void *context, const char *why); /* may be NULL */
};

/* presence_open copies the options and does not connect yet. ERR_INVALID as bus_client_open says,
 * and when a topic, the instance or read_status is missing. */
enum err presence_open(const struct presence_options *options, struct presence **ret_presence,
                       struct err_reason *why) ERR_MUST_CHECK;

/* presence_turn is bus_client_turn of the handle. */
uint32_t presence_turn(struct presence *presence);

/* presence_state and presence_look give the state, from any thread; the latter with the name of the
 * other instance, "" unless the state is PRESENCE_OTHER. */
enum presence_state presence_state(struct presence *presence);
enum presence_state presence_look(struct presence *presence, char *ret_other, size_t size);

/* presence_stir publishes the probe once more, so that the broker's answer wakes paho's receiving
 * thread. paho 1.3.12 takes up a socket that was opened while that thread waits only when its wait
 * ends: two waits of a second for each connect beside a connected handle. The owner of a second
 * handle calls this each PRESENCE_STIR_MS while that one is BUS_CONNECTING. Nothing happens while
 * this handle itself is not connected. */
#define PRESENCE_STIR_MS 20
void presence_stir(struct presence *presence);

/* The handle, to publish with. */
struct bus_client *presence_client(struct presence *presence);

/* presence_close closes the handle as bus_client_close does: the will is not sent, an offline
 * status is for the owner to publish before. NULL accepted. */
void presence_close(struct presence *presence, uint32_t timeout_ms);

#endif
