/* Every topic of ours, in one place; below one configurable root. The table is
 * that of docs/topics.md. */
#ifndef SCHEMAS_TOPICS_H
#define SCHEMAS_TOPICS_H

#include "base/buf.h"
#include "base/text.h"

/* What a topic below the root is. */
enum topic_kind {
    TOPIC_FOREIGN,         /* not below the root */
    TOPIC_READING,         /* readings/<device> */
    TOPIC_READING_VALUE,   /* readings/<device>/<metric> */
    TOPIC_EVENT,           /* events/<source> */
    TOPIC_LINE,            /* line */
    TOPIC_STATUS,          /* services/<service>/status */
    TOPIC_METRICS,         /* services/<service>/metrics */
    TOPIC_LIVE,            /* services/<service>/live: how it stands at this moment */
    TOPIC_MARKER,          /* services/<service>/marker: the report handle's word to its intake */
    TOPIC_REQUEST,         /* request/<endpoint> */
    TOPIC_RESPONSE,        /* response/... */
    TOPIC_ALERTS_ACTIVE,   /* alerts/active: what fires */
    TOPIC_ALERTS_EVENT,    /* alerts/event: each change */
    TOPIC_ALERTS_SILENCED, /* alerts/silenced: the silences that hold */
    TOPIC_ALERT,           /* alerts/<service>/<rule>/<subject>: one alert as it stands */
    TOPIC_STANDING,        /* standing/...: answers to the questions of the configuration */
    TOPIC_REJECTED,        /* rejected/<reason> */
    TOPIC_UNKNOWN,         /* below the root, and nothing of this table */
};

struct topic {
    enum topic_kind kind;
    struct text name;       /* device, source, service, endpoint or reason; empty if none */
    union {                 /* empty for the other kinds */
        struct text metric; /* TOPIC_READING_VALUE */
        struct text rule;   /* TOPIC_ALERT */
    };
    struct text subject; /* TOPIC_ALERT */
};

/* topic_parse says what `topic` is below `root` ("hearthline", no slash at its end).
 * Pure; the texts point into `topic`. */
struct topic topic_parse(const char *root, struct text topic);

/* topic_is_input tells whether the writer journals messages of this kind: readings,
 * events, line, metrics, unknown and foreign ones. The rest is our own traffic. */
bool topic_is_input(enum topic_kind kind);

/* topic_nearest names the known form nearest to an unknown topic, for the words of a
 * rejection: "hearthline/readings/<device>". Writes into ret_form. */
void topic_nearest(const char *root, struct text topic, struct buf *ret_form);

/* Builders: append the topic to an empty buffer and return it terminated. Levels
 * must hold no '/', '+', '#' or NUL: each such byte becomes '_'. */
const char *topic_status(struct buf *b, const char *root, const char *service);
const char *topic_metrics(struct buf *b, const char *root, const char *service);
const char *topic_live(struct buf *b, const char *root, const char *service);
const char *topic_marker(struct buf *b, const char *root, const char *service);
const char *topic_rejected(struct buf *b, const char *root, const char *reason);

/* An endpoint may have several levels: its '/' stay. */
const char *topic_request(struct buf *b, const char *root, const char *endpoint);
const char *topic_response(struct buf *b, const char *root, const char *endpoint);

const char *topic_alerts_active(struct buf *b, const char *root);
const char *topic_alerts_event(struct buf *b, const char *root);
const char *topic_alerts_silenced(struct buf *b, const char *root);

/* One alert's own topic. Two alerts never share one, whatever a device calls itself: a level that
 * cannot stand as it is (of the bytes above, with control characters or broken UTF-8, over
 * TOPIC_ALERT_LEVEL_MAX bytes) is made harmless and cut, and gets '-' and the CRC-32C of the
 * original in 8 hex digits; so does one that only looks as if it had been treated so. An empty
 * level becomes "-". */
#define TOPIC_ALERT_LEVEL_MAX 128
const char *topic_alert(struct buf *b, const char *root, const char *service, const char *rule,
                        const char *subject);

#endif
