/* What could not be stored, why, and the original: topic_rejected, and a line of the file of
 * rejects. A rejection is either of a message (payload or payload_base64) or of one line that
 * InfluxDB refused (line). */
#ifndef SCHEMAS_REJECTED_H
#define SCHEMAS_REJECTED_H

#include "schemas/fields.h"

#define REJECTED_ORIGINAL_MAX (64 * 1024) /* bytes of an original that are kept */

/* All texts are borrowed: from whoever encodes, or from the document that was decoded. */
struct rejected {
    struct text reason; /* identifier: "not_json" */
    struct text words;  /* for a person: what was wrong and what would be right */
    struct text topic;
    struct text content_type;             /* MQTT 5's, of the original; empty with `element` */
    struct text source;                   /* name of the source that took the message */
    int64_t time_ns;                      /* arrival */
    struct text payload;                  /* when it is UTF-8 */
    struct text payload_base64;           /* when it is not */
    struct fields_unsigned payload_bytes; /* of the whole original */
    bool cut;                             /* only the start of the original is here */
    struct fields_unsigned element;       /* the original is one of several in a message: what it
                                             would add to the arrival time in ns */
    struct text line;
    bool retained, late; /* how it came */
    struct fields_unsigned qos;
};

extern const struct fields_table rejected_table;

/* rejected_set_payload sets payload or payload_base64, payload_bytes and cut from the original
 * bytes, of which at most REJECTED_ORIGINAL_MAX are taken. `base64` is memory for the second; both
 * it and the bytes must live as long as the message. */
void rejected_set_payload(struct rejected *message, struct text bytes, struct buf *base64);

/* rejected_set_line sets line, cut like a payload. */
void rejected_set_line(struct rejected *message, struct text line);

/* rejected_get_payload appends the original bytes, as far as they are there.
 * ERR_INVALID: payload_base64 is not base64. */
enum err rejected_get_payload(const struct rejected *message, struct buf *out) ERR_MUST_CHECK;

void rejected_encode(const struct rejected *message, struct buf *out);

/* rejected_decode reads a rejection; its texts live as long as the document. Errors as
 * fields_decode. */
enum err rejected_decode(struct value root, struct rejected *ret_message,
                         struct err_reason *why) ERR_MUST_CHECK;

#endif
