/* When a service says its status: as soon as state or reason has changed, and again on each new
 * connection, whose broker may have forgotten it. `since` stays as long as the state does. Pure:
 * the owner has the clock and the connection. */
#ifndef SCHEMAS_STATUS_PACE_H
#define SCHEMAS_STATUS_PACE_H

#include "schemas/status.h"

/* Begins zeroed. */
struct status_pace {
    bool said; /* anything, and it went out */
    unsigned connection;
    struct status last;
};

/* status_pace_take tells whether the status, which is of now, is to be said on this connection;
 * then it is taken for said, and its since_ns is when the state began. status_pace_failed: it could
 * not be sent, so it is due again. */
bool status_pace_take(struct status_pace *pace, struct status *status, unsigned connection);
void status_pace_failed(struct status_pace *pace);

#endif
