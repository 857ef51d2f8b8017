/* Writes records to InfluxDB again: each goes through the current mapping, and its lines through
 * the same batches, waits and halvings as the writer's own. What is not a point of a message (the
 * rollups) is left out. A record becomes the same lines as in the writer, so that with an unchanged
 * mapping nothing changes in InfluxDB. */
#ifndef CLI_REFOLD_H
#define CLI_REFOLD_H

#include "cli/options.h"
#include "writer/shape/fold.h"

struct refold;

struct refold_options {
    const char *command;             /* for what is said meanwhile */
    const struct settings *settings; /* borrowed */
    const struct sources *sources;   /* borrowed */
    bool dry_run;                    /* lines go to standard output, and no server is asked */
    /* Whether a message is written, by its source and arrival; NULL: all that refold_write gets. */
    bool (*wants)(void *context, const struct source *source, int64_t arrival_ns);
    void *context;
};

/* refold_open makes the connection. ERR_TIMEOUT: InfluxDB has not taken it within 10 s, the words
 * say what it answered. */
enum err refold_open(const struct refold_options *options, struct refold **ret_refold,
                     struct err_reason *why) ERR_MUST_CHECK;
void refold_close(struct refold *refold); /* NULL accepted */

/* refold_seen shows a record to the fold without writing it: one that came before those. */
void refold_seen(struct refold *refold, const struct journal_record *record);

/* refold_write writes a record's lines, and those of earlier records that a rule kept until this
 * one came, as far as they are wanted; they may wait for a full batch. ERR_TIMEOUT: InfluxDB has
 * taken nothing for 30 s; what was written before is stored, and doing it all again does no harm.
 */
enum err refold_write(struct refold *refold, const struct journal_record *record,
                      struct err_reason *why) ERR_MUST_CHECK;

/* refold_release writes what a rule still keeps: no record comes any more that could have ended it.
 */
void refold_release(struct refold *refold);

/* refold_finish writes what waits. Errors as refold_write. */
enum err refold_finish(struct refold *refold, struct err_reason *why) ERR_MUST_CHECK;

/* What became of the records that were written. */
struct refold_figures {
    uint64_t messages;
    uint64_t ignored;                /* messages, by rule */
    uint64_t rejected[REJECT_COUNT]; /* messages, elements and lines, by reason */
    uint64_t rejected_messages;      /* with at least one such */
    uint64_t lines;                  /* made, and printed with dry_run */
    uint64_t stored;                 /* lines that InfluxDB has taken */
};
const struct refold_figures *refold_figures(const struct refold *refold);

/* refold_print writes them in words, to standard error with dry_run, else to standard output. */
void refold_print(const struct refold *refold);

/* The row of the commands that write again; `type` has it as its member `dry_run`. */
#define REFOLD_DRY_RUN_ROW(type)                                                                   \
    {                                                                                              \
        .name = "dry-run", .kind = OPTIONS_FLAG, .offset = offsetof(type, dry_run),                \
        .help = "print the lines instead of writing them; no server is asked"                      \
    }

#endif
