/* One value as JSON again, whatever it came in: for showing a person the element that was refused.
 */
#ifndef WRITER_DECODERS_ELEMENT_JSON_H
#define WRITER_DECODERS_ELEMENT_JSON_H

#include "base/buf.h"
#include "base/value.h"

#define ELEMENT_JSON_MAX_BYTES (64 * 1024)

/* element_json appends the value, cut at a UTF-8 character after ELEMENT_JSON_MAX_BYTES; what is
 * nested deeper than 16 levels, and what JSON has no form for (NaN, infinities), stands as null; a
 * time is RFC 3339 text. */
void element_json(struct value v, struct buf *out);

#endif
