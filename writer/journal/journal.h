/* The journal: what was acknowledged to the broker and is not yet history, on disk.
 *
 * An append-only log of records in memory-mapped segments below one folder, with a cursor that says
 * how far delivery has come. Promised: a record whose journal_append returned is there after the
 * death of the process (durability `process`: it is in the page cache) or after loss of power
 * (`power`: it was synced before the return). A record torn by a crash is cut off at the next open
 * and counted; a record that is damaged later (its CRC is wrong) costs itself, counted and
 * reported by the reader, never the start.
 *
 * Records carry: type, arrival time, QoS, retain and DUP flags, packet id, subscription identifier,
 * `late`, Content Type, Response Topic, Correlation Data, topic and payload. Arrival times are
 * given by the append: at least 1,024 ns apart and strictly increasing while the clock runs
 * forwards or jitters; when the clock is more than 5 s behind the last record, a JOURNAL_CLOCK_STEP
 * record is written first and the new time is taken. (A clock that steps forwards is simply taken,
 * and a jump of more than 5 s between real and monotonic time is recorded the same way.)
 *
 * Threads: appends come from any thread, under one short lock. One thread, the owner's loop, does
 * all else: it opens readers and reads, saves cursor and state, asks for figures and calls
 * journal_turn. A reader in another process may follow (journal_open_viewer).
 *
 * Room: `max_bytes` (at least 4 MiB) bounds undelivered bytes, counted as they lie in the segments;
 * where the saved state lags behind the cursor, from there. Segments are max_bytes/16 within 1 to
 * 64 MiB, made with posix_fallocate, one ahead, their next pages populated, by journal_turn (by the
 * append itself only when that came too late; an append that takes the spare calls `wake`);
 * delivered ones are kept as history, recycled oldest first, never past the cursor or the saved
 * state. All segments together never exceed max_bytes and one segment. The last quarter of the
 * bound is the reserve: an append that crosses into it succeeds and says so. On a disk that has
 * less room than max_bytes, what can be had is the bound.
 *
 * A full disk cannot fault: every block is allocated before it is mapped. A disk that fails to read
 * back what it holds can (SIGBUS), as with any map.
 *
 * Files, folder 0700, files 0600: `lock` (flock; holds the pid), `id` (a random id of this journal,
 * made once), `cursor`, `state`, `repeats`, `segment-<16 hex>.log`. The format is in
 * docs/journal-format.md. */
#ifndef WRITER_JOURNAL_JOURNAL_H
#define WRITER_JOURNAL_JOURNAL_H

#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

enum journal_type {
    JOURNAL_MESSAGE = 1,    /* an MQTT message, as it came */
    JOURNAL_TICK = 2,       /* time passed: closes windows when the house is silent */
    JOURNAL_CONNACK = 3,    /* the intake connected; payload: one byte, session present */
    JOURNAL_MARKER = 4,     /* what follows arrived live */
    JOURNAL_CLOCK_STEP = 5, /* payload: int64 ns the clock moved, little endian */
    JOURNAL_GENERATION = 6, /* the configuration that applies from here; payload: its hash in hex */
    JOURNAL_TYPES =
        7, /* field types learned from the server; payload: writer/shape/types_record.h */
};

#define JOURNAL_RETAINED 0x01u
#define JOURNAL_DUP      0x02u
#define JOURNAL_LATE     0x04u
#define JOURNAL_CUT                                                                                \
    0x08u /* too large for a segment: payload is 8 bytes length, 4 bytes CRC-32C, first 4 KiB */

/* Before the kept start of a payload that was cut: its length (8 bytes, little endian), its
 * CRC-32C. */
#define JOURNAL_CUT_HEAD 12u

struct journal_record {
    uint64_t number;    /* 1 for the first record ever, then one more each; given by the append */
    int64_t arrival_ns; /* given by the append */
    enum journal_type type;
    uint8_t flags;
    uint8_t qos;
    uint16_t packet_id;
    uint32_t subscription_id;
    struct text topic, payload, content_type, response_topic, correlation;
};

