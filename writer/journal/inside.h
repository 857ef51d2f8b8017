/* What the files of the journal share: journal.c opens, keeps cursor and state; append.c writes;
 * reader.c reads; room.c counts bytes and makes segments; recover.c finds the end at open. Nobody
 * else includes this.
 *
 * Two locks. `append_lock` is the short one: it gives numbers and times and guards the end of the
 * log. `segments_lock` guards the list of segments and is held while a file is made; an append
 * takes it, inside the other, only when its segment is full. Order: append_lock, then
 * segments_lock. */
#ifndef WRITER_JOURNAL_INSIDE_H
#define WRITER_JOURNAL_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "writer/journal/chain.h"
#include "writer/journal/cursor.h"
#include "writer/journal/folder.h"
#include "writer/journal/journal.h"
#include "writer/journal/repeats.h"

struct journal {
    /* Set at open. */
    char *path;
    int folder;
    int lock;
    char id[FOLDER_ID_SIZE];
    bool viewer; /* reading only: no lock, no current segment */
    bool sync;
    uint64_t max_bytes;     /* a multiple of segment_bytes */
    uint32_t segment_bytes; /* of segments that are made from now on */
    uint64_t max_age_s;
    struct clock clock;
    void (*wake)(void *context);
    void *wake_context;

    /* Under append_lock. */
    pthread_mutex_t append_lock;
    struct segment *current;
    struct repeats *repeats;
    int64_t last_ns;                   /* arrival of the last record */
    int64_t real_ns, steady_ns;        /* the two clocks at the last append; 0: none since open */
    struct journal_position delivered; /* the cursor */
    struct journal_position kept;      /* the saved state; number 0: none */
    uint64_t held_before;  /* bytes from the oldest record that must stay up to `current` */
    uint64_t beyond_bytes; /* room behind `current` */
    uint64_t clock_steps;
    bool in_reserve;
    uint64_t prepared; /* the segment behind which room_prepare has looked */

    /* Under segments_lock. */
    pthread_mutex_t segments_lock;
    struct chain chain;
    struct segment *spare;
    bool disk_full;
    int64_t try_again_ms; /* monotonic; before that a full disk is not asked again */

    /* From any thread. */
    _Atomic uint64_t next_number;
    atomic_bool wanted; /* the owner sleeps and wants to be woken */
    _Atomic uint64_t damaged_records;

    /* The owner's thread. */
    struct cursor cursor;
    uint64_t torn_bytes;
};

/* recover_end finds where the log ends, cuts what is torn, and makes the first segment where there
 * is none. */
enum err recover_end(struct journal *journal, struct err_reason *why) ERR_MUST_CHECK;

/* recover_repeats hands the ring of repeats the records that it missed. */
enum err recover_repeats(struct journal *journal, struct err_reason *why) ERR_MUST_CHECK;

/* room_count brings the figures of room up to date (both locks), room_judge in_reserve alone
 * (append_lock). */
void room_count(struct journal *journal);
void room_judge(struct journal *journal);

/* room_bytes_from is what lies between `from` and the end. Both locks. */
uint64_t room_bytes_from(const struct journal *journal, struct journal_position from);

/* room_fits tells whether `size` more bytes stay within max_bytes. append_lock. */
bool room_fits(const struct journal *journal, uint64_t size);

/* room_next takes the next segment into use for record `first`; false when there is none to be had.
 * append_lock. */
bool room_next(struct journal *journal, uint64_t first, int64_t first_ns);

/* room_prepare makes the next segment ready where its owner has not come to it yet: that there is
 * none to be had must be known while there is room for what is still on its way. append_lock. */
void room_prepare(struct journal *journal);

/* room_start makes the first segment of a journal that has none it can go on with. At open. */
enum err room_start(struct journal *journal, uint64_t first, struct err_reason *why) ERR_MUST_CHECK;

/* room_record_max is the largest record_size that fits a segment. */
uint64_t room_record_max(const struct journal *journal);

/* append_note tells the ring of repeats of an appended record. append_lock. */
void append_note(struct journal *journal, const struct journal_record *record,
                 uint32_t content_crc);

/* journal_end is the position behind the last record. append_lock. */
struct journal_position journal_end(const struct journal *journal);

#endif
