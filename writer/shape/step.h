/* Two different values of one field of one series at one time: InfluxDB would keep the last and
 * lose the other, so the second moves by a nanosecond, the third by two. Equal ones stay where they
 * are: they are one. Concerns points with a time of their own; arrival times never meet.
 *
 * Remembered are the last STEP_FIELDS fields, in 32 bytes each; two whose hashes fall on one place
 * take turns, and what was forgotten is not moved. */
#ifndef WRITER_SHAPE_STEP_H
#define WRITER_SHAPE_STEP_H

#include "writer/shape/stage.h"

#define STEP_FIELDS 8192u

extern const struct stage step_stage;

#endif
