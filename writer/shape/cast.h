/* A value of one field type as one of another. Pure. */
#ifndef WRITER_SHAPE_CAST_H
#define WRITER_SHAPE_CAST_H

#include "base/buf.h"
#include "influx/point.h"

/* cast_exact gives the value as one of type `to`, under the same key, when nothing is lost by it:
 *   number and integer   each as the other where both say the same number
 *   text to a number     when it is written as JSON writes numbers, so not "007", "+1", " 1" or
 *                        "1,5"; a whole number is to be one that the type holds exactly
 *   text to a boolean    "true" and "false"
 *   anything to text     numbers in their shortest form, booleans as true and false
 *   boolean and number   false as 0 and true as 1, and back, only when `booleans` says so
 * Texts that it writes go to `memory`, which must have room for 64 bytes more and is not grown. The
 * value may be *ret_value itself, which is untouched when it is not exact. */
bool cast_exact(const struct point_field *value, enum field_type to, bool booleans,
                struct buf *memory, struct point_field *ret_value);

/* cast_type_of reads float, integer, boolean or text, the words of the configuration. */
bool cast_type_of(struct text word, enum field_type *ret_type);

#endif
