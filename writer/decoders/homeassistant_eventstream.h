/* The decoder `homeassistant_eventstream`: what Home Assistant's mqtt_eventstream publishes on its
 * one topic,
 * {"event_type": ..., "event_data": {...}}.
 *
 * state_changed makes one point of home_assistant_events (homeassistant_entity.h) at new_state's
 * last_updated, else last_changed, else last_reported, else without a time of its own. A removed
 * entity (new_state null) and an empty state are left out by rule. Any other event is one point of
 * `events` with the tags source = homeassistant and kind = the event's type; its fields are the
 * numbers, booleans and texts of event_data, objects inside joined with a dot, arrays and what
 * cannot be stored left out; count = 1 when there is none. Its time is time_fired where a message
 * has it.
 *
 * With `layout: homeassistant` a change of state is the point of homeassistant_layout.h, and
 * nothing else is stored.
 *
 * What entity_registry_updated says of names becomes facts (homeassistant_entity.h), in any layout.
 *
 * Retained: stored only with a time of its own. Late: stored. */
#ifndef WRITER_DECODERS_HOMEASSISTANT_EVENTSTREAM_H
#define WRITER_DECODERS_HOMEASSISTANT_EVENTSTREAM_H

#include "writer/decoders/decoder.h"

extern const struct decoder homeassistant_eventstream_decoder;

#endif
