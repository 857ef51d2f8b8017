/* Values of result tables written as JSON, and names shown in words. */
#ifndef ENDPOINTS_CELLS_H
#define ENDPOINTS_CELLS_H

#include "base/buf.h"
#include "base/value.h"

/* cells_write appends null, a boolean, a number or text; a number that is not finite, and anything
 * else, is null. */
void cells_write(struct value value, struct buf *out);

/* For printf: "%.*s" of a stranger's text, cut. */
#define CELLS_SHOWN(t) (int)((t).len < 60 ? (t).len : 60), ((t).len ? (t).at : "")

#endif
