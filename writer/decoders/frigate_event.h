/* Frigate's events and reviews: for frigate.c alone. */
#ifndef WRITER_DECODERS_FRIGATE_EVENT_H
#define WRITER_DECODERS_FRIGATE_EVENT_H

#include "writer/decoders/decoder.h"

#define FRIGATE_NAME "frigate"

/* frigate_event makes scratch->point of a message {type, before, after}; of a review when `review`.
 * WRONG_SHAPE, BAD_TIME, and those of flatten_map. */
enum reject frigate_event(const struct decode_input *input, struct decode_scratch *scratch,
                          bool review, struct err_reason *why);

#endif
