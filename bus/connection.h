/* What paho's threads and the owner's loop share of one client's connection: its phase, why the
 * last one ended, and how its subscriptions were answered. Everything is behind one lock that is
 * held for a few statements and never while something else is called. */
#ifndef BUS_CONNECTION_H
#define BUS_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct connection;

enum connection_phase {
    CONNECTION_DOWN,
    CONNECTION_CONNECTING, /* handed to paho, no answer yet */
    CONNECTION_UP,
    CONNECTION_CLOSING, /* our own disconnect is under way; messages may still arrive */
};

struct connection_view {
    enum connection_phase phase;
    bool held;           /* shall be down until resumed */
    uint32_t generation; /* counts the CONNACKs */
    bool ended;          /* a connection or an attempt ended since the view before */
    int64_t lasted_ms;   /* how long that one was up, 0 for an attempt */
};

struct connection *connection_new(void); /* NULL when out of memory */
void connection_free(struct connection *connection);

/* connection_look is for the owner's loop alone, because it takes `ended` away;
 * connection_peek leaves it. */
struct connection_view connection_look(struct connection *connection);
struct connection_view connection_peek(struct connection *connection);

void connection_begin(struct connection *connection); /* an attempt */

/* connection_up: CONNACK came. True when it shall be held and is to be disconnected (it is
 * CLOSING then). */
bool connection_up(struct connection *connection, int64_t now_ms);

/* connection_ended: lost, or the attempt failed. ret_why is what was noted before, if anything,
 * else `words`; it becomes the last error. */
void connection_ended(struct connection *connection, int64_t now_ms, const char *words,
                      struct err_reason *ret_why);
void connection_closed(struct connection *connection); /* by our own disconnect */

/* connection_note keeps words that come before the end which they explain. */
void connection_note(struct connection *connection, const char *words);
void connection_set_error(struct connection *connection, const char *words);
void connection_last_error(struct connection *connection, struct err_reason *ret_why);

/* connection_hold: true when it was up and is to be disconnected (it is CLOSING then). */
bool connection_hold(struct connection *connection);
void connection_resume(struct connection *connection);

/* connection_wait_other waits until the phase is another than `phase`; false after timeout_ms. */
bool connection_wait_other(struct connection *connection, enum connection_phase phase,
                           uint32_t timeout_ms);

/* Subscriptions: expected before they are sent, then answered one by one. connection_answered is
 * true when it was the last one open; an answer to an earlier connection's is not counted. */
void connection_expect(struct connection *connection, bool fresh, uint32_t count);
bool connection_answered(struct connection *connection, uint32_t generation, bool refused);
uint32_t connection_refused(struct connection *connection);

#endif
