#include "writer/journal/inside.h"
#include "writer/journal/record.h"
#include "writer/journal/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SEGMENT_LEAST (1u << 20)
#define SEGMENT_MOST  (64u << 20)
#define SEGMENT_UNIT  4096u
#define SEGMENTS      16u /* in the bound */
#define BOUND_LEAST   (4 * (uint64_t)SEGMENT_LEAST)

static struct journal *make(const char *path)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return NULL;
    journal->path = strdup(path);
    journal->folder = journal->lock = -1;
    atomic_init(&journal->next_number, 1);
    if (!journal->path || pthread_mutex_init(&journal->append_lock, NULL) != 0) {
        free(journal->path);
        free(journal);
        return NULL;
    }
    if (pthread_mutex_init(&journal->segments_lock, NULL) != 0) {
        pthread_mutex_destroy(&journal->append_lock);
        free(journal->path);
        free(journal);
        return NULL;
    }
    return journal;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    /* The log before the ring, which is synced when it is closed and must not know more than the
     * log. */
    if (journal->current && !journal->viewer)
        (void)!segment_sync(journal->current, 0, journal->current->size);
    repeats_close(journal->repeats);
    cursor_close(&journal->cursor);
    segment_free(journal->spare); /* its file stays for the next open */
    chain_free(&journal->chain);
    if (journal->lock >= 0)
        close(journal->lock);
    if (journal->folder >= 0)
        close(journal->folder);
    pthread_mutex_destroy(&journal->segments_lock);
    pthread_mutex_destroy(&journal->append_lock);
    free(journal->path);
    free(journal);
}

static void size_segments(struct journal *journal, uint64_t max_bytes)
{
    uint64_t bytes = max_bytes / SEGMENTS / SEGMENT_UNIT * SEGMENT_UNIT;
    if (bytes < SEGMENT_LEAST)
        bytes = SEGMENT_LEAST;
    journal->segment_bytes = bytes < SEGMENT_MOST ? (uint32_t)bytes : SEGMENT_MOST;
    journal->max_bytes = max_bytes / journal->segment_bytes * journal->segment_bytes;
}

/* The small files: who we are, the cursor, the saved state's position. */
static enum err open_companions(struct journal *journal, struct err_reason *why)
{
    char *ring = NULL;
    enum err e = folder_id(journal->folder, true, journal->id, why);
    if (!e)
        e = cursor_open(journal->folder, &journal->cursor, why);
    if (!e && asprintf(&ring, "%s/repeats", journal->path) < 0)
        e = err_explain(why, ERR_NOMEM, "no memory for a path");
    if (!e)
        e = repeats_open(ring, &journal->repeats, why);
    free(ring);
    struct state state = {0};
    if (!e && state_load(journal->folder, &state) == ERR_OK)
        journal->kept = state.position;
    free(state.bytes);
    journal->delivered = journal->cursor.saved.position;
    if (journal->cursor.saved.generation == 0)
        journal->delivered =
            journal->kept; /* a damaged cursor: nothing before the state is needed */
    return e;
}

/* A spare serves if it comes last and has today's size. */
static void drop_useless_spare(struct journal *journal)
{
    const struct segment *last = chain_last(&journal->chain);
    struct segment *spare = journal->spare;
    if (!spare ||
        (spare->size == journal->segment_bytes && (!last || spare->number > last->number)))
        return;
    segment_delete(journal->folder, spare);
    journal->spare = NULL;
}

static enum err open_log(struct journal *journal, struct err_reason *why)
{
    (void)unlinkat(journal->folder, "segment.tmp", 0); /* what a crash left half made */
    (void)unlinkat(journal->folder, "state.tmp", 0);
    enum err e = chain_load(&journal->chain, journal->folder, &journal->spare, why);
    if (!e)
        drop_useless_spare(journal);
    if (!e)
        e = chain_reserve(&journal->chain);
    if (!e)
        e = recover_end(journal, why);
    if (!e)
        e = recover_repeats(journal, why);
    if (!e)
        e = journal_turn(journal, NULL) == ERR_NOMEM ? ERR_NOMEM
                                                     : ERR_OK; /* a full disk is no failure yet */
    return e;
}

