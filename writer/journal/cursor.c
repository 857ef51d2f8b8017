#include "writer/journal/cursor.h"

#include <stddef.h>
#include <sys/mman.h>

#include "base/crc32c.h"
#include "writer/journal/folder.h"

/* As on disk, little endian. The CRC is over what follows it up to the end of the outcomes. */
struct slot {
    uint32_t crc;
    uint32_t size;
    uint64_t generation;
    uint64_t segment;
    uint64_t number;
    uint32_t offset;
    uint32_t zero;
    char outcomes[JOURNAL_OUTCOMES_MAX];
};
_Static_assert(sizeof(struct slot) <= CURSOR_SLOT_BYTES, "a slot fits its page");

static uint32_t crc_of(const struct slot *slot)
{
    return crc32c(0, &slot->size, offsetof(struct slot, outcomes) - sizeof slot->crc + slot->size);
}

bool cursor_pick(const char *slots, struct cursor_saved *ret_saved)
{
    uint64_t newest = 0;
    for (size_t i = 0; i < 2; i++) {
        struct slot slot;
        memcpy(&slot, slots + i * CURSOR_SLOT_BYTES, sizeof slot);
        if (slot.size > JOURNAL_OUTCOMES_MAX || slot.generation <= newest ||
            slot.crc != crc_of(&slot))
            continue;
        newest = slot.generation;
        *ret_saved = (struct cursor_saved){
            .position = {slot.segment, slot.offset, slot.number},
            .generation = slot.generation,
            .size = slot.size,
        };
        memcpy(ret_saved->outcomes, slot.outcomes, slot.size);
    }
    return newest > 0;
}

enum err cursor_open(int folder, struct cursor *ret_cursor, struct err_reason *why)
{
    struct cursor cursor = {0};
    enum err e = folder_map(folder, "cursor", CURSOR_FILE_BYTES, &cursor.map, why);
    if (e)
        return e;
    (void)cursor_pick(cursor.map, &cursor.saved);
    *ret_cursor = cursor;
    return ERR_OK;
}

void cursor_close(struct cursor *cursor)
{
    if (cursor->map)
        munmap(cursor->map, CURSOR_FILE_BYTES);
    cursor->map = NULL;
}

enum err cursor_save(struct cursor *cursor, struct journal_position position, const void *outcomes,
                     size_t size, bool sync)
{
    if (size > JOURNAL_OUTCOMES_MAX)
        return ERR_TOO_LARGE;
    struct slot slot = {
        .size = (uint32_t)size,
        .generation = cursor->saved.generation + 1,
        .segment = position.segment,
        .number = position.number,
        .offset = position.offset,
    };
    if (size > 0)
        memcpy(slot.outcomes, outcomes, size);
    slot.crc = crc_of(&slot);
    char *at = cursor->map + (slot.generation % 2) * CURSOR_SLOT_BYTES;
    memcpy(at, &slot, offsetof(struct slot, outcomes) + size);
    if (sync && msync(at, CURSOR_SLOT_BYTES, MS_SYNC) != 0)
        return ERR_IO;

    cursor->saved.position = position;
    cursor->saved.generation = slot.generation;
    cursor->saved.size = size;
    memcpy(cursor->saved.outcomes, slot.outcomes, size);
    return ERR_OK;
}
