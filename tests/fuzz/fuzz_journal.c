/* Hostile files below the journal's folder: opening recovers or refuses with a reason, reading
 * ends, numbers rise, texts lie in the map, and what is appended afterwards comes back.
 *
 * The first byte chooses: 1 the file is the input as it is (else headers are put in front and
 * behind), 2 the records' header CRCs are made right, 4 their body CRCs too, 8 a viewer reads, 16
 * the bytes 1..20 are a saved cursor, 32 bytes behind the end are those of a segment used before.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "writer/journal/cursor.h"
#include "writer/journal/folder.h"
#include "writer/journal/record.h"
#include "writer/journal/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_BYTES 16384u
#define IS_RAW     1
#define FIX_HEADER 2
#define FIX_BODY   4
#define AS_VIEWER  8
#define HAS_CURSOR 16
#define USED       32

static const uint64_t id = 0x1122334455667788;
static char folder[64];
unsigned bytes_sum; /* seen from outside, so that every byte is read */
extern unsigned bytes_sum;

static void check(int holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void forget(void)
{
    static const char *const names[] = {"cursor",
                                        "state",
                                        "repeats",
                                        "segment-0000000000000001.log",
                                        "segment-0000000000000002.log",
                                        "segment-0000000000000003.log"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(path_of(names[i]));
}

static void clean_up(void)
{
    forget();
    unlink(path_of("id"));
    unlink(path_of("lock"));
    rmdir(folder);
}

static void put_segment_header(char *at, uint32_t used_before)
{
    const uint32_t version = SEGMENT_VERSION, bytes = FILE_BYTES;
    const uint64_t one = 1;
    memset(at, 0, SEGMENT_HEADER);
    memcpy(at, "HLJOURNL", 8);
    memcpy(at + 8, &version, 4);
    memcpy(at + 12, &bytes, 4);
    memcpy(at + 16, &one, 8);
    memcpy(at + 24, &id, 8);
    memcpy(at + 32, &one, 8);
    memcpy(at + 48, &used_before, 4);
    const uint32_t crc = crc32c(0, at, 60);
    memcpy(at + 60, &crc, 4);
}

/* Makes CRCs right from record to record, by whatever lengths the input claims. */
static void fix_records(char *file, unsigned choice)
{
    const size_t limit = FILE_BYTES - SEGMENT_HEADER;
    const uint32_t seed = record_seed(id);
    for (size_t at = SEGMENT_HEADER; at + sizeof(struct record_header) <= limit;) {
        struct record_header h;
        memcpy(&h, file + at, sizeof h);
        const size_t whole = record_size_of(&h);
        const uint32_t place = (uint32_t)at;
        if ((choice & FIX_BODY) && whole <= limit - at)
            h.body_crc = crc32c(0, file + at + sizeof h,
                                (size_t)h.topic_len + h.payload_len + h.content_type_len +
                                    h.response_topic_len + h.correlation_len);
        h.header_crc = crc32c(crc32c(seed, &place, 4), (char *)&h + 4, sizeof h - 4);
        memcpy(file + at, &h, sizeof h);
        at += whole <= limit - at ? whole : RECORD_ALIGN * 8;
    }
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    int file = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    check(file >= 0 && write(file, bytes, size) == (ssize_t)size, "the test's own files");
    close(file);
}

static void save_cursor(const uint8_t *data)
{
    struct journal_position position;
    struct cursor cursor;
    int at = -1;
    memcpy(&position.segment, data, 8);
    memcpy(&position.offset, data + 8, 4);
    memcpy(&position.number, data + 12, 8);
    position.segment %= 4;
    position.number %= RECORD_NUMBER_MAX;
    check(folder_open(folder, false, &at, NULL) == ERR_OK, "the folder");
    check(cursor_open(at, &cursor, NULL) == ERR_OK, "the cursor");
    check(cursor_save(&cursor, position, "outcome", 7, false) == ERR_OK, "saving the cursor");
    cursor_close(&cursor);
    close(at);
}

static unsigned sum(struct text t)
{
    unsigned total = 0;
    for (size_t i = 0; i < t.len; i++)
        total += (unsigned char)t.at[i];
    return total;
}

/* Reads to the end; returns the number that would come next. */
static uint64_t read_all(struct journal *journal, struct journal_position from)
{
    struct journal_reader *reader = NULL;
    struct journal_record r;
    struct err_reason why;
    uint64_t lost, last = 0;
    check(journal_reader_open(journal, from, &reader) == ERR_OK, "a reader opens");
    for (unsigned steps = 0;; steps++) {
        enum err e = journal_read(reader, &r, &lost, &why);
        check(steps < FILE_BYTES, "reading ends");
        if (e == ERR_NOT_FOUND)
            break;
        check(e == ERR_OK || e == ERR_CORRUPT, "a record or damage");
        if (e == ERR_CORRUPT) {
            check(lost > 0, "damage is counted");
            continue;
        }
        check(r.number > last, "numbers rise");
        last = r.number;
        bytes_sum += sum(r.topic) + sum(r.payload) + sum(r.content_type) + sum(r.response_topic) +
                     sum(r.correlation);
    }
    const uint64_t next = journal_reader_position(reader).number;
    journal_reader_close(reader);
    return next;
}

static void as_viewer(void)
{
    struct journal *journal = NULL;
    struct journal_figures figures;
    size_t size;
    if (journal_open_viewer(folder, &journal, NULL) != ERR_OK)
        return;
    read_all(journal, (struct journal_position){0});
    read_all(journal, journal_cursor(journal, NULL, 0, &size));
    journal_figures(journal, &figures);
    journal_close(journal);
}

/* A reader that waits at the end gets what is appended. (One that comes from the beginning may not,
 * when the input made numbers fall.) */
static void check_append(struct journal *journal)
{
    const struct journal_position end = {0, 0, UINT64_MAX};
    struct journal_record tick = {.type = JOURNAL_TICK}, back;
    struct journal_reader *reader = NULL;
    uint64_t lost;
    check(journal_reader_open(journal, end, &reader) == ERR_OK, "a reader opens at the end");
    check(journal_append(journal, &tick) != JOURNAL_NO_ROOM, "an append succeeds");
    if (tick.number < RECORD_NUMBER_MAX) { /* else all numbers are used up */
        enum err e = journal_read(reader, &back, &lost, NULL);
        if (e == ERR_OK && back.type == JOURNAL_CLOCK_STEP) /* by the input's times */
            e = journal_read(reader, &back, &lost, NULL);
        check(e == ERR_OK && back.number == tick.number, "it comes back");
    }
    journal_reader_close(reader);
}

static void as_writer(void)
{
    struct journal *journal = NULL;
    struct journal_options options = {
        .path = folder, .max_bytes = 4 << 20, .clock = clock_system()};
    struct journal_figures figures;
    size_t size;
    for (int round = 0; round < 2; round++) {
        struct err_reason why = {""};
        enum err e = journal_open(&options, &journal, &why);
        if (e == ERR_UNSUPPORTED)
            return;
        check(e == ERR_OK, "the start succeeds");
        read_all(journal, (struct journal_position){0});
        read_all(journal, journal_cursor(journal, NULL, 0, &size));
        check_append(journal);
        journal_figures(journal, &figures);
        check(figures.next_number > 1, "a record was appended");
        journal_close(journal);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char file[FILE_BYTES];
    if (folder[0] == '\0') {
        const char *temporary = getenv("TMPDIR"); /* in memory it is ten times as fast */
        snprintf(folder, sizeof folder, "%.40s/fuzz-journal-XXXXXX",
                 temporary ? temporary : "/tmp");
        check(mkdtemp(folder) != NULL, "a folder");
        write_file("id", "0123456789abcdef0123456789abcdef\n", 33);
        atexit(clean_up);
    }
    if (size < 21)
        return 0;
    const unsigned choice = data[0];
    const uint8_t *cursor = data + 1;
    data += 21;
    size -= 21;
    forget();
    if (choice & IS_RAW) {
        write_file("segment-0000000000000001.log", data, size);
    } else {
        memset(file, 0, sizeof file);
        memcpy(file + SEGMENT_HEADER, data,
               size < FILE_BYTES - 2 * SEGMENT_HEADER ? size : FILE_BYTES - 2 * SEGMENT_HEADER);
        put_segment_header(file, (choice & USED) != 0);
        put_segment_header(file + FILE_BYTES - SEGMENT_HEADER, (choice & USED) != 0);
        if (choice & FIX_HEADER)
            fix_records(file, choice);
        write_file("segment-0000000000000001.log", file, sizeof file);
    }
    if (choice & HAS_CURSOR)
        save_cursor(cursor);
    if (choice & AS_VIEWER)
        as_viewer();
    else
        as_writer();
    return 0;
}
