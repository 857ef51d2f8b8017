/* Home Assistant's mqtt_statestream: <base>/<domain>/<object_id>/state carries the bare state; with
 * publish_timestamps: true .../last_updated and .../last_changed follow it as messages of their
 * own, with publish_attributes: true each attribute does, as JSON (Home Assistant's documentation
 * of the integration).
 *
 * The state becomes a point without a time; last_updated and the attributes that tell what an
 * entity is become facts. A retained state is stored only with a time of its own, because the
 * broker's memory of it is not of now; a late one at its arrival.
 *
 * With `layout: homeassistant` all becomes facts, of which the rule that gathers what belongs to
 * one state makes the point of homeassistant_layout.h. */
#ifndef WRITER_DECODERS_HOMEASSISTANT_STATESTREAM_H
#define WRITER_DECODERS_HOMEASSISTANT_STATESTREAM_H

#include "writer/decoders/decoder.h"

extern const struct decoder homeassistant_statestream_decoder;

/* homeassistant_statestream_tells_times: whether a filter takes the messages that tell the times
 * too. */
bool homeassistant_statestream_tells_times(const char *filter);

#endif
