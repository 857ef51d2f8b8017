/* What the writer knows of the types of fields, as its last saved state has it. Without it every
 * value would be taken for the first of its field. */
#ifndef CLI_KNOWN_TYPES_H
#define CLI_KNOWN_TYPES_H

#include "base/settings.h"
#include "writer/shape/fold.h"

/* known_types_take gives them to a fold that is as new. Where there is no journal, no state or no
 * right to read them, the fold knows no types. */
void known_types_take(const struct settings *settings, struct fold *fold);

#endif
