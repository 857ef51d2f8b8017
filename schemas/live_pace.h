/* When a service says its live message: as soon as something in it has changed, at most each
 * LIVE_PACE_MS, and again on each new connection, whose broker may have forgotten it. What only
 * passes with the time (`time`, journal_oldest_s) is no change. Pure: the owner has the clock and
 * the connection. */
#ifndef SCHEMAS_LIVE_PACE_H
#define SCHEMAS_LIVE_PACE_H

#include "schemas/live.h"

#define LIVE_PACE_MS 500

/* Begins zeroed. */
struct live_pace {
    bool said; /* anything, and it went out */
    unsigned connection;
    int64_t due_ms;
    struct buf last, now; /* what was said and what would be, without what passes with the time */
};

/* live_pace_wait_ms: in how many ms may something be said again; 0: now. Cheap, so that figures
 * need only be taken when it is 0. */
uint32_t live_pace_wait_ms(const struct live_pace *pace, int64_t now_ms);

/* live_pace_hasten: what has changed is due at once, however short the pause. For a stop. */
void live_pace_hasten(struct live_pace *pace);

/* live_pace_take tells whether the message is to be said now on this connection, and takes it for
 * said. live_pace_failed: it could not be sent, so it is due again after LIVE_PACE_MS. */
bool live_pace_take(struct live_pace *pace, const struct live_message *message, unsigned connection,
                    int64_t now_ms);
void live_pace_failed(struct live_pace *pace);
void live_pace_free(struct live_pace *pace);

#endif
