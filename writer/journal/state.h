/* The saved state of the fold over the journal: the file `state`, a header of 64 bytes and the
 * state's bytes, replaced as a whole. Only the header's position is the journal's business. */
#ifndef WRITER_JOURNAL_STATE_H
#define WRITER_JOURNAL_STATE_H

#include "writer/journal/journal.h"

struct state {
    struct journal_position position;
    uint64_t hash;
    char *bytes; /* malloc */
    size_t size;
};

enum err state_save(int folder, struct journal_position position, uint64_t hash, struct text bytes,
                    bool sync) ERR_MUST_CHECK;

/* state_load: ERR_NOT_FOUND when there is none, ERR_CORRUPT when its CRC is wrong, ERR_UNSUPPORTED
 * when another version wrote it. `bytes` is the caller's to free. */
enum err state_load(int folder, struct state *ret_state) ERR_MUST_CHECK;

#endif
