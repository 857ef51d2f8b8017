#include "writer/journal/inside.h"
#include "writer/journal/record.h"

#define TIME_MAX_NS (INT64_MAX / 2) /* the year 2116 */
#define RECENT      64u             /* of the last records the bodies are checked too */

/* What a walk over the headers of one segment found. */
struct tail {
    uint32_t end;    /* behind the last record */
    uint64_t number; /* of the next one */
    int64_t last_ns;
    uint64_t count; /* of records that were seen */
    uint32_t recent[RECENT];
};

/* Walks the mapped segment from its beginning. The persisted cursor would be a shorter way, but one
 * that is damaged may point into a record; only the segment itself says where its records lie. */
static struct tail look_through(const struct segment *segment, uint32_t limit)
{
    struct tail tail = {SEGMENT_HEADER, segment->first, segment->first_ns, 0, {0}};
    struct record_header header;
    size_t at;
    while ((at = record_find(segment->map, limit, tail.end, segment->seed, tail.number, &header)) !=
           0) {
        tail.recent[tail.count++ % RECENT] = (uint32_t)at;
        tail.number = header.number + 1;
        tail.last_ns = header.arrival_ns;
        tail.end = (uint32_t)(at + record_size_of(&header));
    }
    return tail;
}

/* After a loss of power a header may have reached the disk and its body not. */
static void drop_torn_records(const struct segment *segment, struct tail *tail)
{
    struct record_header header;
    for (unsigned i = 0; i < RECENT && tail->count > 0; i++, tail->count--) {
        uint32_t at = tail->recent[(tail->count - 1) % RECENT];
        if (!record_header_at(segment->map, segment_limit(segment), at, segment->seed, &header) ||
            record_body_sound(segment->map + at + sizeof header, &header))
            return;
        tail->end = at;
        tail->number = header.number;
    }
}

/* Zeroes what lies behind the end, so that nothing of it is ever taken for a record again. In a
 * segment that was used before, only what was torn is zeroed: the rest is of another segment, and
 * reads as nothing. */
static uint64_t cut(struct segment *segment, uint32_t end, uint32_t torn_to, uint32_t data_end)
{
    uint32_t to = torn_to;
    if (!segment->used_before)
        for (to = data_end; to > end && segment->map[to - 1] == 0;)
            to--;
    if (to > end)
        memset(segment->map + end, 0, to - end);
    if (segment_limit(segment) - end >= RECORD_ALIGN)
        memset(segment->map + end, 0, RECORD_ALIGN);
    return to > end ? to - end : 0;
}

