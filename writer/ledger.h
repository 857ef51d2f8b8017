/* The balance: what came in and what became of it, once for messages and once for points, since the
 * journal was made.
 *
 *   messages: received = decoded + repeated + ignored + rejected + dropped + pending
 *   points:   made = stored + merged + rejected + dropped + pending
 *
 * The left sides are counted where things begin, the right sides where they end, and what is
 * pending where it waits; so a difference means that something was lost or counted twice, and is
 * shown, logged and an alert. */
#ifndef WRITER_LEDGER_H
#define WRITER_LEDGER_H

#include "writer/shape/fold.h"

/* What became of points that left the fold; saved with the cursor. */
struct ledger_outcomes {
    uint64_t stored;
    uint64_t rejected;    /* by the server */
    uint64_t dropped;     /* given up undelivered, because the journal was full */
    uint64_t parked_full; /* given up while they waited for their destination (writer/parking.h) */
    uint64_t parked_lost; /* that waited so, and were gone or damaged */
};

struct ledger {
    uint64_t received, decoded, repeated, ignored, rejected, dropped, pending;
    uint64_t points_made, points_stored, points_merged, points_rejected, points_dropped,
        points_pending;
    uint64_t points_parked_full, points_parked_lost; /* of points_dropped */
    int64_t difference;                              /* of the messages, 0 when the balance holds */
    int64_t points_difference;                       /* of the points */
};

/* ledger_make takes stock. `position` is where reading stands, `next_number` where the journal
 * ends; `waiting` is the number of lines in batches and parked. */
struct ledger ledger_make(const struct fold_counts *counts, const struct ledger_outcomes *outcomes,
                          uint64_t position_number, uint64_t next_number, uint64_t repeated,
                          uint64_t waiting);

#endif