/* Where a record begins; zero is the beginning of everything. Ordered by `number`. */
struct journal_position {
    uint64_t segment; /* its running number */
    uint32_t offset;  /* in the segment, bytes */
    uint64_t number;  /* of the next record from here */
};

struct journal_options {
    const char *path; /* made with its parents when missing */
    uint64_t max_bytes;
    uint64_t max_age_s; /* of delivered history; 0: no bound */
    bool sync;          /* durability: power */
    struct clock clock;
};

struct journal;

/* journal_open recovers and takes the lock. ERR_BUSY: another process has it, `why` names its pid.
 * ERR_FULL: the disk has no room for a segment. ERR_UNSUPPORTED: a format version this program does
 * not know. ERR_CORRUPT never for a damaged record. */
enum err journal_open(const struct journal_options *options, struct journal **ret_journal,
                      struct err_reason *why) ERR_MUST_CHECK;
void journal_close(struct journal *journal);

/* journal_id is 32 hex characters, the same for this folder for ever. */
const char *journal_id(const struct journal *journal);

enum journal_appended {
    JOURNAL_APPENDED,
    JOURNAL_IN_RESERVE, /* appended, and the reserve is touched: stop the intake */
    JOURNAL_NO_ROOM,    /* not appended: even the reserve is gone */
};

/* journal_append writes the record; number and arrival_ns of `record` are ignored on the way in and
 * set in it, as is JOURNAL_CUT. Texts other than the payload count with at most 65,535 bytes
 * (MQTT's bound). Never blocks on delivery. JOURNAL_NO_ROOM as well when `sync` is set and the disk
 * fails, and for a viewer. */
enum journal_appended journal_append(struct journal *journal,
                                     struct journal_record *record) ERR_MUST_CHECK;

/* journal_append_message is journal_append for an MQTT message with the recognition of what comes
 * again (repeats.h): sets *ret_repeated and appends nothing when it is a repeat. */
enum journal_appended journal_append_message(struct journal *journal, struct journal_record *record,
                                             bool *ret_repeated) ERR_MUST_CHECK;

/* journal_connack appends the CONNACK record and tells the recognition of repeats. */
enum journal_appended journal_connack(struct journal *journal, bool session_present) ERR_MUST_CHECK;

/* journal_turn makes the next segment ready, recycles, applies max_age. ERR_FULL: no room on the
 * disk (said once by the caller); the journal goes on with what it has. Call it after reading and
 * at least each second. */
enum err journal_turn(struct journal *journal, struct err_reason *why) ERR_MUST_CHECK;

/* --- reading ---------------------------------------------------------------- */

struct journal_reader;

/* journal_reader_open reads from `from` (zero: from the oldest record that is kept; a position
 * older than that: likewise, and journal_read says how many are gone; one behind the end: from the
 * end). A segment in which a reader stands is not recycled. */
enum err journal_reader_open(struct journal *journal, struct journal_position from,
                             struct journal_reader **ret_reader) ERR_MUST_CHECK;

/* journal_read gives the next record, whose texts are borrowed from the map and stay valid until
 * the cursor passes it; behind the cursor, and in a viewer, until the next read. ERR_NOT_FOUND:
 * nothing more yet. ERR_CORRUPT: a damaged stretch was skipped, `why` says where; *ret_lost gets
 * the number of records it held (by their numbers); read on. ERR_IO: a segment cannot be mapped;
 * trying again may help. */
enum err journal_read(struct journal_reader *reader, struct journal_record *ret_record,
                      uint64_t *ret_lost, struct err_reason *why) ERR_MUST_CHECK;

/* journal_reader_position is behind the last record that was read. */
struct journal_position journal_reader_position(const struct journal_reader *reader);
void journal_reader_close(struct journal_reader *reader);

