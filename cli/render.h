/* An answer of the query service as a person reads it. What it shows follows from the answer's
 * shape, so that it serves every endpoint: single values as a list, what is alike as a table,
 * trends with a bar, alerts a line each; null is "-". What came from the bus cannot steer the
 * terminal. */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include "base/buf.h"
#include "base/value.h"

/* render_answer appends an answer that is no error. */
void render_answer(struct value answer, struct buf *out);

/* render_table appends an array or an object of things that are alike, by the member's name:
 * "trends", "rows" and "alerts" have forms of their own. */
void render_table(struct text name, struct value table, unsigned indent, struct buf *out);

/* render_is_table: whether that can be done with it: an array, or an object of objects only. */
bool render_is_table(struct value v);

/* render_scalar appends one value that holds no others: numbers with at most three digits behind
 * the point, text made visible and cut at `max` bytes, null as "-". */
void render_scalar(struct value v, size_t max, struct buf *out);

#endif
