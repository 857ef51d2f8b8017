/* The payload of a journal record JOURNAL_TYPES, which says what was learned from the server: nine
 * bytes a field, its type (an enum field_type, or TYPES_RECORD_FORGOTTEN) and its id (field_id.h),
 * little endian. */
#ifndef WRITER_SHAPE_TYPES_RECORD_H
#define WRITER_SHAPE_TYPES_RECORD_H

#include "influx/point.h"
#include "writer/shape/pack.h"

#define TYPES_RECORD_ENTRY     9u
#define TYPES_RECORD_FORGOTTEN 255u /* the server has no such field any more */

_Static_assert(FIELD_NUMBER == 0 && FIELD_INTEGER == 1 && FIELD_BOOL == 2 && FIELD_TEXT == 3,
               "as on disk");

static inline void types_record_add(struct buf *payload, uint64_t field, uint8_t type)
{
    buf_char(payload, (char)type);
    pack_number(payload, field);
}

/* types_record_next takes an entry from the front; false at the end. A type that this program does
 * not know is the reader's to pass over. */
static inline bool types_record_next(struct text *rest, uint64_t *ret_field, uint8_t *ret_type)
{
    if (rest->len < TYPES_RECORD_ENTRY)
        return false;
    *ret_type = (uint8_t)rest->at[0];
    *rest = (struct text){rest->at + 1, rest->len - 1};
    return pack_take_number(rest, ret_field);
}

#endif
