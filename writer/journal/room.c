#include "writer/journal/inside.h"
#include "writer/journal/record.h"

#define TRY_AGAIN_MS 1000
#define WINDOW_BYTES (4u << 20) /* of pages made ready ahead of the end */
#define BEHIND_BYTES (1u << 20) /* of pages left in place behind it */

/* The oldest position that must stay: the cursor, or the saved state where that is older. */
static struct journal_position oldest_needed(const struct journal *journal)
{
    return journal->kept.number != 0 && journal->kept.number < journal->delivered.number
               ? journal->kept
               : journal->delivered;
}

static bool is_free(const struct journal *journal, const struct segment *segment)
{
    return segment != journal->current && segment->pins == 0 &&
           segment->number < oldest_needed(journal).segment;
}

static uint64_t used_bytes(const struct journal *journal)
{
    return atomic_load_explicit(&journal->current->used, memory_order_relaxed);
}

static uint64_t held_bytes(const struct journal *journal)
{
    return journal->held_before + used_bytes(journal);
}

/* Bytes from `from` up to the beginning of the current segment; below zero, wrapped, when `from`
 * lies in that: adding what it holds wraps it back. */
static uint64_t bytes_before_current(const struct journal *journal, struct journal_position from)
{
    uint64_t bytes = chain_bytes_from(&journal->chain, from.segment) - journal->current->size;
    const struct segment *first = chain_at(&journal->chain, from.segment);
    return first && first->number == from.segment ? bytes - from.offset : bytes;
}

uint64_t room_bytes_from(const struct journal *journal, struct journal_position from)
{
    return bytes_before_current(journal, from) + used_bytes(journal);
}

static uint64_t file_bytes(const struct journal *journal)
{
    return chain_bytes(&journal->chain) + (journal->spare ? journal->spare->size : 0);
}

/* Whole segments that may still be made under the bound on all files. */
static uint64_t makeable_bytes(const struct journal *journal)
{
    uint64_t most = journal->max_bytes + journal->segment_bytes, have = file_bytes(journal);
    return have >= most ? 0 : (most - have) / journal->segment_bytes * journal->segment_bytes;
}

void room_count(struct journal *journal)
{
    uint64_t beyond = journal->spare ? journal->spare->size : 0;
    for (size_t i = 0; i < journal->chain.count && is_free(journal, journal->chain.items[i]); i++)
        beyond += journal->chain.items[i]->size;
    if (!journal->disk_full)
        beyond += makeable_bytes(journal);
    journal->beyond_bytes = beyond;
    journal->held_before = bytes_before_current(journal, oldest_needed(journal));
    room_judge(journal);
}

static uint64_t room_left(const struct journal *journal)
{
    uint64_t held = held_bytes(journal);
    uint64_t left = held < journal->max_bytes ? journal->max_bytes - held : 0;
    uint64_t on_disk = journal->current->size - used_bytes(journal) + journal->beyond_bytes;
    return left < on_disk ? left : on_disk;
}

/* The bound is max_bytes, or what the disk has room for when that is less. */
void room_judge(struct journal *journal)
{
    uint64_t room = room_left(journal);
    uint64_t bound = held_bytes(journal) + room, least = journal->segment_bytes / 4;
    if (room < bound / 4 || room < least)
        journal->in_reserve = true;
    else if (room >= bound / 2)
        journal->in_reserve = false;
}

bool room_fits(const struct journal *journal, uint64_t size)
{
    const struct segment *segment = journal->current;
    uint64_t used = used_bytes(journal);
    if (used + size > segment_limit(segment))
        size += segment->size - used + SEGMENT_HEADER;
    return held_bytes(journal) + size <= journal->max_bytes;
}

uint64_t room_record_max(const struct journal *journal)
{
    return journal->segment_bytes - 2 * SEGMENT_HEADER;
}

static uint64_t next_segment_number(const struct journal *journal)
{
    const struct segment *last = chain_last(&journal->chain);
    return last ? last->number + 1 : 1;
}

