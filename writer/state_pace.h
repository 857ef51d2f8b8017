/* When the fold's state is saved. Often, because after a crash the records since are folded again;
 * but the more it costs, the seldomer: saving takes about a hundredth of the time, whatever the
 * state's size. Not seldomer than each 30 s, nor than each two segments of the journal, because
 * what the state has not passed takes room there. */
#ifndef WRITER_STATE_PACE_H
#define WRITER_STATE_PACE_H

#include "writer/journal/journal.h"

#define STATE_PACE_RECORDS    20000u /* after so many records ... */
#define STATE_PACE_MS         1000   /* ... or so much time */
#define STATE_PACE_SHARE      100    /* of the time since the last that saving may cost */
#define STATE_PACE_LONGEST_MS 30000
#define STATE_PACE_SEGMENTS   2u

/* Zeroed to begin with: the first is due at once. */
struct state_pace {
    struct journal_position at; /* of the last */
    int64_t taken_ms;           /* when it was */
    int64_t cost_ns;            /* what it took */
};

/* state_pace_due tells whether a state at this position is to be saved now. */
bool state_pace_due(const struct state_pace *pace, struct journal_position at, int64_t now_ms);

/* state_pace_taken: a state was made at this position and will be written; state_pace_cost adds
 * what a part of it took. */
void state_pace_taken(struct state_pace *pace, struct journal_position at, int64_t now_ms);
void state_pace_cost(struct state_pace *pace, int64_t cost_ns);

#endif
