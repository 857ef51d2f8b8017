/* One block of a parking file (writer/parking.h): a checked head and whole lines. */
#ifndef WRITER_PARKING_BLOCK_H
#define WRITER_PARKING_BLOCK_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct parking_block {
    uint32_t magic;
    uint32_t count; /* of lines */
    uint32_t bytes; /* of them */
    uint32_t lines_crc;
    uint32_t head_crc; /* of the four before */
};

/* parking_block_write puts a block at `offset`, the end of the file. On failure the file is as long
 * as before, where the disk lets it be. ERR_IO, ERR_TOO_LARGE. */
enum err parking_block_write(int file, uint64_t offset, struct text lines,
                             size_t count) ERR_MUST_CHECK;

/* parking_block_head reads the head at `offset`; false when there is none that is sound and whose
 * block ends at `limit` at most. */
bool parking_block_head(int file, uint64_t offset, uint64_t limit, struct parking_block *ret_head);

/* parking_block_lines appends the lines of the block at `offset`. ERR_CORRUPT: they are not what
 * was written; ERR_NOMEM. Nothing is appended then. */
enum err parking_block_lines(int file, uint64_t offset, const struct parking_block *head,
                             struct buf *lines) ERR_MUST_CHECK;

/* parking_block_size is what a block takes on disk. */
uint64_t parking_block_size(size_t bytes);

#endif