static uint64_t largest(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Makes `last` the segment that is appended to, and tells the number after its last record. */
static enum err take_up(struct journal *journal, struct segment *last, uint64_t *ret_number,
                        struct err_reason *why)
{
    enum err e = segment_map(journal->folder, last, !journal->viewer, why);
    if (e)
        return e;
    uint32_t data_end = journal->viewer ? segment_limit(last)
                                        : segment_data_end(journal->folder, last, SEGMENT_HEADER);
    struct tail tail = look_through(last, data_end);
    uint32_t walked_to = tail.end;
    if (!journal->viewer) {
        drop_torn_records(last, &tail);
        journal->torn_bytes = cut(last, tail.end, walked_to, data_end);
        if (journal->sync && journal->torn_bytes > 0 && segment_sync(last, tail.end, data_end))
            return err_explain(why, ERR_IO, "cannot sync the last segment");
    }
    atomic_store(&last->used, tail.end);
    /* A time that no clock gives must not make the sums with it overflow. */
    journal->last_ns = tail.last_ns > 0 && tail.last_ns < TIME_MAX_NS ? tail.last_ns : 0;
    journal->current = last;
    last->pins++;
    *ret_number = tail.number;
    return ERR_OK;
}

/* The beginning of the segment that record `number` lies in; zero when nothing can be read. */
static struct journal_position segment_of(const struct journal *journal, uint64_t number)
{
    const struct segment *segment = chain_holding(&journal->chain, number);
    if (!segment)
        return (struct journal_position){0};
    return (struct journal_position){segment->number, SEGMENT_HEADER, segment->first};
}

/* Whether there is such a place: behind its segment's records it would count bytes that are none.
 */
static bool is_in_log(const struct journal *journal, struct journal_position position)
{
    const struct segment *segment = chain_at(&journal->chain, position.segment);
    if (segment && segment->number == position.segment)
        return position.offset <= atomic_load(&segment->used);
    return position.segment <= journal_end(journal).segment; /* of one that is gone */
}

/* A position that the log no longer reaches (a loss of power took the tail) is the end; one whose
 * place and number cannot both be right goes by the number. */
static void clamp(const struct journal *journal, struct journal_position *position)
{
    const struct journal_position end = journal_end(journal);
    if (position->number >= end.number)
        *position = end;
    else if (!is_in_log(journal, *position))
        *position = segment_of(journal, position->number);
}

enum err recover_end(struct journal *journal, struct err_reason *why)
{
    /* Full ones may hold records up to their limit. */
    for (size_t i = 0; i < journal->chain.count; i++)
        if (!journal->chain.items[i]->damaged)
            atomic_store(&journal->chain.items[i]->used, segment_limit(journal->chain.items[i]));
    /* Numbers are never given twice, whatever was lost. */
    uint64_t number = largest(largest(journal->delivered.number, journal->kept.number),
                              journal->viewer ? 1 : repeats_covered(journal->repeats) + 1);
    struct segment *last = chain_last(&journal->chain);
    enum err e = ERR_OK;
    uint64_t found = 0;
    if (last && !last->damaged) {
        e = take_up(journal, last, &found, why);
        if (e && journal->viewer)
            e = ERR_OK; /* there is something to be seen all the same */
        number = largest(number, found);
    } else if (!journal->viewer) {
        /* The damaged ones behind the last that can be read hold no more records than fit them. */
        const struct segment *readable = chain_holding(&journal->chain, RECORD_NUMBER_MAX);
        if (readable)
            number = largest(number,
                             readable->first + chain_bytes_from(&journal->chain, readable->number) /
                                                   sizeof(struct record_header));
        e = room_start(journal, largest(number, 1), why);
    }
    if (e)
        return e;
    atomic_store(&journal->next_number, largest(number, 1));
    if (!journal->viewer) {
        /* A ring that knows what the log has lost would drop it when the broker sends it again. */
        if (repeats_covered(journal->repeats) >= largest(found, 1))
            repeats_forget(journal->repeats);
        clamp(journal, &journal->delivered);
        clamp(journal, &journal->kept);
    }
    return ERR_OK;
}

enum err recover_repeats(struct journal *journal, struct err_reason *why)
{
    uint64_t next = atomic_load(&journal->next_number), covered = repeats_covered(journal->repeats);
    if (covered + 1 >= next)
        return ERR_OK;
    if (next - covered > REPEATS_RING) {
        repeats_forget(journal->repeats);
        covered = next > REPEATS_RING ? next - REPEATS_RING : 0;
    }
    struct journal_position from = segment_of(journal, covered + 1);
    if (from.segment == journal->delivered.segment && journal->delivered.number <= covered + 1)
        from = journal->delivered; /* nearer */
    struct journal_reader *reader = NULL;
    enum err e = journal_reader_open(journal, from, &reader);
    if (e)
        return err_explain(why, e, "cannot read the journal back");
    struct journal_record record;
    uint64_t lost;
    while ((e = journal_read(reader, &record, &lost, why)) == ERR_OK || e == ERR_CORRUPT)
        if (e == ERR_OK && record.number > covered)
            append_note(journal, &record, record_content_crc(&record));
    journal_reader_close(reader);
    for (size_t i = 0; i < journal->chain.count; i++)
        journal->chain.items[i]->was_read = false; /* nothing is borrowed */
    atomic_store(&journal->damaged_records, 0);    /* the owner's reader reports them */
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}
