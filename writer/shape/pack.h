/* Whole numbers and short texts in the saved state: eight bytes little endian, and a length before
 * a text. Reading takes from the front of `rest` and is false when that is too short. */
#ifndef WRITER_SHAPE_PACK_H
#define WRITER_SHAPE_PACK_H

#include <stdint.h>

#include "base/buf.h"

static inline void pack_number(struct buf *out, uint64_t number)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    buf_append(out, bytes, sizeof bytes);
}

static inline bool pack_take_number(struct text *rest, uint64_t *ret_number)
{
    if (rest->len < 8)
        return false;
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number |= (uint64_t)(unsigned char)rest->at[i] << (8 * i);
    rest->at += 8;
    rest->len -= 8;
    *ret_number = number;
    return true;
}

static inline void pack_text(struct buf *out, struct text t)
{
    pack_number(out, t.len);
    buf_text(out, t);
}

static inline bool pack_take_text(struct text *rest, struct text *ret_text)
{
    uint64_t len;
    if (!pack_take_number(rest, &len) || len > rest->len)
        return false;
    *ret_text = (struct text){rest->at, (size_t)len};
    rest->at += len;
    rest->len -= (size_t)len;
    return true;
}

#endif