/* Takes the oldest segment out if nobody needs it: as the spare when it has the right size. */
static bool take_oldest(struct journal *journal, bool sync)
{
    if (journal->chain.count == 0 || !is_free(journal, journal->chain.items[0]))
        return false;
    uint64_t number = next_segment_number(journal);
    struct segment *oldest = chain_drop_first(&journal->chain);
    segment_unmap(oldest);
    bool fits = oldest->size == journal->segment_bytes && !oldest->damaged;
    if (journal->spare || !fits ||
        segment_recycle(journal->folder, oldest, number, sync, NULL) != ERR_OK)
        segment_delete(journal->folder, oldest);
    else
        journal->spare = oldest;
    return true;
}

static enum err create_spare(struct journal *journal, bool sync, struct err_reason *why)
{
    int64_t now_ms = clock_monotonic_ms(&journal->clock);
    if (journal->disk_full && now_ms < journal->try_again_ms)
        return err_explain(why, ERR_FULL, "the disk has no room for a further segment of %u bytes",
                           journal->segment_bytes);
    enum err e = segment_create(journal->folder, next_segment_number(journal),
                                journal->segment_bytes, sync, &journal->spare, why);
    journal->disk_full = e != ERR_OK; /* whatever the cause, there is no room to be had */
    journal->try_again_ms = now_ms + TRY_AGAIN_MS;
    return e;
}

/* Makes the next segment ready; ERR_OK without one when the bound is reached. segments_lock. */
static enum err make_spare(struct journal *journal, bool sync, struct err_reason *why)
{
    enum err e = ERR_OK;
    while (!e && !journal->spare) {
        if (makeable_bytes(journal) > 0)
            e = create_spare(journal, sync, why);
        else if (!take_oldest(journal, sync))
            return ERR_OK;
        while (e == ERR_FULL && !journal->spare && take_oldest(journal, sync))
            continue; /* history makes room on a full disk too */
        if (journal->spare)
            e = ERR_OK;
    }
    if (!e)
        e = chain_reserve(&journal->chain);
    if (!e)
        e = segment_map(journal->folder, journal->spare, true, why);
    if (e && journal->spare) {
        segment_delete(journal->folder, journal->spare);
        journal->spare = NULL;
    }
    return e;
}

/* Puts the spare, which is there and mapped, at the end of the chain. Both locks. */
static bool begin_spare(struct journal *journal, uint64_t first, int64_t first_ns)
{
    struct segment *next = journal->spare;
    if (segment_begin(next, first, first_ns, journal->sync) != ERR_OK)
        return false;
    next->pins++;
    if (journal->current)
        journal->current->pins--;
    chain_push(&journal->chain, next);
    journal->current = next;
    journal->spare = NULL;
    return true;
}

void room_prepare(struct journal *journal)
{
    pthread_mutex_lock(&journal->segments_lock);
    enum err e = make_spare(journal, journal->sync, NULL);
    if (e) /* the owner says why, and asks again */
        atomic_store(&journal->wanted, true);
    room_count(journal);
    pthread_mutex_unlock(&journal->segments_lock);
}

bool room_next(struct journal *journal, uint64_t first, int64_t first_ns)
{
    pthread_mutex_lock(&journal->segments_lock);
    bool ready = make_spare(journal, journal->sync, NULL) == ERR_OK && journal->spare;
    bool begun = ready && begin_spare(journal, first, first_ns);
    room_count(journal);
    pthread_mutex_unlock(&journal->segments_lock);
    return begun;
}

enum err room_start(struct journal *journal, uint64_t first, struct err_reason *why)
{
    enum err e = make_spare(journal, true, why);
    if (e)
        return e;
    if (!journal->spare)
        return err_explain(why, ERR_FULL,
                           "%s has reached %llu bytes and holds nothing to go on with",
                           journal->path, (unsigned long long)journal->max_bytes);
    return begin_spare(journal, first, clock_real_ns(&journal->clock))
               ? ERR_OK
               : err_explain(why, ERR_IO, "cannot sync a new segment");
}

