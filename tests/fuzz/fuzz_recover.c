/* Any bytes as the last segment of a journal at its start: recovery finds an end within the
 * segment, what lies before it can be read, what is torn is cut, and a second start finds the same
 * end and nothing more to cut.
 *
 * One small segment and one ring are made once and used for every input. The first 8 bytes choose:
 * the cursor's offset (in steps of 8) and number, whether the segment was used before, whether the
 * header CRCs (1) and the body CRCs (2) are made right along the chain of lengths that the input
 * claims. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "writer/journal/inside.h"
#include "writer/journal/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE 4096u

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static struct journal *journal_of_one_segment(void)
{
    static char folder[] = "/tmp/hearthline-fuzz-XXXXXX";
    char path[64];
    struct journal *journal = calloc(1, sizeof *journal);
    struct segment *segment = NULL;
    check(journal && mkdtemp(folder), "a folder");
    journal->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    journal->segment_bytes = SIZE;
    journal->max_bytes = 16 * SIZE;
    journal->clock = clock_system();
    pthread_mutex_init(&journal->append_lock, NULL);
    pthread_mutex_init(&journal->segments_lock, NULL);
    snprintf(path, sizeof path, "%s/repeats", folder);
    check(repeats_open(path, &journal->repeats, NULL) == ERR_OK, "a ring");
    check(segment_create(journal->folder, 1, SIZE, false, &segment, NULL) == ERR_OK, "a segment");
    check(segment_map(journal->folder, segment, true, NULL) == ERR_OK, "its map");
    check(segment_begin(segment, 1, 1, false) == ERR_OK, "its headers");
    check(chain_reserve(&journal->chain) == ERR_OK, "a chain");
    chain_push(&journal->chain, segment);
    /* The files live as long as the process has them open. */
    unlink(path);
    return journal;
}

static size_t body_size(const struct record_header *h)
{
    return record_size_of(h) < sizeof *h
               ? 0
               : (size_t)h->topic_len + h->payload_len + h->content_type_len +
                     h->response_topic_len + h->correlation_len;
}

static void make_right(struct segment *segment, bool bodies)
{
    for (size_t at = SEGMENT_HEADER; at + sizeof(struct record_header) <= segment_limit(segment);) {
        struct record_header h;
        memcpy(&h, segment->map + at, sizeof h);
        const uint32_t place = (uint32_t)at;
        const size_t whole = record_size_of(&h), left = segment_limit(segment) - at;
        if (bodies && whole <= left)
            h.body_crc = crc32c(0, segment->map + at + sizeof h, body_size(&h));
        h.header_crc =
            crc32c(crc32c(segment->seed, &place, sizeof place), (char *)&h + 4, sizeof h - 4);
        memcpy(segment->map + at, &h, sizeof h);
        at += whole <= left ? whole : RECORD_ALIGN;
    }
}

static void start(struct journal *journal, struct segment *segment)
{
    journal->current = NULL;
    segment->pins = 0;
    check(recover_end(journal, NULL) == ERR_OK, "recovery fails the start");
    check(journal->current == segment, "the segment is taken up");
    check(segment->used >= SEGMENT_HEADER && segment->used <= segment_limit(segment),
          "the end lies in the segment");
    check(journal->next_number >= 1, "numbers begin at 1");
    check(journal->delivered.offset <= segment->used ||
              journal->delivered.segment != segment->number,
          "the cursor is not behind the end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct journal *journal;
    if (!journal)
        journal = journal_of_one_segment();
    struct segment *segment = chain_last(&journal->chain);
    if (size < 8)
        return 0;
    size_t room = segment_limit(segment) - SEGMENT_HEADER, len = size - 8 < room ? size - 8 : room;
    memset(segment->map + SEGMENT_HEADER, 0, room);
    memcpy(segment->map + SEGMENT_HEADER, data + 8, len);
    segment->used_before = data[0] & 4;
    if (data[0] & 1)
        make_right(segment, data[0] & 2);
    journal->kept = (struct journal_position){0};
    journal->torn_bytes = 0;
    journal->delivered = (struct journal_position){
        data[1] & 1, (uint32_t)(((unsigned)data[2] | (data[3] & 3u) << 8) * RECORD_ALIGN),
        (uint64_t)(data[4] | data[5] << 8)};
    start(journal, segment);
    const struct journal_position delivered = journal->delivered;
    const uint32_t end = segment->used;
    const uint64_t next = journal->next_number;
    start(journal, segment);
    /* What a recycled segment holds behind its end is of another one, and its CRCs are wrong; the
     * input can make them right, and then the rest would not hold. */
    if (segment->used_before)
        return 0;
    /* Earlier where a torn record was cut that lay behind a damaged stretch. */
    check(segment->used <= end, "a second start finds no later end");
    check(segment->used < end || journal->torn_bytes == 0, "nothing is torn any more");
    check(journal->next_number <= next, "no number is passed over");
    check(segment->used < end || journal->delivered.number == delivered.number, "the cursor stays");
    return 0;
}
