#include "writer/parking_block.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "base/crc32c.h"

#define MAGIC 0x4b504c48u /* "HLPK", little endian */

static uint32_t head_crc(const struct parking_block *head)
{
    return crc32c(0, head, offsetof(struct parking_block, head_crc));
}

uint64_t parking_block_size(size_t bytes)
{
    return sizeof(struct parking_block) + (uint64_t)bytes;
}

static bool write_all(int file, uint64_t offset, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t n = pwrite(file, at, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_all(int file, uint64_t offset, void *bytes, size_t len)
{
    char *at = bytes;
    while (len > 0) {
        ssize_t n = pread(file, at, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

enum err parking_block_write(int file, uint64_t offset, struct text lines, size_t count)
{
    if (lines.len > UINT32_MAX || count > UINT32_MAX)
        return ERR_TOO_LARGE;
    struct parking_block head = {.magic = MAGIC,
                                 .count = (uint32_t)count,
                                 .bytes = (uint32_t)lines.len,
                                 .lines_crc = crc32c(0, lines.at, lines.len)};
    head.head_crc = head_crc(&head);
    if (write_all(file, offset, &head, sizeof head) &&
        write_all(file, offset + sizeof head, lines.at, lines.len))
        return ERR_OK;
    /* What stays behind where even this fails is written over by the next block. */
    (void)!ftruncate(file, (off_t)offset);
    return ERR_IO;
}

bool parking_block_head(int file, uint64_t offset, uint64_t limit, struct parking_block *ret_head)
{
    struct parking_block head;
    if (limit < offset || limit - offset < sizeof head ||
        !read_all(file, offset, &head, sizeof head))
        return false;
    if (head.magic != MAGIC || head.head_crc != head_crc(&head) || head.count == 0 ||
        limit - offset - sizeof head < head.bytes)
        return false;
    *ret_head = head;
    return true;
}

enum err parking_block_lines(int file, uint64_t offset, const struct parking_block *head,
                             struct buf *lines)
{
    char *to = buf_reserve(lines, head->bytes);
    if (!to)
        return ERR_NOMEM;
    if (!read_all(file, offset + sizeof *head, to, head->bytes) ||
        crc32c(0, to, head->bytes) != head->lines_crc)
        return ERR_CORRUPT;
    lines->len += head->bytes;
    return ERR_OK;
}
