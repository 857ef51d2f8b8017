/* What makes a crash harmless: the cursor with the outcomes and what is parked, saved in one step,
 * then the fold's state, which is never ahead of the cursor. At the start the saved state is loaded
 * and shown the records up to the cursor again without sending; what was posted and not yet covered
 * by the cursor is posted again as the same lines, of which InfluxDB keeps one. */
#ifndef WRITER_CHECKPOINT_H
#define WRITER_CHECKPOINT_H

#include "base/log.h"
#include "writer/destinations.h"
#include "writer/state_pace.h"

struct checkpoint {
    struct journal *journal; /* borrowed, and so are log, die and destinations */
    struct log *log;
    struct clock clock;
    struct die_at *die;
    struct destinations *destinations; /* set when it is open, before the first save */
    uint64_t hash;                     /* of what makes the state: sources_hash */
    struct ledger_outcomes outcomes;   /* up to the cursor */
    struct journal_position cursor;
    /* The state as it was at the end of a batch, written when the cursor is there. */
    struct buf snapshot;
    struct journal_position snapshot_at;
    bool snapshot_due;
    struct state_pace pace;
};

/* checkpoint_read takes cursor and outcomes from the journal. *ret_parked gets what was parked;
 * false when nothing is known of that, because no cursor was saved. */
bool checkpoint_read(struct checkpoint *c, struct destinations_saved *ret_parked);

/* checkpoint_restore brings the fold to the cursor, and opens the reader that stands there. */
enum err checkpoint_restore(struct checkpoint *c, struct fold *fold,
                            struct journal_reader **ret_reader) ERR_MUST_CHECK;

/* checkpoint_snapshot keeps the fold's state at a position, if it is time for that. */
void checkpoint_snapshot(struct checkpoint *c, const struct fold *fold, struct journal_position at);

/* checkpoint_forget gives up a snapshot that was taken, and makes the next one due. */
void checkpoint_forget(struct checkpoint *c);

/* checkpoint_move saves the cursor with outcomes and marks, and then the snapshot when the cursor
 * is there. checkpoint_save saves outcomes and marks alone. */
void checkpoint_move(struct checkpoint *c, struct journal_position to);
void checkpoint_save(struct checkpoint *c);

/* checkpoint_state saves the fold's state now; it stands at the cursor. */
void checkpoint_state(struct checkpoint *c, const struct fold *fold);

void checkpoint_free(struct checkpoint *c);

#endif
