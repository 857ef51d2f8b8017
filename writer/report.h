/* What the writer says of itself: the second MQTT handle, with a clean start, the will, the
 * retained status, the metrics, the live message, what was rejected, and the marker for the intake.
 * It also knows whether another instance runs under our name. */
#ifndef WRITER_REPORT_H
#define WRITER_REPORT_H

#include "base/log.h"
#include "base/settings.h"
#include "bus/presence.h"
#include "schemas/rejected.h"
#include "schemas/status.h"

#define REPORT_SERVICE "writer"

struct report;

struct report_options {
    const struct settings *settings;
    const char *instance; /* the journal's id: a retained status of ours is stale, as we hold the
                             journal's lock */
    struct log *log;
    struct clock clock;
    void *context;
    void (*wake)(void *context);
};

enum err report_open(const struct report_options *options, struct report **ret_report,
                     struct err_reason *why) ERR_MUST_CHECK;
uint32_t report_turn(struct report *report);

/* report_stir helps the intake's connect along (presence_stir); returns in how many ms again. */
uint32_t report_stir(struct report *report);

/* Whether another instance is online; `ret_other` names it. */
enum presence_state report_presence(struct report *report, char ret_other[64]);

/* report_status says the state, when it changed or the connection is new. */
void report_status(struct report *report, enum status_state state, const char *reason);

/* These return false when it could not be sent now. */
bool report_marker(struct report *report, const char *payload);
bool report_metrics(struct report *report, struct text payload);
bool report_live(struct report *report, struct text payload);
bool report_rejected(struct report *report, const struct rejected *rejected);
bool report_connected(const struct report *report);

/* How many times it has connected: what is retained is said anew when it changes. */
unsigned report_connections(const struct report *report);

/* report_close says offline and disconnects. */
void report_close(struct report *report, uint32_t timeout_ms);

#endif
