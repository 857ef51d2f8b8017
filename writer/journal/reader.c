#include "writer/journal/inside.h"
#include "writer/journal/record.h"

#include <stdlib.h>

struct journal_reader {
    struct journal *journal;
    struct segment *segment; /* pinned; NULL: a viewer that found no segment yet */
    uint32_t offset;
    uint64_t number; /* of the record that is due */
    char *copy;      /* a viewer's own copy of a body, because the writer may recycle under it */
    size_t copy_capacity;
};

/* What one attempt came to. */
enum step { STEP_RECORD, STEP_LOST, STEP_AGAIN, STEP_NOTHING, STEP_FAILED };

/* --- moving between segments: segments_lock ---------------------------------- */

static void leave(struct journal_reader *reader)
{
    if (reader->segment)
        reader->segment->pins--;
    reader->segment = NULL;
}

static enum err enter(struct journal_reader *reader, struct segment *segment, uint32_t offset,
                      struct err_reason *why)
{
    struct journal *journal = reader->journal;
    enum err e = segment_map(journal->folder, segment, !journal->viewer, why);
    if (e)
        return e;
    leave(reader);
    segment->pins++;
    segment->was_read = true;
    segment->released = 0; /* it will touch pages that were handed back */
    reader->segment = segment;
    reader->offset = offset;
    return ERR_OK;
}

/* A viewer's map of a segment that it left is of no use to anybody. */
static void viewer_refresh(struct journal *journal)
{
    for (size_t i = 0; i < journal->chain.count; i++)
        if (journal->chain.items[i]->pins == 0)
            segment_unmap(journal->chain.items[i]);
    if (chain_load(&journal->chain, journal->folder, NULL, NULL) != ERR_OK)
        return; /* what is known already goes on being read */
}

static struct segment *after(struct journal_reader *reader)
{
    struct journal *journal = reader->journal;
    uint64_t number = reader->segment ? reader->segment->number + 1 : 0;
    struct segment *next = chain_at(&journal->chain, number);
    if (!next && journal->viewer) {
        viewer_refresh(journal);
        next = chain_at(&journal->chain, number);
    }
    return next;
}

/* Goes on to the next segment. `seen` is where the records of this one ended when they were looked
 * at: if there are more by now, they come first. */
static enum step next_segment(struct journal_reader *reader, uint32_t seen, uint64_t *ret_lost,
                              struct err_reason *why)
{
    struct segment *here = reader->segment;
    struct segment *next = after(reader);
    if (!next)
        return STEP_NOTHING;
    if (here && !reader->journal->viewer && atomic_load(&here->used) > seen)
        return STEP_AGAIN;
    enum err e = enter(reader, next, SEGMENT_HEADER, why);
    if (e == ERR_NOT_FOUND || e == ERR_CORRUPT) { /* recycled, removed or cut short meanwhile */
        next->damaged = true;
        return STEP_AGAIN;
    }
    if (e)
        return STEP_FAILED;
    if (next->first <= reader->number)
        return STEP_AGAIN;
    *ret_lost = next->first - reader->number;
    reader->number = next->first;
    return STEP_LOST;
}

static bool next_begins_here(struct journal_reader *reader)
{
    const struct segment *next = after(reader);
    return next && next->first == reader->number;
}

/* --- one step ------------------------------------------------------------------ */

static const char *body_of(struct journal_reader *reader, const struct record_header *header)
{
    const char *body = reader->segment->map + reader->offset + sizeof *header;
    if (!reader->journal->viewer)
        return body;
    size_t size = record_size_of(header) - sizeof *header;
    if (size > reader->copy_capacity) {
        char *copy = realloc(reader->copy, size);
        if (!copy)
            return NULL;
        reader->copy = copy;
        reader->copy_capacity = size;
    }
    if (size > 0)
        memcpy(reader->copy, body, size);
    return reader->copy ? reader->copy : body;
}

/* The record at the reader's place, whose header is sound. */
static enum step take(struct journal_reader *reader, const struct record_header *header,
                      struct journal_record *ret_record, uint64_t *ret_lost, struct err_reason *why)
{
    if (header->number != reader->number) {
        *ret_lost = header->number - reader->number;
        reader->number = header->number;
        return STEP_LOST;
    }
    const char *body = body_of(reader, header);
    if (!body) {
        (void)err_explain(why, ERR_NOMEM, "no memory for a record of %zu bytes",
                          record_size_of(header));
        return STEP_FAILED;
    }
    bool sound = record_body_sound(body, header);
    reader->offset += (uint32_t)record_size_of(header);
    reader->number++;
    if (!sound) {
        *ret_lost = 1;
        return STEP_LOST;
    }
    record_view(body, header, ret_record);
    return STEP_RECORD;
}

/* A viewer may have looked just while the record was written. */
static bool became_sound(const struct journal_reader *reader, uint32_t limit)
{
    struct record_header header;
    return record_header_at(reader->segment->map, limit, reader->offset, reader->segment->seed,
                            &header) &&
           header.number >= reader->number;
}

