#include "cli/known_state.h"

#include <stdlib.h>

static bool take(const struct settings *settings, struct fold *fold,
                 enum err (*know)(struct fold *fold, struct text state),
                 struct journal_position *ret_position)
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
        e = know(fold, (struct text){state, size});
    if (e == ERR_OK)
        *ret_position = position;
    free(state);
    journal_close(journal);
    return e == ERR_OK;
}

void known_state_types(const struct settings *settings, struct fold *fold)
{
    struct journal_position position;
    (void)take(settings, fold, fold_know, &position);
}

bool known_state_all(const struct settings *settings, struct fold *fold,
                     struct journal_position *ret_position)
{
    if (!take(settings, fold, fold_load, ret_position))
        return false;
    fold_tell_again(fold);
    return true;
}
