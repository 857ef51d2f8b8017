/* An entity that Home Assistant renames keeps its series: its points and facts go on under the name
 * with which it began, and `entities` learns, as `current_id`, what it is called now.
 *
 * Renames come from the eventstream's entity_registry_updated (homeassistant_entity.h has the
 * facts), and from the configuration's `writer.aliases`, which win for the names that they give.
 * Chains, names that are swapped and the way back are followed. An entity that is made under a name
 * whose series another one keeps gets a series of its own, <name>#2; one that takes the name of an
 * entity that was removed goes on with its series. What the broker still remembers under a name
 * that its entity has left (statestream clears nothing) is left out.
 *
 * Concerns sources of Home Assistant's decoders, but not the layout homeassistant, which writes
 * what Home Assistant would. At most ALIAS_NAMES renamed entities are known; one that is renamed
 * beyond goes on under its new name. */
#ifndef WRITER_SHAPE_ALIAS_H
#define WRITER_SHAPE_ALIAS_H

#include "writer/shape/stage.h"

#define ALIAS_NAMES 4096u

extern const struct stage alias_stage;

#endif