/* Nothing sound where the record should be: the end of a full segment, or damage. */
static enum step skip(struct journal_reader *reader, uint32_t limit, uint64_t *ret_lost,
                      struct err_reason *why)
{
    const struct segment *segment = reader->segment;
    struct record_header header;
    pthread_mutex_lock(&reader->journal->segments_lock);
    bool is_end = next_begins_here(reader);
    uint64_t mark = 0;
    if (limit - reader->offset >= sizeof mark)
        memcpy(&mark, segment->map + reader->offset, sizeof mark);
    /* For a viewer, zeros in the last segment are the end of the log, and it polls there: no
     * search. */
    bool is_tail = reader->journal->viewer && mark == 0 && !after(reader);
    size_t at = is_end || is_tail ? 0
                                  : record_find(segment->map, limit, reader->offset + RECORD_ALIGN,
                                                segment->seed, reader->number, &header);
    enum step step = STEP_AGAIN;
    if (at != 0 && !became_sound(reader, limit))
        reader->offset = (uint32_t)at; /* the numbers tell how many are lost */
    else if (at == 0)
        step = next_segment(reader, limit, ret_lost, why);
    if (step == STEP_NOTHING && !reader->journal->viewer) {
        reader->offset = limit;
        step = STEP_AGAIN;
    }
    pthread_mutex_unlock(&reader->journal->segments_lock);
    return step;
}

/* Behind the last record of this segment. `next_number` was loaded before `limit`. */
static enum step behind(struct journal_reader *reader, uint64_t next_number, uint32_t limit,
                        uint64_t *ret_lost, struct err_reason *why)
{
    pthread_mutex_lock(&reader->journal->segments_lock);
    enum step step = next_segment(reader, limit, ret_lost, why);
    pthread_mutex_unlock(&reader->journal->segments_lock);
    if (step == STEP_NOTHING && !reader->journal->viewer && reader->number < next_number) {
        *ret_lost = next_number - reader->number; /* numbers that a loss of power took */
        reader->number = next_number;
        return STEP_LOST;
    }
    return step;
}

static enum step attempt(struct journal_reader *reader, struct journal_record *ret_record,
                         uint64_t *ret_lost, struct err_reason *why)
{
    const struct segment *segment = reader->segment;
    struct record_header header;
    uint64_t next_number =
        atomic_load_explicit(&reader->journal->next_number, memory_order_acquire);
    uint32_t limit = 0;
    if (segment)
        limit = reader->journal->viewer
                    ? segment_limit(segment)
                    : atomic_load_explicit(&segment->used, memory_order_acquire);
    if (reader->offset >= limit)
        return behind(reader, next_number, limit, ret_lost, why);
    if (record_header_at(segment->map, limit, reader->offset, segment->seed, &header) &&
        header.number >= reader->number)
        return take(reader, &header, ret_record, ret_lost, why);
    return skip(reader, limit, ret_lost, why);
}

struct journal_position journal_reader_position(const struct journal_reader *reader)
{
    uint64_t segment = reader->segment ? reader->segment->number : 0;
    return (struct journal_position){segment, reader->offset, reader->number};
}

enum err journal_read(struct journal_reader *reader, struct journal_record *ret_record,
                      uint64_t *ret_lost, struct err_reason *why)
{
    struct journal_position before = journal_reader_position(reader);
    uint64_t lost = 0;
    enum step step;
    while ((step = attempt(reader, ret_record, &lost, why)) == STEP_AGAIN)
        continue;
    switch (step) {
    case STEP_RECORD:
        return ERR_OK;
    case STEP_LOST:
        atomic_fetch_add(&reader->journal->damaged_records, lost);
        *ret_lost = lost;
        return err_explain(why, ERR_CORRUPT,
                           "%llu records before number %llu are lost (segment %llx, offset %u)",
                           (unsigned long long)lost, (unsigned long long)reader->number,
                           (unsigned long long)before.segment, before.offset);
    case STEP_FAILED:
        return ERR_IO;
    default:
        return ERR_NOT_FOUND;
    }
}

/* --- opening -------------------------------------------------------------------- */

/* Where reading begins. Both locks. */
static enum err start(struct journal_reader *reader, struct journal_position from)
{
    struct journal *journal = reader->journal;
    if (!journal->viewer && from.number >= journal_end(journal).number)
        from = journal_end(journal);
    uint64_t number = from.number ? from.segment : 0;
    struct segment *segment;
    enum err e = ERR_NOT_FOUND;
    while ((segment = chain_at(&journal->chain, number)) != NULL) {
        bool there = segment->number == number && from.offset >= SEGMENT_HEADER &&
                     from.offset <= segment_limit(segment);
        e = enter(reader, segment, there ? from.offset : SEGMENT_HEADER, NULL);
        if (e != ERR_NOT_FOUND && e != ERR_CORRUPT)
            break;
        segment->damaged = true; /* removed or cut short */
    }
    /* A position that never was is taken for the end, and journal_read says what is missing. */
    if (!segment && !journal->viewer)
        e = enter(reader, journal->current, (uint32_t)journal_end(journal).offset, NULL);
    else if (!segment)
        e = ERR_OK;
    reader->number = from.number ? from.number : segment ? segment->first : 1;
    return e;
}

enum err journal_reader_open(struct journal *journal, struct journal_position from,
                             struct journal_reader **ret_reader)
{
    struct journal_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return ERR_NOMEM;
    reader->journal = journal;
    pthread_mutex_lock(&journal->append_lock);
    pthread_mutex_lock(&journal->segments_lock);
    enum err e = start(reader, from);
    pthread_mutex_unlock(&journal->segments_lock);
    pthread_mutex_unlock(&journal->append_lock);
    if (e)
        free(reader);
    else
        *ret_reader = reader;
    return e;
}

void journal_reader_close(struct journal_reader *reader)
{
    if (!reader)
        return;
    pthread_mutex_lock(&reader->journal->segments_lock);
    leave(reader);
    pthread_mutex_unlock(&reader->journal->segments_lock);
    free(reader->copy);
    free(reader);
}

bool journal_wait_wanted(struct journal *journal, const struct journal_reader *reader)
{
    atomic_store(&journal->wanted, true);
    if (atomic_load(&journal->next_number) <= reader->number)
        return true;
    atomic_store(&journal->wanted, false);
    return false;
}
