/* Makes sure that the database (1.x), bucket (2.x) or database (3.x) is there, with its retention.
 * Asynchronous like a write. A role that may not create gets the exact statement to run by hand. */
#ifndef INFLUX_SETUP_H
#define INFLUX_SETUP_H

#include "influx/write.h"

/* influx_setup_start looks whether the target exists and creates it when not. `done`: STORED when it is there
 * (words says "exists" or "created"), FAULT with the statement in `words` when it may not be created,
 * RETRY when the server did not answer. The dialect of `w` must be known. */
enum err influx_setup_start(struct influx_write *w, void *context,
                            void (*done)(void *context, const struct influx_result *result)) ERR_MUST_CHECK;

/* influxql_identifier and influxql_literal append a quoted name and a quoted string: the only place where
 * text is put into InfluxQL. */
void influxql_identifier(struct text name, struct buf *out);
void influxql_literal(struct text value, struct buf *out);

#endif
