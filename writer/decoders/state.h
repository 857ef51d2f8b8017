/* What one word or number becomes: the fields `value` and `state`, as Home Assistant's own InfluxDB
 * integration has them. A state that reads as a finite number is the number `value` only. Any other
 * is the text `state`; where it is one of the known words for on and off, `value` is 1 or 0
 * besides. `unknown`, `unavailable` and `nan` are thus a text alone: the gap is marked, no number
 * is made up. */
#ifndef WRITER_DECODERS_STATE_H
#define WRITER_DECODERS_STATE_H

#include "influx/point.h"

/* state_fields adds the fields of a state; the point must have room for two. */
enum err state_fields(struct point *point, struct text state) ERR_MUST_CHECK;

#endif
