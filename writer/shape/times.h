/* Times that cannot be: a point whose own time lies further from its arrival than its source allows
 * (`time_future`, `time_past`) comes from a clock that is wrong. By `time_beyond` it is stored at
 * its arrival time, the elements of one message a nanosecond apart, and from then on has no time of
 * its own; or it is refused with both times in words.
 *
 * What did not come live is right to be old: `time_past` concerns live messages only. A future time
 * is wrong however it came; then the rule for such messages without a time of their own holds, so
 * that nothing retained gets the time of its subscription.
 *
 * Our own topics are not concerned: who writes there says a time on purpose, such as a forecast's.
 * Remembers nothing. */
#ifndef WRITER_SHAPE_TIMES_H
#define WRITER_SHAPE_TIMES_H

#include "writer/shape/stage.h"

extern const struct stage times_stage;

#endif
