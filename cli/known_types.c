#include "cli/known_types.h"

#include <stdlib.h>

#include "writer/journal/journal.h"

void known_types_take(const struct settings *settings, struct fold *fold)
{
    struct journal *journal = NULL;
    struct journal_position position;
    uint64_t hash;
    char *state = NULL;
    size_t size = 0;
    enum err e = journal_open_viewer(settings->writer.journal.path, &journal, NULL);
    if (e == ERR_OK)
        e = journal_state_load(journal, &position, &hash, &state, &size);
    if (e == ERR_OK)
        e = fold_know(fold, (struct text){state, size});
    (void)e; /* it may be another version's, or somebody else's */
    free(state);
    journal_close(journal);
}
