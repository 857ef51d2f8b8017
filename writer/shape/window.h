/* A window of arrival: the span of a whole number of lengths since 1970 in which records come in
 * now. What is counted in it belongs to the rollup that has it; a record outside of it closes it.
 */
#ifndef WRITER_SHAPE_WINDOW_H
#define WRITER_SHAPE_WINDOW_H

#include <stdint.h>

#include "base/buf.h"

#define WINDOW_NONE           INT64_MIN  /* start_ns: none is open yet */
#define WINDOW_STEPS_BACK_MAX UINT32_MAX /* of the clock, in a saved state */

struct window {
    int64_t length_ns;
    int64_t start_ns;
};

/* window_holds tells whether the time lies in the open window. */
bool window_holds(const struct window *window, int64_t arrival_ns);

/* window_start is the start of the window of this length in which the time lies. */
int64_t window_start(const struct window *window, int64_t arrival_ns);

/* window_save appends the start; window_load takes it from the front of `rest`, false when it is
 * too short or no clock can have made it. */
void window_save(const struct window *window, struct buf *out);
bool window_load(struct window *window, struct text *rest);

#endif
