/* One batch under way to InfluxDB, until each of its lines is stored or refused.
 *
 * Each part is a stack of ranges of lines. What a write came to decides about the range on top:
 * stored takes it off; retry and fault leave it for later, the same bytes again, for ever (a 500
 * twenty times, then in halves); a 5xx that may be a poison line is tried five times and then
 * split; split halves it, the first half on top, until the bad line stands alone; rejected gives up
 * the lines that the server named. One bad line costs one line.
 *
 * A batch may have lines for several destinations, each with a store of its own. What one of them
 * cannot take now is handed to `park` where there is one; parked lines count as done. */
#ifndef WRITER_FLIGHT_H
#define WRITER_FLIGHT_H

#include "writer/batch.h"
#include "writer/store.h"

#define FLIGHT_DEPTH 48 /* halvings of a batch; 2^48 lines */

struct flight_range {
    size_t first, count;
};

struct flight;

struct flight_part {
    struct flight *flight;
    struct batch_part *lines;
    struct flight_range ranges[FLIGHT_DEPTH];
    unsigned depth;
    unsigned tries; /* of the range on top, for bounded retries */
    bool posted;    /* a request is under way */
};

struct flight {
    struct store *const *stores; /* one a destination; borrowed */
    void *context;
    /* Asked before a part is posted: true when its lines are to wait on disk and are kept there, or
     * were given up by its rule; then they are done. Else *ret_wait tells that they must not be
     * posted either, and the flight asks again. NULL: all are posted. */
    bool (*park)(void *context, unsigned destination, struct text lines, size_t count,
                 bool *ret_wait);
    /* A line that the server refused: where its record begins, the line, the server's words. */
    void (*refused)(void *context, struct journal_position record, struct text line,
                    const char *words);
    void (*landed)(void *context); /* all lines are stored or refused */
    struct batch *batch;           /* NULL when nothing is under way */
    uint64_t stored, rejected;     /* of this batch so far */
    struct flight_part parts[BATCH_PARTS_MAX];
};

/* flight_start takes a batch (borrowed until landed) and posts; flight_post posts again what waits.
 * Both may land it. A part goes out when its store lets it (store_turn). */
void flight_start(struct flight *flight, struct batch *batch);
void flight_post(struct flight *flight);

/* flight_abandon forgets the batch, after http_cancel_all. */
void flight_abandon(struct flight *flight);

#endif
