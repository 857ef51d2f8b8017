/* The type of each field of each measurement, so that no value costs a line: InfluxDB refuses a
 * whole point when one field has another type than it had before.
 *
 * A field's type is the one that the source's `field_types` names, else that of its first value;
 * what was learned from the server (records JOURNAL_TYPES) comes before both. A value of another
 * type is dealt with by the source's `type_conflict`:
 *   cast          stored as the field's type when that is exact (cast.h), else under `<field>_str`
 *                 as text, else refused
 *   cast_boolean  the same, and false and true are 0 and 1
 *   suffix        under `<field>_str`, else refused
 *   reject        refused
 * Whole numbers and other numbers are no conflict where both say the same number, whatever the
 * rule. Under `<field>_str` a value is refused when that field is no text itself, or the point has
 * one of its own. A refused value costs itself: the point goes on without it, and is refused
 * (field_type) when it has no field left. What does not fit is told once a field.
 *
 * Remembered are TYPE_TABLE_FIELDS fields; values of those beyond go on as they are. */
#ifndef WRITER_SHAPE_TYPES_H
#define WRITER_SHAPE_TYPES_H

#include "writer/shape/field_id.h"
#include "writer/shape/stage.h"

extern const struct stage types_stage;

/* What the stage remembers, as its state. */
struct types;

/* types_find gives the type of a field (field_id); false when it is not known. types_next walks
 * over all known ones, beginning with *at 0; false at the end. */
bool types_find(const struct types *types, uint64_t field, enum field_type *ret_type);
bool types_next(const struct types *types, size_t *at, uint64_t *ret_field);
size_t types_count(const struct types *types);

/* types_untell forgets what was told, so that it is told again. */
void types_untell(struct types *types);

#endif
