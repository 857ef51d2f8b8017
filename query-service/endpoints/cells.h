/* Values of result tables written as JSON, names that may be asked for, and names shown in words.
 */
#ifndef ENDPOINTS_CELLS_H
#define ENDPOINTS_CELLS_H

#include "base/buf.h"
#include "base/value.h"

/* cells_write appends null, a boolean, a number or text; a number that is not finite, and anything
 * else, is null. */
void cells_write(struct value value, struct buf *out);

/* cells_askable tells whether a text can stand in a statement at all: InfluxQL ends at a NUL,
 * quoted or not, and takes a carriage return for the end of a line, with no way to write either. */
bool cells_askable(struct text text);
#define CELLS_ASKABLE "with a NUL or a carriage return, which InfluxDB cannot be asked for"

/* For printf: "%.*s" of a stranger's text, cut. */
#define CELLS_SHOWN(t) (int)((t).len < 60 ? (t).len : 60), ((t).len ? (t).at : "")

#endif
