/* What a record becomes: decoded by its source, shaped by the rules that need memory, encoded as
 * lines.
 *
 * The memory is a fold over the journal: it depends on the records alone, in their order. It is
 * saved with its position; after a crash it is loaded and shown the records up to the cursor again,
 * without a sink, and every later record becomes the same lines as it would have before. Rules: the
 * stages of writer/shape/stages.h; what is retained or late is stored by its source's rule; a copy
 * that an overlapping subscription brought is left out; a point without a time of its own gets the
 * arrival time plus its element's place in ns; rollups of what came in and of what services report
 * of themselves. */
#ifndef WRITER_SHAPE_FOLD_H
#define WRITER_SHAPE_FOLD_H

#include "writer/decoders/source.h"
#include "writer/journal/journal.h"

/* Counted since the journal was made, saved with the state.
 * messages = decoded + ignored + the sum of rejected;
 * records before the position = messages + internal + damaged + dropped. */
struct fold_counts {
    uint64_t messages;
    uint64_t internal; /* records of our own: ticks, CONNACKs, markers ... */
    uint64_t damaged;  /* records that the journal could not give back */
    uint64_t dropped;  /* records given up undelivered (when_full: drop_oldest) */
    uint64_t decoded;
    uint64_t ignored; /* by rule */
    uint64_t rejected[REJECT_COUNT];
    uint64_t points_made;
    uint64_t points_refused[REJECT_COUNT]; /* of points_made: elements and lines that could not be
                                              stored */
    uint64_t points_merged;                /* of points_made: left out by a rule */
    uint64_t cleaned;        /* names and values changed by the line encoder's rules */
    uint64_t fields_renamed; /* of stored points, because of their value's type */
    uint64_t fields_refused; /* left out of stored points, likewise */
    uint64_t
        times_replaced; /* stored points whose own time could not be: they have the arrival's */
    uint64_t bytes;     /* payload */
    uint64_t
        not_rolled_up; /* metrics stored, of services for which service_metrics_5m has no room */
};

/* What could not be stored; everything borrowed. */
struct fold_reject {
    enum reject reason;
    const char *words;
    const struct journal_record *record;
    const struct source *source; /* NULL when none took it */
    struct text element;         /* the part that was refused; empty: the whole message */
    unsigned place; /* of the element: what it would add to the arrival time in ns (decode_sink) */
};

enum fold_note {
    FOLD_NOTE_FACT,  /* what it tells besides points */
    FOLD_NOTE_WAITS, /* a rule keeps it for later */
    FOLD_NOTE_TIME,  /* it is not stored at its own time */
};

struct fold_sink {
    void *context;
    /* Whether what comes of a message is wanted, by its source (NULL: none) and arrival, be it with
     * that message or, when a stage kept a point, with a later record. May be NULL: all. */
    bool (*wants)(void *context, const struct source *source, int64_t arrival_ns);
    /* With its newline, and the destination it is for (writer/decoders/route.h). */
    void (*line)(void *context, struct text line, unsigned destination);
    void (*reject)(void *context, const struct fold_reject *reject);
    /* Why a message, or a point of it, was left out by rule; may be NULL. */
    void (*ignored)(void *context, const struct journal_record *record, const char *why);
    /* What else a person may want to know of a message; may be NULL. */
    void (*note)(void *context, enum fold_note note, struct text words);
    /* A field that is not stored as it came, the first time; may be NULL. */
    void (*field)(void *context, const struct journal_record *record, const char *words);
};

struct fold;
struct types; /* writer/shape/types.h */

/* fold_open borrows the sources. */
enum err fold_open(const struct sources *sources, struct fold **ret_fold) ERR_MUST_CHECK;
void fold_close(struct fold *fold);

/* fold_record takes one record. Without a sink (NULL) only the memory and the counts move. */
void fold_record(struct fold *fold, const struct journal_record *record,
                 const struct fold_sink *sink);

/* fold_gap: records that will not come any more. */
void fold_gap(struct fold *fold, uint64_t damaged, uint64_t dropped);

const struct fold_counts *fold_counts(const struct fold *fold);

/* fold_settle_points sets points_made so that it balances with what the outcomes say: used when the
 * mapping was changed between the state and the cursor. */
void fold_settle_points(struct fold *fold, uint64_t points_done);

/* fold_types is what is known of the types of fields. fold_know takes them, and the names of
 * renamed entities, from the saved state of another fold, and fold_tell_again; what else is in that
 * state is passed over. ERR_INVALID: it cannot be read. fold_tell_again: of each field that a value
 * does not fit it is told once more. */
const struct types *fold_types(const struct fold *fold);
enum err fold_know(struct fold *fold, struct text state) ERR_MUST_CHECK;
void fold_tell_again(struct fold *fold);

/* fold_series is how many series are counted, of all sources that have a bound. */
uint64_t fold_series(const struct fold *fold);

void fold_save(const struct fold *fold, struct buf *out);

/* fold_load takes a saved state. ERR_INVALID: it is of another version or damaged; the fold is then
 * as new. */
enum err fold_load(struct fold *fold, struct text state) ERR_MUST_CHECK;

#endif
