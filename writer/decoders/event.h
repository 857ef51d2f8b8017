/* The decoder `event`: events/<source> with anything that happened, in the forms of a reading
 * (own.h), `kind` required.
 *
 * Makes one point of `events` (or the message's own `measurement`) an element, with the tags source
 * (from the topic; of topics that are not ours, captured by +source or the name of the source in
 * the configuration), kind, device_id where the message names a `device`, and the message's own. An
 * event that says nothing but that it happened is stored as the field count = 1.
 *
 * A kind with a measurement of its own (own_kind.h: memory_dump) goes there instead, with the tags
 * that it needs and without source and kind.
 *
 * Retained: stored only with a time of its own. Late: stored. */
#ifndef WRITER_DECODERS_EVENT_H
#define WRITER_DECODERS_EVENT_H

#include "writer/decoders/decoder.h"

#define EVENT_MEASUREMENT "events"

extern const struct decoder event_decoder;

/* event_count adds the field count = 1 to a point that has no field. */
enum err event_count(struct point *point) ERR_MUST_CHECK;

#endif
