/* Quoting for InfluxQL: the only place where text is put into a statement. One escaper serves all
 * versions, as bound parameters are not in all of them. */
#ifndef INFLUX_INFLUXQL_H
#define INFLUX_INFLUXQL_H

#include "base/buf.h"

/* influxql_identifier and influxql_literal append a quoted name ("x") and a quoted string ('x'). */
void influxql_identifier(struct text name, struct buf *out);
void influxql_literal(struct text value, struct buf *out);

#endif