/* With one segment alone nothing could ever be recycled: it would fill up and hold for ever. */
static enum err insist_on_two(struct journal *journal, const char *path, struct err_reason *why)
{
    struct err_reason words = {""};
    if (journal_turn(journal, &words) != ERR_FULL || journal->chain.count > 1)
        return ERR_OK;
    return err_explain(why, ERR_FULL,
                       "journal %s: %s, and two are needed at least; free some space or lower "
                       "writer.journal.max_bytes",
                       path, words.text);
}

enum err journal_open(const struct journal_options *options, struct journal **ret_journal,
                      struct err_reason *why)
{
    if (options->max_bytes < BOUND_LEAST)
        return err_explain(why, ERR_INVALID, "journal.max_bytes is %llu, at least %llu is needed",
                           (unsigned long long)options->max_bytes, (unsigned long long)BOUND_LEAST);
    struct journal *journal = make(options->path);
    if (!journal)
        return err_explain(why, ERR_NOMEM, "no memory for the journal");
    journal->sync = options->sync;
    journal->clock = options->clock;
    journal->max_age_s = options->max_age_s;
    size_segments(journal, options->max_bytes);

    enum err e = folder_open(options->path, true, &journal->folder, why);
    if (!e)
        e = folder_lock(journal->folder, options->path, &journal->lock, why);
    if (!e)
        e = open_companions(journal, why);
    if (!e)
        e = open_log(journal, why);
    if (!e)
        e = insist_on_two(journal, options->path, why);
    if (e)
        journal_close(journal);
    else
        *ret_journal = journal;
    return e;
}

/* The viewer's cursor is a copy of the writer's at this moment. */
static void view_cursor(const struct journal *journal, struct cursor_saved *ret_saved)
{
    char slots[CURSOR_FILE_BYTES] = {0};
    size_t size = 0;
    *ret_saved = (struct cursor_saved){0};
    if (folder_read(journal->folder, "cursor", slots, sizeof slots, &size) == ERR_OK)
        (void)cursor_pick(slots, ret_saved);
}

enum err journal_open_viewer(const char *path, struct journal **ret_journal, struct err_reason *why)
{
    struct journal *journal = make(path);
    if (!journal)
        return err_explain(why, ERR_NOMEM, "no memory for the journal");
    journal->viewer = true;
    journal->clock = clock_system();
    struct cursor_saved saved = {0};
    enum err e = folder_open(path, false, &journal->folder, why);
    if (!e)
        e = folder_id(journal->folder, false, journal->id, why);
    if (!e)
        e = chain_load(&journal->chain, journal->folder, NULL, why);
    if (!e) {
        view_cursor(journal, &saved);
        journal->delivered = saved.position;
        e = recover_end(journal, why);
    }
    if (e)
        journal_close(journal);
    else
        *ret_journal = journal;
    return e;
}

const char *journal_id(const struct journal *journal)
{
    return journal->id;
}

struct journal_position journal_end(const struct journal *journal)
{
    const struct segment *current = journal->current;
    return (struct journal_position){
        current->number, atomic_load_explicit(&current->used, memory_order_relaxed),
        atomic_load_explicit(&journal->next_number, memory_order_relaxed)};
}

/* --- cursor and state ------------------------------------------------------- */

enum err journal_cursor_save(struct journal *journal, struct journal_position position,
                             const void *outcomes, size_t size)
{
    if (journal->viewer)
        return ERR_REFUSED;
    if (position.number > atomic_load(&journal->next_number))
        return ERR_INVALID;
    enum err e = cursor_save(&journal->cursor, position, outcomes, size, journal->sync);
    if (e)
        return e;
    pthread_mutex_lock(&journal->append_lock);
    journal->delivered = position;
    pthread_mutex_lock(&journal->segments_lock);
    room_count(journal);
    pthread_mutex_unlock(&journal->segments_lock);
    pthread_mutex_unlock(&journal->append_lock);
    return ERR_OK;
}

