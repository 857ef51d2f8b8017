/* Lines on their way to InfluxDB, with where each came from.
 *
 * A batch has for each destination one part, or several (3.x): parts are posted at the same time,
 * and a series always goes to the same part, so that two writes under way never hold one series. It
 * ends between two records unless one record alone fills it. */
#ifndef WRITER_BATCH_H
#define WRITER_BATCH_H

#include "base/buf.h"
#include "base/err.h"
#include "writer/journal/journal.h"

#define BATCH_PARTS        4 /* of a destination */
#define BATCH_DESTINATIONS 17
#define BATCH_PARTS_MAX    (BATCH_PARTS * BATCH_DESTINATIONS)

struct batch_line {
    uint32_t offset; /* in the part's lines */
    uint32_t record; /* index into records */
};

struct batch_part {
    struct buf lines;
    struct batch_line *at;
    size_t count, capacity;
};

struct batch {
    struct batch_part parts[BATCH_PARTS_MAX]; /* those of destination d begin at d * BATCH_PARTS */
    unsigned part_count;                      /* in use, of each destination */
    unsigned parts_end;                       /* behind the last part with a line */
    struct journal_position *records;         /* where the records of the lines begin */
    size_t record_count, record_capacity;
    bool record_used; /* the last record made a line */
    size_t line_count, line_bytes;
    struct journal_position end; /* behind the last whole record */
    bool whole;                  /* it ends between two records */
    int64_t first_ms;            /* monotonic, since when the first line lingers */
    uint64_t messages;           /* records seen since the batch before, with and without lines */
    int64_t first_arrival_ns;    /* of those messages, for the mean time from arrival to stored */
    double arrival_offset_ns;    /* sum of (arrival - first_arrival_ns) */
    bool failed;                 /* memory ran out */
};

void batch_open(struct batch *batch, unsigned part_count);
void batch_close(struct batch *batch);
void batch_reset(struct batch *batch);

/* batch_record says where the record begins of which lines come next; batch_message counts a
 * message. */
void batch_record(struct batch *batch, struct journal_position at);
void batch_message(struct batch *batch, int64_t arrival_ns);
void batch_add(struct batch *batch, struct text line, unsigned destination);

/* batch_slice gives the bytes of lines [first, first + count) of a part. */
struct text batch_slice(const struct batch_part *part, size_t first, size_t count);

#endif
