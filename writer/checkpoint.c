#include "writer/checkpoint.h"

#include <stddef.h>
#include <stdlib.h>

/* What is saved with the cursor. Of `parked` as many entries as are in use. */
struct saved {
    struct ledger_outcomes outcomes;
    struct destinations_saved parked;
};

#define SAVED_WITHOUT_PARKED 24u /* by a version before there were destinations: three counters */

_Static_assert(sizeof(struct saved) <= JOURNAL_OUTCOMES_MAX, "all of it fits");

static size_t saved_size(uint64_t destinations)
{
    return offsetof(struct saved, parked.at) +
           destinations * sizeof(((struct saved *)NULL)->parked.at[0]);
}

bool checkpoint_read(struct checkpoint *c, struct destinations_saved *ret_parked)
{
    struct saved saved = {0};
    size_t size = 0;
    c->cursor = journal_cursor(c->journal, &saved, sizeof saved, &size);
    bool known = size >= saved_size(0) && saved.parked.count <= SETTINGS_DESTINATIONS_MAX &&
                 size == saved_size(saved.parked.count);
    bool older = size == SAVED_WITHOUT_PARKED;
    if (known || older)
        c->outcomes = saved.outcomes;
    if (known)
        *ret_parked = saved.parked;
    else
        ret_parked->count = 0;
    return known || older;
}

/* --- saving ------------------------------------------------------------------- */

static int64_t monotonic_ns(const struct checkpoint *c)
{
    return c->clock.monotonic_ns(c->clock.context);
}

void checkpoint_snapshot(struct checkpoint *c, const struct fold *fold, struct journal_position at)
{
    int64_t begin_ns = monotonic_ns(c);
    if (c->snapshot_due || !state_pace_due(&c->pace, at, begin_ns / CLOCK_NS_PER_MS))
        return;
    buf_reset(&c->snapshot);
    fold_save(fold, &c->snapshot);
    c->snapshot_at = at;
    c->snapshot_due = true;
    state_pace_taken(&c->pace, at, begin_ns / CLOCK_NS_PER_MS);
    state_pace_cost(&c->pace, monotonic_ns(c) - begin_ns);
}

void checkpoint_forget(struct checkpoint *c)
{
    c->snapshot_due = false;
    c->pace = (struct state_pace){0};
}

static void snapshot_write(struct checkpoint *c)
{
    if (!c->snapshot_due || c->snapshot_at.number > c->cursor.number)
        return;
    int64_t begin_ns = monotonic_ns(c);
    c->snapshot_due = false;
    if (c->snapshot.failed ||
        journal_state_save(c->journal, c->snapshot_at, c->hash, buf_view(&c->snapshot)) != ERR_OK)
        log_event(c->log, LOG_ERROR, "state_not_saved", "position=%llu",
                  (unsigned long long)c->snapshot_at.number);
    state_pace_cost(&c->pace, monotonic_ns(c) - begin_ns);
    die_at_reached(c->die, "state");
}

void checkpoint_save(struct checkpoint *c)
{
    struct saved saved;
    saved.outcomes = c->outcomes;
    destinations_save(c->destinations, &saved.parked);
    if (journal_cursor_save(c->journal, c->cursor, &saved, saved_size(saved.parked.count)) !=
        ERR_OK)
        log_event(c->log, LOG_ERROR, "cursor_not_saved", "position=%llu",
                  (unsigned long long)c->cursor.number);
}

void checkpoint_move(struct checkpoint *c, struct journal_position to)
{
    c->cursor = to;
    checkpoint_save(c);
    die_at_reached(c->die, "cursor");
    snapshot_write(c);
}

void checkpoint_state(struct checkpoint *c, const struct fold *fold)
{
    buf_reset(&c->snapshot);
    fold_save(fold, &c->snapshot);
    c->snapshot_at = c->cursor;
    c->snapshot_due = true;
    snapshot_write(c);
}

void checkpoint_free(struct checkpoint *c)
{
    buf_free(&c->snapshot);
}

/* --- restoring ---------------------------------------------------------------- */

static void state_restore(struct checkpoint *c, struct fold *fold,
                          struct journal_position *ret_from)
{
    char *state = NULL;
    size_t size = 0;
    uint64_t hash = 0;
    enum err e = journal_state_load(c->journal, ret_from, &hash, &state, &size);
    if (e == ERR_OK && ret_from->number > c->cursor.number)
        e = ERR_CORRUPT; /* the cursor was lost: what the state counted would be counted again */
    if (e == ERR_OK)
        e = fold_load(fold, (struct text){state, size});
    if (e == ERR_OK && hash != c->hash)
        log_change(c->log, LOG_WARNING, "mapping_changed",
                   "note=\"the state made by the old mapping is taken as it stands\"");
    if (e != ERR_OK)
        *ret_from = (struct journal_position){0};
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        log_change(c->log, LOG_ERROR, "state_unusable",
                   "reason=\"%s\" note=\"it is made again from what the journal holds\"",
                   err_text(e));
    free(state);
}

/* Shows the fold what lies between the state and the cursor, without sending. */
static void fold_again(const struct checkpoint *c, struct fold *fold, struct journal_reader *reader)
{
    struct journal_record record;
    uint64_t lost = 0, folded = 0;
    while (journal_reader_position(reader).number < c->cursor.number) {
        enum err e = journal_read(reader, &record, &lost, NULL);
        if (e == ERR_CORRUPT)
            fold_gap(fold, lost, 0);
        else if (e == ERR_OK)
            fold_record(fold, &record, NULL);
        else
            break;
        folded++;
    }
    if (folded > 0)
        log_change(c->log, LOG_INFO, "state_restored", "records=%llu", (unsigned long long)folded);
}

/* After a lost state or a changed mapping the counts start from what is certain. */
static void balance_settle(const struct checkpoint *c, struct fold *fold)
{
    uint64_t at = c->cursor.number ? c->cursor.number : 1;
    struct ledger l = ledger_make(fold_counts(fold), &c->outcomes, at, at, 0,
                                  destinations_parked(c->destinations));
    if (l.points_difference == 0)
        return;
    log_change(c->log, LOG_WARNING, "ledger_settled", "points=%lld",
               (long long)l.points_difference);
    fold_settle_points(fold, l.points_stored + c->outcomes.rejected + l.points_dropped +
                                 l.points_pending);
}

enum err checkpoint_restore(struct checkpoint *c, struct fold *fold,
                            struct journal_reader **ret_reader)
{
    struct journal_position from = {0};
    struct journal_reader *reader = NULL;
    state_restore(c, fold, &from);
    enum err e = journal_reader_open(c->journal, from, &reader);
    if (e != ERR_OK)
        return e;
    uint64_t first = journal_reader_position(reader).number;
    if (from.number == 0 && first > 1) /* older records are gone, and what they counted with them */
        fold_gap(fold, 0, first - 1);
    fold_again(c, fold, reader);
    balance_settle(c, fold);
    *ret_reader = reader;
    return ERR_OK;
}