struct journal_position journal_cursor(const struct journal *journal, void *ret_outcomes,
                                       size_t capacity, size_t *ret_size)
{
    struct cursor_saved saved = journal->cursor.saved;
    if (journal->viewer)
        view_cursor(journal, &saved);
    size_t size = saved.size < capacity ? saved.size : capacity;
    if (size > 0)
        memcpy(ret_outcomes, saved.outcomes, size);
    *ret_size = size;
    return journal->viewer ? saved.position : journal->delivered;
}

enum err journal_state_save(struct journal *journal, struct journal_position position,
                            uint64_t hash, struct text state)
{
    if (journal->viewer)
        return ERR_REFUSED;
    if (position.number > journal->delivered.number)
        return ERR_INVALID;
    enum err e = state_save(journal->folder, position, hash, state, journal->sync);
    if (e)
        return e;
    pthread_mutex_lock(&journal->append_lock);
    journal->kept = position;
    pthread_mutex_lock(&journal->segments_lock);
    room_count(journal);
    pthread_mutex_unlock(&journal->segments_lock);
    pthread_mutex_unlock(&journal->append_lock);
    return ERR_OK;
}

enum err journal_state_load(const struct journal *journal, struct journal_position *ret_position,
                            uint64_t *ret_hash, char **ret_state, size_t *ret_size)
{
    struct state state;
    enum err e = state_load(journal->folder, &state);
    if (e)
        return e;
    *ret_position = journal->viewer ? state.position : journal->kept;
    *ret_hash = state.hash;
    *ret_state = state.bytes;
    *ret_size = state.size;
    return ERR_OK;
}

/* --- figures ---------------------------------------------------------------- */

/* Arrival of the record at the cursor, or about it when that record cannot be read. Both locks. */
static int64_t oldest_undelivered_ns(struct journal *journal)
{
    struct journal_position at = journal->delivered;
    struct segment *segment = chain_at(&journal->chain, at.segment);
    struct record_header header;
    if (segment && at.number == 0)
        at = (struct journal_position){segment->number, SEGMENT_HEADER, segment->first};
    if (!segment || at.number >= atomic_load(&journal->next_number))
        return 0;
    if (segment->number != at.segment)
        return segment->first_ns;
    if (segment_map(journal->folder, segment, !journal->viewer, NULL) == ERR_OK &&
        record_header_at(segment->map, atomic_load(&segment->used), at.offset, segment->seed,
                         &header) &&
        header.number >= at.number)
        return header.arrival_ns;
    const struct segment *next = chain_at(&journal->chain, at.segment + 1);
    return next ? next->first_ns : segment->first_ns;
}

void journal_figures(const struct journal *journal, struct journal_figures *ret_figures)
{
    struct journal *j = (struct journal *)(uintptr_t)journal; /* to take its locks */
    struct journal_figures figures = {.max_bytes = j->max_bytes};
    pthread_mutex_lock(&j->append_lock);
    pthread_mutex_lock(&j->segments_lock);
    figures.next_number = atomic_load(&j->next_number);
    figures.repeated = j->repeats ? repeats_counted(j->repeats) : 0;
    figures.torn_bytes = j->torn_bytes;
    figures.damaged_records = atomic_load(&j->damaged_records);
    figures.clock_steps = j->clock_steps;
    figures.in_reserve = j->in_reserve;
    figures.disk_full = j->disk_full;
    if (j->current) {
        figures.undelivered_bytes = room_bytes_from(j, j->delivered);
        figures.history_bytes =
            room_bytes_from(j, (struct journal_position){0}) - figures.undelivered_bytes;
        figures.oldest_undelivered_ns = oldest_undelivered_ns(j);
        figures.newest_ns = j->last_ns;
    }
    pthread_mutex_unlock(&j->segments_lock);
    pthread_mutex_unlock(&j->append_lock);
    *ret_figures = figures;
}
