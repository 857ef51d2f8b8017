/* The message about what could not be stored (schemas/rejected.h), made of what the fold or the
 * server refused. */
#ifndef WRITER_REJECTION_H
#define WRITER_REJECTION_H

#include "schemas/rejected.h"
#include "writer/shape/fold.h"

/* Memory that one message after the other is made in; zeroed to begin with. */
struct rejection {
    struct buf words, base64;
};

/* rejection_make fills ret_message; its texts lie in the record, in `reject`, in `line` (the line
 * that the server refused, else empty) and in `memory`, until the next call. An unknown topic is
 * told the nearest known form; of a payload that the journal cut (JOURNAL_CUT) the message has the
 * length and the start. */
void rejection_make(struct rejection *memory, const char *topic_root,
                    const struct fold_reject *reject, struct text line,
                    struct rejected *ret_message);
void rejection_free(struct rejection *memory);

#endif
