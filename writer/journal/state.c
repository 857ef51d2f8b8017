#include "writer/journal/state.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "writer/journal/folder.h"

#define STATE_VERSION 1u
static const char magic[8] = "HLJSTATE";

/* As on disk, little endian. The CRC is over the header before it, then the bytes. */
struct header {
    char magic[8];
    uint32_t version;
    uint32_t offset;
    uint64_t segment;
    uint64_t number;
    uint64_t hash;
    uint64_t size;
    uint32_t zero[3];
    uint32_t crc;
};
_Static_assert(sizeof(struct header) == 64, "the header has no padding");

static uint32_t crc_of(const struct header *h, struct text bytes)
{
    return crc32c(crc32c(0, h, offsetof(struct header, crc)), bytes.at, bytes.len);
}

enum err state_save(int folder, struct journal_position position, uint64_t hash, struct text bytes,
                    bool sync)
{
    struct header h = {
        .version = STATE_VERSION,
        .offset = position.offset,
        .segment = position.segment,
        .number = position.number,
        .hash = hash,
        .size = bytes.len,
    };
    memcpy(h.magic, magic, sizeof h.magic);
    h.crc = crc_of(&h, bytes);
    return folder_replace(folder, "state", (struct text){(const char *)&h, sizeof h}, bytes, sync,
                          NULL);
}

enum err state_load(int folder, struct state *ret_state)
{
    struct stat status;
    if (fstatat(folder, "state", &status, 0) != 0)
        return folder_error();
    size_t capacity = (size_t)status.st_size, size = 0;
    if (capacity < sizeof(struct header))
        return ERR_CORRUPT;
    char *bytes = malloc(capacity);
    if (!bytes)
        return ERR_NOMEM;
    enum err e = folder_read(folder, "state", bytes, capacity, &size);
    struct header h = {0};
    struct text rest = {bytes + sizeof h, capacity - sizeof h};
    if (!e) {
        memcpy(&h, bytes, sizeof h);
        if (size != capacity || memcmp(h.magic, magic, sizeof magic) != 0 || h.size != rest.len ||
            h.crc != crc_of(&h, rest))
            e = ERR_CORRUPT;
        else if (h.version != STATE_VERSION)
            e = ERR_UNSUPPORTED;
    }
    if (e) {
        free(bytes);
        return e;
    }
    memmove(bytes, bytes + sizeof h, rest.len);
    *ret_state = (struct state){{h.segment, h.offset, h.number}, h.hash, bytes, rest.len};
    return ERR_OK;
}