/* Unmaps what nobody reads any more. What was read ahead of the cursor may still be borrowed. */
static void unmap_idle(struct journal *journal)
{
    for (size_t i = 0; i < journal->chain.count; i++) {
        struct segment *segment = journal->chain.items[i];
        bool passed = segment->number < journal->delivered.segment;
        if (segment->pins == 0 && (passed || !segment->was_read))
            segment_unmap(segment);
    }
}

/* A segment is as old as its newest record, which is no newer than the next one's first. */
static bool is_too_old(const struct journal *journal)
{
    const struct chain *chain = &journal->chain;
    if (journal->max_age_s == 0 || chain->count < 2 || chain->items[1]->damaged)
        return false;
    int64_t age_ns = clock_real_ns(&journal->clock) - chain->items[1]->first_ns;
    return age_ns > 0 && (uint64_t)(age_ns / CLOCK_NS_PER_S) > journal->max_age_s;
}

static void trim_history(struct journal *journal)
{
    while (
        journal->chain.count > 1 && is_free(journal, journal->chain.items[0]) &&
        (is_too_old(journal) || file_bytes(journal) > journal->max_bytes + journal->segment_bytes))
        segment_delete(journal->folder, chain_drop_first(&journal->chain));
}

/* Hands back the pages behind the cursor and behind the end, and makes those ahead of the end
 * ready: the first write to a page costs more than the append itself. */
static void tend_pages(struct journal *journal)
{
    struct segment *current = journal->current;
    uint32_t used = atomic_load_explicit(&current->used, memory_order_relaxed);
    struct segment *read = chain_at(&journal->chain, journal->delivered.segment);
    if (read && read->number == journal->delivered.segment)
        segment_release(read, journal->delivered.offset);
    if ((!read || read->number != current->number) && used > BEHIND_BYTES)
        segment_release(current, used - BEHIND_BYTES);
    if (current->populated < used + WINDOW_BYTES / 2) {
        segment_populate(current, used, WINDOW_BYTES);
        current->populated = used + WINDOW_BYTES;
    }
    if (journal->spare && journal->spare->populated == 0 && used + WINDOW_BYTES > current->size) {
        segment_populate(journal->spare, 0, WINDOW_BYTES);
        journal->spare->populated = WINDOW_BYTES;
    }
}

enum err journal_turn(struct journal *journal, struct err_reason *why)
{
    if (journal->viewer)
        return ERR_OK;
    pthread_mutex_lock(&journal->segments_lock);
    unmap_idle(journal);
    trim_history(journal);
    enum err e = make_spare(journal, true, why);
    pthread_mutex_unlock(&journal->segments_lock);

    pthread_mutex_lock(&journal->append_lock);
    pthread_mutex_lock(&journal->segments_lock);
    room_count(journal);
    pthread_mutex_unlock(&journal->append_lock);
    tend_pages(journal);
    pthread_mutex_unlock(&journal->segments_lock);
    return e;
}

struct journal_position journal_drop_oldest(struct journal *journal, uint64_t *ret_dropped)
{
    pthread_mutex_lock(&journal->append_lock);
    pthread_mutex_lock(&journal->segments_lock);
    struct journal_position to = journal->delivered;
    const struct chain *chain = &journal->chain;
    uint64_t bound = held_bytes(journal) + room_left(journal);
    for (size_t i = 0; i < chain->count; i++) {
        const struct segment *segment = chain->items[i];
        uint64_t bytes = room_bytes_from(journal, to);
        if (bytes <= bound / 2)
            break;
        if (!segment->damaged && segment->first > to.number)
            to = (struct journal_position){segment->number, SEGMENT_HEADER, segment->first};
    }
    uint64_t from = journal->delivered.number ? journal->delivered.number : 1;
    *ret_dropped = to.number > from ? to.number - from : 0;
    pthread_mutex_unlock(&journal->segments_lock);
    pthread_mutex_unlock(&journal->append_lock);
    return to;
}
