/* What an entity is: unit, device class and name, its area by rule, and what it is called where it
 * was renamed (alias.h), go to the measurement `entities` when they are learned or change, and are
 * never part of a series' key, so that a new unit or name splits no history. At most ENTITIES_KNOWN
 * facts are remembered; what is beyond is not stored. */
#ifndef WRITER_SHAPE_ENTITIES_H
#define WRITER_SHAPE_ENTITIES_H

#include "writer/shape/stage.h"

#define ENTITIES_KNOWN 65536u

extern const struct stage entities_stage;

#endif
