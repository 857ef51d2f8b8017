/* msgpack is written from what was read: any value of base/value.h, whichever encoding it
 * came in. So a message is made once, as JSON, and answered in the asker's own encoding. */
#ifndef BASE_MSGPACK_H
#define BASE_MSGPACK_H

#include "base/buf.h"
#include "base/value.h"

/* msgpack_write appends `root` with all it contains, at a constant cost an element and without
 * recursion: integers in their shortest form, other numbers as float 64 (infinities and NaN too),
 * text as str, bytes as bin, a time as the timestamp extension in its shortest form. Map keys
 * that are not text, which value_next passes over, are written as well. A value without a document
 * is nil. Values from JSON may be deeper than VALUE_MSGPACK_LEVELS: they are written, but
 * value_parse does not read them again. Out of memory: out->failed. */
void msgpack_write(struct value root, struct buf *out);

#endif
