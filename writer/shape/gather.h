/* Gathers what Home Assistant's statestream says of one change of state, for a source of the layout
 * homeassistant: state, times and attributes are messages of their own there, and the layout needs
 * them together, because the unit among the attributes may be the measurement.
 *
 * What comes of an entity within GATHER_WINDOW_NS, or until its next state, is one change; then its
 * point is made as if the eventstream had brought it in one message. Retained messages come in any
 * order and are gathered alike; without a last_updated such a point is left out by its source's
 * rule. Attributes without a state are no change.
 *
 * At most GATHER_ENTITIES are gathered at a time, each with attributes of GATHER_BYTES: when there
 * are more, the oldest ends early; attributes beyond are left out. */
#ifndef WRITER_SHAPE_GATHER_H
#define WRITER_SHAPE_GATHER_H

#include "writer/shape/stage.h"

#define GATHER_WINDOW_NS (500 * INT64_C(1000000))
#define GATHER_ENTITIES  4096u
#define GATHER_BYTES     (64u * 1024u)

extern const struct stage gather_stage;

#endif
