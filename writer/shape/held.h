/* A point that is kept for later, or saved with the state: packed into bytes with its source's
 * filter, and taken out again. */
#ifndef WRITER_SHAPE_HELD_H
#define WRITER_SHAPE_HELD_H

#include "base/buf.h"
#include "writer/shape/shaped.h"

/* held_pack appends the point, about as many bytes as its texts and 16 a tag or field. */
void held_pack(const struct shaped *shaped, struct buf *out);

/* held_take takes one from the front of `rest`, its point into `point`; texts point into `rest`.
 * A source that is not configured any more is NULL. False when it cannot be read. */
bool held_take(struct text *rest, const struct sources *sources, struct point *point,
               struct shaped *ret_shaped);

#endif
