/* The decoder `homeassistant_statestream`: what Home Assistant's mqtt_statestream publishes below
 * its base_topic.
 *
 * <base>/<domain>/<object_id>/state, whose payload is the bare state, makes one point of
 * home_assistant_events (homeassistant_entity.h). No own time: the message has none. What else lies
 * in the tree is left out by rule: the entity's other topics (last_updated, last_changed,
 * attributes), discovery, Home Assistant's status, and an empty state, which also is how a retained
 * topic is cleared. `unknown` and `unavailable` are stored as text.
 *
 * Retained: stored only with a time of its own, so never unless the source says otherwise: Home
 * Assistant retains every state, and the broker's memory of them is not an event of now. Late:
 * stored. */
#ifndef WRITER_DECODERS_HOMEASSISTANT_STATESTREAM_H
#define WRITER_DECODERS_HOMEASSISTANT_STATESTREAM_H

#include "writer/decoders/decoder.h"

extern const struct decoder homeassistant_statestream_decoder;

#endif
