/* Every topic of ours, in one place; below one configurable root. The table is
 * that of docs/topics.md. */
#ifndef SCHEMAS_TOPICS_H
#define SCHEMAS_TOPICS_H

#include "base/buf.h"
#include "base/text.h"

/* What a topic below the root is. */
enum topic_kind {
    TOPIC_FOREIGN,       /* not below the root */
    TOPIC_READING,       /* readings/<device> */
    TOPIC_READING_VALUE, /* readings/<device>/<metric> */
    TOPIC_EVENT,         /* events/<source> */
    TOPIC_LINE,          /* line */
    TOPIC_STATUS,        /* services/<service>/status */
    TOPIC_METRICS,       /* services/<service>/metrics */
    TOPIC_MARKER,        /* services/<service>/marker: the report handle's word to its intake */
    TOPIC_REQUEST,       /* request/<endpoint> */
    TOPIC_RESPONSE,      /* response/... */
    TOPIC_ALERT,         /* alerts/... */
    TOPIC_REJECTED,      /* rejected/<reason> */
    TOPIC_UNKNOWN,       /* below the root, and nothing of this table */
};

struct topic {
    enum topic_kind kind;
    struct text name;   /* device, source, service, endpoint or reason; empty if none */
    struct text metric; /* TOPIC_READING_VALUE */
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
const char *topic_marker(struct buf *b, const char *root, const char *service);
const char *topic_rejected(struct buf *b, const char *root, const char *reason);

#endif