/* journal_wait_wanted: the owner is about to sleep and wants `wake` (set by journal_set_wake) to be
 * called at the next append; returns false when there is something to read already. */
void journal_set_wake(struct journal *journal, void (*wake)(void *context), void *context);
bool journal_wait_wanted(struct journal *journal, const struct journal_reader *reader);

/* journal_open_viewer opens a journal for reading only, without its lock, while a writer may be at
 * work: for the command line. Appends and saves are refused with it; history that is recycled
 * meanwhile reads as ERR_CORRUPT. Its figures are those of its opening, without what only the
 * writer knows (repeated, max_bytes, in_reserve). ERR_NOT_FOUND: there is no journal. */
enum err journal_open_viewer(const char *path, struct journal **ret_journal,
                             struct err_reason *why) ERR_MUST_CHECK;

/* --- cursor and state ------------------------------------------------------- */

#define JOURNAL_OUTCOMES_MAX 2048

/* journal_cursor_save records that everything before `position` is delivered, and `outcomes` with
 * it, in one step: after a crash both are the old or both the new. ERR_INVALID: `position` lies
 * behind the end. ERR_TOO_LARGE: more than JOURNAL_OUTCOMES_MAX. ERR_IO: the sync failed.
 * ERR_REFUSED: a viewer. */
enum err journal_cursor_save(struct journal *journal, struct journal_position position,
                             const void *outcomes, size_t size) ERR_MUST_CHECK;

/* journal_cursor gives what was saved last; zero position and size 0 when nothing was. Where a loss
 * of power took records that the cursor had passed, it is the end of the log. A cursor file that is
 * damaged gives the saved state's position. A viewer sees what the writer saved. */
struct journal_position journal_cursor(const struct journal *journal, void *ret_outcomes,
                                       size_t capacity, size_t *ret_size);

/* journal_state_save keeps the fold's state at `position` with the hash of what made it, and
 * replaces the one before atomically. The caller waits until the cursor has come to `position`:
 * ERR_INVALID before. ERR_FULL, ERR_IO: the one before stays. ERR_REFUSED: a viewer. */
enum err journal_state_save(struct journal *journal, struct journal_position position,
                            uint64_t hash, struct text state) ERR_MUST_CHECK;

/* journal_state_load gives it; ERR_NOT_FOUND when there is none, ERR_CORRUPT when its CRC is wrong.
 * `ret_state` is allocated with malloc and the caller's. */
enum err journal_state_load(const struct journal *journal, struct journal_position *ret_position,
                            uint64_t *ret_hash, char **ret_state, size_t *ret_size) ERR_MUST_CHECK;

/* --- figures ---------------------------------------------------------------- */

struct journal_figures {
    uint64_t next_number;       /* of the next append: appended so far, plus one */
    uint64_t repeated;          /* messages recognised as repeats since the journal was made */
    uint64_t undelivered_bytes; /* between cursor and end */
    uint64_t history_bytes;     /* delivered and kept */
    uint64_t max_bytes;
    uint64_t torn_bytes;           /* cut at the last open */
    uint64_t damaged_records;      /* found by readers since open */
    uint64_t clock_steps;          /* since open */
    int64_t oldest_undelivered_ns; /* arrival of the record at the cursor, 0 when none */
    int64_t newest_ns;             /* arrival of the last record */
    bool in_reserve;               /* until half the bound is free */
    bool disk_full; /* there was no room for the next segment when the disk was last asked */
};
void journal_figures(const struct journal *journal, struct journal_figures *ret_figures);

/* journal_drop_oldest says which undelivered records to give up (when_full: drop_oldest), oldest
 * first and by whole segments, until half the bound is free; returns the position to go on from,
 * and how many records are given up. They are given up when the caller saves the cursor there, with
 * the count in its outcomes, in one step; and the state. */
struct journal_position journal_drop_oldest(struct journal *journal, uint64_t *ret_dropped);

#endif
