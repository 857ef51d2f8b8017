#include "writer/decoders/names.h"

/* Enough for as many fields as a point may have, each with the longest name, and the objects around
 * them. */
#define NAMES_BYTES  (256 * 1024)
#define NUMBER_BYTES 64

bool names_open(struct buf *names)
{
    return buf_reserve(names, NAMES_BYTES) != NULL;
}

static bool has_room(const struct buf *names, size_t more)
{
    return !names->failed && names->capacity - names->len >= more;
}

bool names_join(struct buf *names, struct text first, char separator, struct text last,
                struct text *ret_joined)
{
    if (first.len == 0) {
        *ret_joined = last;
        return true;
    }
    size_t before = names->len;
    if (first.len > NAMES_BYTES || last.len > NAMES_BYTES ||
        !has_room(names, first.len + 1 + last.len))
        return false;
    buf_text(names, first);
    buf_char(names, separator);
    buf_text(names, last);
    *ret_joined = (struct text){names->data + before, names->len - before};
    return true;
}

bool names_number(struct buf *names, double number, struct text *ret_digits)
{
    size_t before = names->len;
    if (!has_room(names, NUMBER_BYTES))
        return false;
    buf_number(names, number);
    *ret_digits = (struct text){names->data + before, names->len - before};
    return true;
}
