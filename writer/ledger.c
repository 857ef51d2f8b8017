#include "writer/ledger.h"

static uint64_t sum(const uint64_t counts[REJECT_COUNT])
{
    uint64_t total = 0;
    for (size_t i = 0; i < REJECT_COUNT; i++)
        total += counts[i];
    return total;
}

struct ledger ledger_make(const struct fold_counts *counts, const struct ledger_outcomes *outcomes,
                          uint64_t position_number, uint64_t next_number, uint64_t repeated,
                          uint64_t waiting)
{
    struct ledger l = {
        .decoded = counts->decoded,
        .repeated = repeated,
        .ignored = counts->ignored,
        .rejected = sum(counts->rejected) + counts->damaged,
        .dropped = counts->dropped,
        .pending = next_number - position_number,
        .points_made = counts->points_made,
        .points_stored = outcomes->stored,
        .points_merged = counts->points_merged,
        .points_rejected = sum(counts->points_refused) + outcomes->rejected,
        .points_dropped = outcomes->dropped + outcomes->parked_full + outcomes->parked_lost,
        .points_parked_full = outcomes->parked_full,
        .points_parked_lost = outcomes->parked_lost,
        .points_pending = waiting,
    };
    /* Record numbers are given by the journal, one each: what is before the position and not ours
     * was received. */
    uint64_t before = position_number - 1 - counts->internal;
    l.received = before + l.pending + repeated;
    l.difference = (int64_t)(l.received - (l.decoded + l.repeated + l.ignored + l.rejected +
                                           l.dropped + l.pending));
    l.points_difference =
        (int64_t)(l.points_made - (l.points_stored + l.points_merged + l.points_rejected +
                                   l.points_dropped + l.points_pending));
    return l;
}
