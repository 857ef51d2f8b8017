/* What takes messages in: the MQTT handle with the persistent session, and the callback that
 * appends to the journal. It publishes nothing and has no will, because its acknowledgements must
 * never queue behind something else. paho sends the PUBACK when the callback returns: acknowledged
 * means kept. */
#ifndef WRITER_INTAKE_H
#define WRITER_INTAKE_H

#include <stdatomic.h>

#include "base/log.h"
#include "bus/client.h"
#include "writer/journal/journal.h"
#include "writer/subscription_plan.h"

#define INTAKE_EXIT_NO_ROOM 75 /* EX_TEMPFAIL: the message was not acknowledged and comes again */

/* A connect may take 1.1 s when no other handle is connected (paho looks for new sockets once a
 * second), and a broker that is back is to be joined within 5 s. */
#define INTAKE_RETRY_CAP_MS 2500u

struct intake;

struct intake_options {
    const struct settings *settings;
    struct journal *journal;
    const struct subscription_plan *subscriptions;
    struct log *log;
    struct clock clock;
    const char *instance; /* in markers */
    void *context;
    void (*wake)(void *context); /* from any thread */
};

enum err intake_open(const struct intake_options *options, struct intake **ret_intake,
                     struct err_reason *why) ERR_MUST_CHECK;

/* intake_subscribe changes the subscriptions by difference, at once when it is connected. Errors as
 * bus_client_subscribe; nothing has changed then. */
enum err intake_subscribe(struct intake *intake,
                          const struct subscription_plan *plan) ERR_MUST_CHECK;

/* intake_turn connects and goes on; returns ms. Not to be called before it may connect. */
uint32_t intake_turn(struct intake *intake);
bool intake_connecting(const struct intake *intake);

/* intake_hold stops taking messages in, keeping the session; intake_resume goes on. */
void intake_hold(struct intake *intake);
void intake_resume(struct intake *intake);

/* intake_marker_due gives the payload of the marker that the report handle has to publish for this
 * connection, false when none is due; intake_marker_sent says that it was. It is due again when it
 * does not come back, because the report handle can lose it with its connection. Messages that
 * arrive before the marker waited at the broker and are late. */
bool intake_marker_due(const struct intake *intake, char ret_payload[96]);
void intake_marker_sent(struct intake *intake);

struct intake_figures {
    bool up; /* connected, and the broker has answered all subscriptions */
    uint64_t connections;
    uint64_t broker_dropped; /* what the broker says it threw away since it started */
    bool full;               /* the journal's reserve was touched: held until there is room */
};
void intake_figures(const struct intake *intake, struct intake_figures *ret_figures);
void intake_close(struct intake *intake, uint32_t timeout_ms);

#endif
