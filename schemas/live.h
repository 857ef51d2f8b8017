/* How a service stands at this moment: topic_live. Published when something in it has changed, at
 * most each LIVE_PACE_MS (schemas/live_pace.h), at QoS 0 and retained, so that a page shows what
 * happens without asking. Nobody stores it and the writer does not read it: what is kept of a
 * service is its service_metrics.
 *
 * It stays at the broker when its service dies, and says nothing of that: the will of the service's
 * status does (schemas/status.h). Whoever shows it must look at that status first, and take it for
 * the last word of a service that is offline.
 *
 * All but service and time may be absent. Only the writer has figures of the journal and of points;
 * only the query service has `source` and requests_in_flight. */
#ifndef SCHEMAS_LIVE_H
#define SCHEMAS_LIVE_H

#include "schemas/fields.h"
#include "schemas/status.h"

enum live_influxdb {
    LIVE_INFLUXDB_UNSAID, /* nothing was asked of it yet */
    LIVE_INFLUXDB_ANSWERING,
    LIVE_INFLUXDB_AWAY,
    LIVE_INFLUXDB_FAULT, /* it answers, and refuses: a person has to mend it */
    LIVE_INFLUXDB_OFF,
};

/* live_influxdb_words are the texts of enum live_influxdb, ended by NULL. */
extern const char *const live_influxdb_words[];

/* Where an answer would come from now. */
enum live_source { LIVE_SOURCE_UNSAID, LIVE_SOURCE_INFLUXDB, LIVE_SOURCE_SERVICES };
extern const char *const live_source_words[];

struct live_message {
    char service[64];
    char instance[64];
    int64_t time_ns;
    enum status_state state;
    struct fields_unsigned events_total;
    /* Since the journal was made, as in service_metrics. */
    struct fields_unsigned pending, points_stored, rejected, dropped;
    struct fields_number ledger_difference; /* a whole number; 0 when the ledger balances */
    struct fields_unsigned journal_bytes, journal_max_bytes;
    struct fields_number journal_oldest_s;
    /* Since the service started. */
    struct fields_unsigned write_attempts_total, write_errors_total;
    struct fields_number last_write_ms;
    enum live_influxdb influxdb;
    char influxdb_reason[256];
    enum live_source source;
    struct fields_unsigned requests_in_flight;
};

extern const struct fields_table live_message_table;

void live_message_encode(const struct live_message *message, struct buf *out);

/* live_message_decode reads what the table knows; errors as fields_decode. */
enum err live_message_decode(struct value root, struct live_message *ret_message,
                             struct err_reason *why) ERR_MUST_CHECK;

#endif
