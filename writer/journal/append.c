#include "writer/journal/inside.h"
#include "writer/journal/record.h"

#include "base/crc32c.h"

#define APART_NS  1024 /* room for the elements of an array */
#define STEP_NS   (5 * CLOCK_NS_PER_S)
#define CUT_BYTES 4096u

static enum journal_appended verdict(const struct journal *journal)
{
    return journal->in_reserve ? JOURNAL_IN_RESERVE : JOURNAL_APPENDED;
}

void append_note(struct journal *journal, const struct journal_record *record, uint32_t content_crc)
{
    if (record->type == JOURNAL_MESSAGE && record->qos > 0)
        repeats_add(journal->repeats, record->packet_id, content_crc, record->number);
    else if (record->type == JOURNAL_CONNACK)
        repeats_connack(journal->repeats, record->payload.len > 0 && record->payload.at[0] != 0,
                        record->number);
    else
        repeats_pass(journal->repeats, record->number);
}

/* Writes the record at the end of the log. `arrival_ns` is given. */
static bool put(struct journal *journal, struct journal_record *record, uint32_t content_crc)
{
    uint64_t size = record_size(record);
    uint64_t number = atomic_load_explicit(&journal->next_number, memory_order_relaxed);
    if (!room_fits(journal, size))
        return false;
    uint32_t at = atomic_load_explicit(&journal->current->used, memory_order_relaxed);
    if (at + size > segment_limit(journal->current)) {
        if (!room_next(journal, number, record->arrival_ns))
            return false;
        atomic_store(&journal->wanted,
                     true); /* the spare is used up: the owner makes the next one */
        at = SEGMENT_HEADER;
    }
    struct segment *segment = journal->current;
    uint32_t limit = segment_limit(segment), end = at + (uint32_t)size;
    record->number = number;
    record_write(segment->map, limit, at, segment->seed, record, content_crc);
    if (journal->sync && segment_sync(segment, at, end + RECORD_ALIGN))
        return false; /* not acknowledged: the next append takes the same place */

    journal->last_ns = record->arrival_ns;
    append_note(journal, record, content_crc);
    atomic_store_explicit(&segment->used, end, memory_order_release);
    /* With journal_wait_wanted: of "there is a record" and "I am going to sleep" the later sees the
     * earlier. */
    atomic_store(&journal->next_number, number + 1);
    if (end > limit - limit / 4 && journal->prepared != segment->number) {
        journal->prepared = segment->number;
        room_prepare(journal);
    }
    room_judge(journal);
    return true;
}

/* How far the clock has stepped since the last record, 0 when it runs as it should. */
static int64_t clock_step(const struct journal *journal, int64_t real_ns, int64_t steady_ns)
{
    if (journal->steady_ns != 0) {
        int64_t drift = (real_ns - journal->real_ns) - (steady_ns - journal->steady_ns);
        if (drift > STEP_NS || drift < -STEP_NS)
            return drift;
    }
    return real_ns < journal->last_ns - STEP_NS ? real_ns - journal->last_ns : 0;
}

/* Gives the arrival time of the next record, and records a step of the clock before it. */
static bool stamp(struct journal *journal, int64_t *ret_arrival_ns)
{
    int64_t real_ns = clock_real_ns(&journal->clock);
    int64_t steady_ns = journal->clock.monotonic_ns(journal->clock.context);
    int64_t step_ns = clock_step(journal, real_ns, steady_ns);
    int64_t soonest_ns = journal->last_ns + APART_NS;
    if (step_ns != 0) {
        struct journal_record step = {
            .type = JOURNAL_CLOCK_STEP,
            .arrival_ns = step_ns < 0 || real_ns > soonest_ns ? real_ns : soonest_ns,
            .payload = {(const char *)&step_ns, sizeof step_ns},
        };
        if (!put(journal, &step, record_content_crc(&step)))
            return false;
        journal->clock_steps++;
        soonest_ns = step.arrival_ns + APART_NS;
    }
    journal->real_ns = real_ns;
    journal->steady_ns = steady_ns;
    *ret_arrival_ns = real_ns > soonest_ns ? real_ns : soonest_ns;
    return true;
}

/* What is kept of a payload that no segment takes. `cut` holds JOURNAL_CUT_HEAD + CUT_BYTES bytes.
 */
static void cut_payload(struct journal_record *record, char *cut)
{
    uint64_t length = record->payload.len;
    uint32_t crc = crc32c(0, record->payload.at, record->payload.len);
    size_t kept = record->payload.len < CUT_BYTES ? record->payload.len : CUT_BYTES;
    memcpy(cut, &length, sizeof length);
    memcpy(cut + sizeof length, &crc, sizeof crc);
    memcpy(cut + JOURNAL_CUT_HEAD, record->payload.at, kept);
    record->payload = (struct text){cut, JOURNAL_CUT_HEAD + kept};
    record->flags |= JOURNAL_CUT;
}

static void wake_owner(struct journal *journal)
{
    if (journal->wake && atomic_load(&journal->wanted) && atomic_exchange(&journal->wanted, false))
        journal->wake(journal->wake_context);
}

/* Appends under the lock; `ret_repeated` NULL: without asking whether it came before. */
static enum journal_appended append(struct journal *journal, struct journal_record *record,
                                    bool *ret_repeated)
{
    char cut[JOURNAL_CUT_HEAD + CUT_BYTES];
    struct journal_record kept = *record;
    if (journal->viewer)
        return JOURNAL_NO_ROOM;
    if (record_size(&kept) > room_record_max(journal))
        cut_payload(&kept, cut);
    uint32_t crc = record_content_crc(&kept);
    bool repeated = false;
    enum journal_appended appended = JOURNAL_NO_ROOM;

    pthread_mutex_lock(&journal->append_lock);
    if (ret_repeated && kept.type == JOURNAL_MESSAGE && kept.qos > 0)
        repeated =
            repeats_check(journal->repeats, kept.packet_id, (kept.flags & JOURNAL_DUP) != 0, crc);
    if (repeated || (stamp(journal, &kept.arrival_ns) && put(journal, &kept, crc)))
        appended = verdict(journal);
    pthread_mutex_unlock(&journal->append_lock);

    if (ret_repeated)
        *ret_repeated = repeated;
    if (repeated || appended == JOURNAL_NO_ROOM)
        return appended;
    record->number = kept.number;
    record->arrival_ns = kept.arrival_ns;
    record->flags = kept.flags;
    wake_owner(journal);
    return appended;
}

enum journal_appended journal_append(struct journal *journal, struct journal_record *record)
{
    return append(journal, record, NULL);
}

enum journal_appended journal_append_message(struct journal *journal, struct journal_record *record,
                                             bool *ret_repeated)
{
    return append(journal, record, ret_repeated);
}

enum journal_appended journal_connack(struct journal *journal, bool session_present)
{
    const char present = session_present ? 1 : 0;
    struct journal_record record = {.type = JOURNAL_CONNACK, .payload = {&present, 1}};
    return append(journal, &record, NULL);
}

void journal_set_wake(struct journal *journal, void (*wake)(void *context), void *context)
{
    journal->wake = wake;
    journal->wake_context = context;
}
