/* What the writer knows, as its last saved state has it: the types of fields, the names of renamed
 * entities, what was stored last, what waits, which series are counted.
 *
 * Where there is no journal, no state or no right to read them, or where it is another version's,
 * the fold stays as it was. */
#ifndef CLI_KNOWN_STATE_H
#define CLI_KNOWN_STATE_H

#include "base/settings.h"
#include "writer/journal/journal.h"
#include "writer/shape/fold.h"

/* known_state_types gives a fold that is as new what stays true whatever it reads next: types,
 * without which every value would be taken for the first of its field, and names. */
void known_state_types(const struct settings *settings, struct fold *fold);

/* known_state_all gives it everything, and tells the position in the journal that goes on from
 * there; false when nothing was taken. */
bool known_state_all(const struct settings *settings, struct fold *fold,
                     struct journal_position *ret_position);

#endif
