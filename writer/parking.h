/* Lines that wait on disk for a destination that cannot take them: a queue of blocks, in files of a
 * folder of its own, the oldest first.
 *
 * The journal's cursor passes a record when its lines are stored or parked, so what waits here is
 * covered by nothing else. parking_mark says what is here, and is saved with the cursor in one
 * step. At the next start everything behind the mark is cut off: its records are read again. What
 * the mark says to be gone already is removed. After a kill -9 at any moment the same lines wait as
 * the mark says; where files were damaged or taken away, fewer, and parking_open tells how many.
 *
 * Files, folder 0700, files 0600: `<16 hex>.lines`, max_bytes/8 each, of blocks: five numbers of 32
 * bits in the machine's byte order (magic, number of lines, their bytes, their CRC-32C, the CRC-32C
 * of these four) and the lines. All files together never exceed max_bytes. */
#ifndef WRITER_PARKING_H
#define WRITER_PARKING_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct parking;

struct parking_place {
    uint64_t file; /* its running number */
    uint64_t offset;
};

/* What waits: the blocks from `begin` up to `end`. */
struct parking_mark {
    struct parking_place begin, end;
    uint64_t points; /* in them: a line is a point */
};

struct parking_options {
    const char *folder; /* made with its parent when missing */
    uint64_t max_bytes;
    bool sync; /* durability: power */
};

/* parking_open takes up what waits. `mark` is what was saved, NULL when nothing was: then all
 * blocks that are there wait. *ret_lost gets how many points the mark knows and the files do not
 * have. ERR_IO with the path and the cause; ERR_NOMEM. */
enum err parking_open(const struct parking_options *options, const struct parking_mark *mark,
                      struct parking **ret_parking, uint64_t *ret_lost,
                      struct err_reason *why) ERR_MUST_CHECK;
void parking_close(struct parking *parking); /* NULL accepted */

/* parking_append adds a block of whole lines. ERR_FULL: it does not fit beside what is there.
 * ERR_IO: the disk does not take it. Nothing was added then. */
enum err parking_append(struct parking *parking, struct text lines, size_t count) ERR_MUST_CHECK;

/* parking_cover: what was appended is from now on part of the mark, which is about to be saved.
 * ERR_IO: it could not be synced; it is not part of the mark then, and never can be: its records
 * have to be read again. parking_uncover takes back what was appended since. */
enum err parking_cover(struct parking *parking) ERR_MUST_CHECK;
void parking_uncover(struct parking *parking);
struct parking_mark parking_mark(const struct parking *parking);

/* parking_tidy removes the files of which nothing waits any more: call it when the mark was saved.
 */
void parking_tidy(struct parking *parking);

/* parking_take appends the oldest covered blocks to `lines`: at least one, and as many as together
 * hold at most `max_count` lines and max_bytes bytes. *ret_count gets the number of lines, 0 when
 * nothing is covered, or nothing of it can be read now. They still wait until parking_settle, which
 * takes them out and returns how many points were lost there, because their blocks are damaged;
 * parking_put_back forgets that they were taken. One taking at a time. */
void parking_take(struct parking *parking, size_t max_count, size_t max_bytes, struct buf *lines,
                  size_t *ret_count);
uint64_t parking_settle(struct parking *parking);
void parking_put_back(struct parking *parking);

/* parking_drop_oldest gives up the oldest file's covered blocks; the points that were in them, 0
 * when there is nothing to give up or something is taken. The room is free after parking_tidy. */
uint64_t parking_drop_oldest(struct parking *parking);

bool parking_empty(const struct parking *parking);     /* nothing waits, covered or not */
uint64_t parking_bytes(const struct parking *parking); /* of all files */

#endif
