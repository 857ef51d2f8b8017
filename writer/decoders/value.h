/* The decoder `value`: one plain number or word a topic, as small devices send it.
 *
 * Makes one point of device_metrics (or the source's `measurement`). A number is the field `value`.
 * A word is the text `state`, and `value` 1 or 0 besides where it is one of the known words for on
 * and off (state.h). "nan" is a sensor without a value and stored as the state "nan": the gap is
 * marked. The levels that the filter captures (+room) are tags; when it captures none, the whole
 * topic is the tag `topic`. No own time.
 *
 * Retained: stored only with a time of its own, so never unless the source says otherwise. Late:
 * stored. */
#ifndef WRITER_DECODERS_VALUE_H
#define WRITER_DECODERS_VALUE_H

#include "writer/decoders/decoder.h"

extern const struct decoder value_decoder;

#endif
