/* Names that do not stand in the message as they are needed: joined ("wifi.rssi") or written from a
 * number. They lie in one buffer that is made large enough once and never grows while a point
 * borrows from it. */
#ifndef WRITER_DECODERS_NAMES_H
#define WRITER_DECODERS_NAMES_H

#include "base/buf.h"

/* names_open reserves the room; false when memory ran out. */
bool names_open(struct buf *names);

/* names_join writes `first`, the separator and `last`; an empty `first` gives `last` as it is,
 * without a copy. False when the room is used up: the message has more names than one may have. The
 * text lives until the next buf_reset. */
bool names_join(struct buf *names, struct text first, char separator, struct text last,
                struct text *ret_joined);

/* names_number writes a finite number as buf_number does. */
bool names_number(struct buf *names, double number, struct text *ret_digits);

#endif
