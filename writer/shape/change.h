/* Whether a point says anything new, and whether it comes too soon: the rules of a source for what
 * is retained, late, repeated or flapping.
 *
 *   retained, late: if_changed   A message without a time of its own is stored at its arrival when
 *       a field of it differs from what that field was when it was last stored. The first value of
 *       a field is not stored: there is nothing it could differ from, and when it came about nobody
 *       knows. It is remembered, so that the next one that differs is stored.
 *   repeat: on_change   A point all of whose fields were stored last with the same values is left
 *       out, until the `heartbeat` is over: measured by the points' times. A point in which one
 *       field differs is stored whole. One that is older than what was stored last of its fields
 *       tells of another time: it is stored, and what is remembered stays.
 *   min_interval   When a point was stored, further ones of its series with the same fields wait.
 *       The last of them is handed on, with its own time, when the interval is over, and the next
 *       interval begins; those before it are left out. What is left out as unchanged begins no
 *       interval. A point whose own time is further than the interval from its arrival does not
 *       wait: what comes late keeps its course.
 *
 * A gap (`state` unknown or unavailable, `available` false) is a value like any other; what it
 * means for those before and after is in writer/shape/last.h.
 *
 * Memory: as soon as one source has one of the first two rules, the last values of all sources'
 * points are remembered (last.h: 200,000 fields), as two sources may write one series; and for each
 * source with an interval what waits (interval.h). */
#ifndef WRITER_SHAPE_CHANGE_H
#define WRITER_SHAPE_CHANGE_H

#include "writer/shape/stage.h"

extern const struct stage change_stage;

#endif
