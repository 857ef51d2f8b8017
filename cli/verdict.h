/* What one message becomes, gathered from the fold for a person to read: its lines, and what was
 * rejected or ignored and why. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include "writer/shape/fold.h"

struct verdict {
    const char *topic_root;
    const struct settings *settings; /* borrowed; for the names of destinations, NULL for none */
    struct buf destinations;         /* for each line the number of its destination, a byte */
    struct buf lines;                /* line protocol, as the fold gives it */
    struct buf refused;              /* for each refusal "reason: words", then a NUL */
    struct buf ignored; /* for each reason why it, or a point, was left out by rule, then a NUL */
    struct buf fields;  /* for each field that is not stored as it came the words, then a NUL */
    struct buf notes;   /* of each the name of its row and the words, a NUL behind both */
    bool waits;         /* a rule kept it, when it was read */
};

/* Whose the verdicts are: `of` gives that of the message which arrived then, NULL when it does not
 * interest any more. */
struct verdicts {
    void *context;
    struct verdict *(*of)(void *context, int64_t arrival_ns);
    struct verdict *now; /* what comes next is of this one */
};

/* verdict_sink is the sink that fills them, be it with the message itself or, when a rule kept it,
 * with a later one; the rollups' lines, which belong to no message, are left out. */
struct fold_sink verdict_sink(struct verdicts *verdicts);

void verdict_free(struct verdict *verdict);

/* verdict_print writes it to standard output, a row each, with `indent` blanks before. */
void verdict_print(const struct verdict *verdict, int indent);

/* verdict_is_rollup tells whether a line is of a rollup's window, and is no point of a message. */
bool verdict_is_rollup(struct text line);

#endif
