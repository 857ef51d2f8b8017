/* One file of the log: `segment-<16 hex>.log`, a fixed size, a header of 64 bytes at its beginning
 * and the same header again at its end (a flipped bit in the first must not cost a whole segment),
 * records between.
 *
 * A segment is made with all its blocks before it is needed (first record number 0: a spare), taken
 * into use under a random id by segment_begin, and later renamed to be a spare again. Not
 * thread-safe but for `used`; the journal's locks guard the rest. */
#ifndef WRITER_JOURNAL_SEGMENT_H
#define WRITER_JOURNAL_SEGMENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SEGMENT_HEADER    64u
#define SEGMENT_VERSION   1u
#define SEGMENT_MIN_BYTES 4096u      /* the least that is read */
#define SEGMENT_MAX_BYTES (1u << 30) /* the most that is read */
#define SEGMENT_NAME_SIZE 32

struct segment {
    uint64_t number;
    uint64_t id;
    uint64_t first;   /* number of its first record; 0: a spare */
    int64_t first_ns; /* arrival of that record */
    uint32_t size;    /* of the file, bytes */
    uint32_t seed;    /* record_seed(id) */
    bool used_before; /* behind the end may lie anything, not only zeros */
    bool damaged;     /* neither header is sound: nothing in it can be read */

    _Atomic uint32_t used; /* where its records end, as far as known; records below may be read */

    char *map;          /* NULL: not mapped; else `size` bytes */
    unsigned pins;      /* readers and appenders inside */
    bool was_read;      /* texts of it may still be borrowed */
    uint32_t released;  /* pages below were handed back */
    uint32_t populated; /* pages below were made ready to be written */
};

/* segment_limit is where records must end at the latest. */
static inline uint32_t segment_limit(const struct segment *segment)
{
    return segment->size - SEGMENT_HEADER;
}

void segment_name(uint64_t number, char ret_name[SEGMENT_NAME_SIZE]);
bool segment_number_of(const char *name, uint64_t *ret_number);

/* segment_create makes a spare of `size` bytes, allocated; `sync` makes it outlast a loss of power.
 * ERR_FULL: no room on the disk. */
enum err segment_create(int folder, uint64_t number, uint32_t size, bool sync,
                        struct segment **ret_segment, struct err_reason *why) ERR_MUST_CHECK;

/* segment_recycle makes a mapped spare with `number` of a segment that nobody maps. When it fails
 * the old content is given up all the same. */
enum err segment_recycle(int folder, struct segment *segment, uint64_t number, bool sync,
                         struct err_reason *why) ERR_MUST_CHECK;

/* segment_load reads the headers of an existing file. Damaged headers are no error (`damaged` is
 * set); ERR_UNSUPPORTED: another format version. ERR_NOT_FOUND: no such file. */
enum err segment_load(int folder, uint64_t number, struct segment **ret_segment,
                      struct err_reason *why) ERR_MUST_CHECK;

/* segment_map maps it; with `writable` a file that was cut short is made whole first. */
enum err segment_map(int folder, struct segment *segment, bool writable,
                     struct err_reason *why) ERR_MUST_CHECK;
void segment_unmap(struct segment *segment);

/* segment_begin takes a mapped spare into use, under a new random id. ERR_IO: a wanted sync failed,
 * or the system gives no random bytes. */
enum err segment_begin(struct segment *segment, uint64_t first, int64_t first_ns,
                       bool sync) ERR_MUST_CHECK;

/* segment_populate makes the pages from `offset` on ready to be written, as far as the system can.
 */
void segment_populate(struct segment *segment, uint32_t offset, uint32_t bytes);

/* segment_release hands the pages below `offset` back to the system; they stay readable. */
void segment_release(struct segment *segment, uint32_t offset);

/* segment_sync writes [from, to) through to the disk. */
enum err segment_sync(struct segment *segment, uint32_t from, uint32_t to) ERR_MUST_CHECK;

/* segment_data_end is an offset behind which the mapped file holds only zeros up to the limit. */
uint32_t segment_data_end(int folder, const struct segment *segment, uint32_t from);

void segment_delete(int folder, struct segment *segment); /* the file, and segment_free */
void segment_free(struct segment *segment);               /* NULL accepted */

#endif
