#include "schemas/live.h"

#include <math.h>

const char *const live_influxdb_words[] = {"", "answering", "away", "fault", "off", NULL};
const char *const live_source_words[] = {"", "influxdb", "services-fallback", NULL};

#define MEMBER(member) FIELDS_MEMBER(struct live_message, member)

static const struct fields_row rows[] = {
    {"schema", FIELDS_SCHEMA, .required = true, .max = 1, .help = "version of this message"},
    {"service", FIELDS_TEXT, .required = true, MEMBER(service), .min = 1,
     .help = "name of the service, as in the topic"},
    {"instance", FIELDS_TEXT, MEMBER(instance), .help = "as in the service's status"},
    {"time", FIELDS_TIME, .required = true, MEMBER(time_ns), .help = "when it was so"},
    {"state", FIELDS_WORD, MEMBER(state), .words = status_words,
     .help = "as in the service's status, which alone tells of its end"},
    {"events_total", FIELDS_UNSIGNED, MEMBER(events_total),
     .help = "writer: messages received since its journal was made; query: requests answered since "
             "it started"},
    {"pending", FIELDS_UNSIGNED, MEMBER(pending),
     .help = "messages in the journal that are not delivered yet"},
    {"points_stored", FIELDS_UNSIGNED, MEMBER(points_stored),
     .help = "points that InfluxDB has, since the journal was made"},
    {"rejected", FIELDS_UNSIGNED, MEMBER(rejected),
     .help = "messages that could not be stored, since the journal was made"},
    {"dropped", FIELDS_UNSIGNED, MEMBER(dropped),
     .help = "messages given up undelivered, since the journal was made"},
    {"ledger_difference", FIELDS_NUMBER, MEMBER(ledger_difference), .min = -INFINITY,
     .help = "messages that the ledger misses or has twice, or points when the messages balance; 0 "
             "by right"},
    {"journal_bytes", FIELDS_UNSIGNED, MEMBER(journal_bytes),
     .help = "undelivered bytes in the journal"},
    {"journal_max_bytes", FIELDS_UNSIGNED, MEMBER(journal_max_bytes),
     .help = "bound of the journal"},
    {"journal_oldest_s", FIELDS_NUMBER, MEMBER(journal_oldest_s),
     .help = "age of the oldest undelivered message at `time`; it grows by itself, which is no "
             "reason to say it again"},
    {"write_attempts_total", FIELDS_UNSIGNED, MEMBER(write_attempts_total),
     .help = "writes sent to InfluxDB since the service started"},
    {"write_errors_total", FIELDS_UNSIGNED, MEMBER(write_errors_total),
     .help = "requests to InfluxDB that failed since the service started"},
    {"last_write_ms", FIELDS_NUMBER, MEMBER(last_write_ms),
     .help = "how long the newest answered write took"},
    {"influxdb", FIELDS_WORD, MEMBER(influxdb), .words = live_influxdb_words,
     .help = "what the service knows of InfluxDB; fault: it refuses, and a person has to mend it; "
             "off: by configuration it is not asked; absent before the first answer"},
    {"influxdb_reason", FIELDS_TEXT, MEMBER(influxdb_reason),
     .help = "what the trouble with InfluxDB is, for a person"},
    {"source", FIELDS_WORD, MEMBER(source), .words = live_source_words,
     .help = "query: where an answer would come from now"},
    {"requests_in_flight", FIELDS_UNSIGNED, MEMBER(requests_in_flight),
     .help = "query: requests that wait for their answer"},
};

const struct fields_table live_message_table = {
    .name = "live",
    .help = "How a service stands at this moment; retained, and published when it changes.",
    FIELDS_ROWS(rows),
    .size = sizeof(struct live_message),
};

void live_message_encode(const struct live_message *message, struct buf *out)
{
    fields_encode(&live_message_table, message, out);
}

enum err live_message_decode(struct value root, struct live_message *ret_message,
                             struct err_reason *why)
{
    return fields_decode(&live_message_table, root, ret_message, why);
}
