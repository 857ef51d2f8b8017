/* A rule with memory: one file a stage, one row in stages.c.
 *
 * A stage is shown every point in the order of the journal and hands on what becomes of it: the
 * point itself (changed or not, now or later), or that it was left out or refused. What it knows is
 * part of the fold: it depends on nothing but what it was shown, is saved with the fold's state,
 * and is loaded after a start, so that a record becomes the same lines as before. No clock, no I/O;
 * memory is bounded, and what is given up first does not depend on anything but the records either.
 *
 * A point that is kept for later is the stage's own copy (writer/shape/held.h). It is handed on
 * from `advance`, in the order of its time there, and is counted as made only then. */
#ifndef WRITER_SHAPE_STAGE_H
#define WRITER_SHAPE_STAGE_H

#include "base/buf.h"
#include "writer/journal/journal.h"
#include "writer/shape/shaped.h"

/* Where a stage hands on. Texts are borrowed during the call. */
struct stage_next {
    void *context;
    void (*point)(void *context, struct shaped *shaped);
    /* Not stored, by a rule that `why` names: counted as merged. */
    void (*left_out)(void *context, const struct shaped *shaped, const char *why);
    void (*refuse)(void *context, const struct shaped *shaped, enum reject reason,
                   const char *words);
    /* A field of a point that goes on was not stored as it came: under another name, or not at all
     * (`refused`). Counted each time; `words` tell a person which and why, the first time for a
     * field, and are NULL from then on. */
    void (*field)(void *context, const struct shaped *shaped, bool refused, const char *words);
};

struct stage_fact {
    struct decode_fact fact;
    struct text topic;  /* of the message */
    struct text called; /* what the subject is called now, where that is another name */
    const struct source *source;
    int64_t arrival_ns;
    bool retained, late;
};

struct stage {
    const char *name;                             /* in the saved state */
    void *(*open)(const struct sources *sources); /* NULL when out of memory */
    void (*close)(void *state);                   /* NULL accepted */
    void (*take)(void *state, struct shaped *shaped, const struct stage_next *next);
    /* What a message says besides points, in the order of the journal; the stages behind see what
     * it was changed to. NULL for stages that do not care. */
    void (*learn)(void *state, struct stage_fact *fact, const struct stage_next *next);
    /* Before each record, with its arrival time, and for ticks: hands on what was kept until then.
     * NULL for stages that keep nothing. */
    void (*advance)(void *state, int64_t arrival_ns, const struct stage_next *next);
    void (*save)(const void *state, struct buf *out);
    /* From the whole of what `save` appended, into a state as `open` made it; false when it cannot
     * be read: the stage is then as new. */
    bool (*load)(void *state, struct text saved);
    /* A record of our own, such as what was learned from the server; NULL for stages that none
     * concerns. */
    void (*heard)(void *state, const struct journal_record *record);
};

#endif
