/* How far delivery has come, with what became of the messages up to there, saved in one step.
 *
 * The file `cursor` is two slots of a page each, used in turn: a crash in the middle of a save
 * leaves the other slot, which is the one before. One thread. */
#ifndef WRITER_JOURNAL_CURSOR_H
#define WRITER_JOURNAL_CURSOR_H

#include "writer/journal/journal.h"

#define CURSOR_SLOT_BYTES ((size_t)4096)
#define CURSOR_FILE_BYTES (2 * CURSOR_SLOT_BYTES)

struct cursor_saved {
    struct journal_position position;
    uint64_t generation; /* of saves; 0: nothing was saved */
    size_t size;
    char outcomes[JOURNAL_OUTCOMES_MAX];
};

struct cursor {
    char *map; /* CURSOR_FILE_BYTES */
    struct cursor_saved saved;
};

/* cursor_open maps the file, making it when it is missing. Damaged slots read as nothing saved. */
enum err cursor_open(int folder, struct cursor *ret_cursor, struct err_reason *why) ERR_MUST_CHECK;
void cursor_close(struct cursor *cursor);

/* cursor_save: ERR_TOO_LARGE when `size` is above JOURNAL_OUTCOMES_MAX, ERR_IO when a wanted sync
 * failed. */
enum err cursor_save(struct cursor *cursor, struct journal_position position, const void *outcomes,
                     size_t size, bool sync) ERR_MUST_CHECK;

/* cursor_pick reads the newer sound slot of CURSOR_FILE_BYTES bytes; false when there is none. */
bool cursor_pick(const char *slots, struct cursor_saved *ret_saved);

#endif
