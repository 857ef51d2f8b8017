/* Counts what came in, by source and window of arrival: `ingest_rollup` (10 s) and
 * `ingest_rollup_5m`.
 *
 * A fold: its state depends on nothing but the records it was shown, in their order, so that after
 * a crash the same windows come out with the same figures. A window is written once, when a later
 * record or tick closes it; its time is its start. When the clock stepped back a window's time may
 * come a second time: each step back moves the times of later windows by one nanosecond, so that
 * nothing is overwritten. */
#ifndef WRITER_SHAPE_ROLLUP_H
#define WRITER_SHAPE_ROLLUP_H

#include "base/buf.h"
#include "influx/point.h"

#define ROLLUP_SOURCES 64 /* sources beyond share the last slot, "other" */

struct rollup;

struct rollup_sink {
    void *context;
    void (*point)(void *context, const struct point *point);
};

struct rollup_figures {
    uint64_t events;   /* messages */
    uint64_t points;   /* made of them */
    uint64_t rejected; /* messages and elements that the decoder refused */
    uint64_t bytes;    /* payload */
};

struct rollup *rollup_new(void); /* NULL when out of memory */
void rollup_free(struct rollup *rollup);

/* rollup_slot gives the number under which a source is counted, making it when it is new. */
unsigned rollup_slot(struct rollup *rollup, struct text source);

/* rollup_advance closes the windows that end at or before `arrival_ns`, or begin after it (a step
 * back). Call it for every record, before rollup_count. */
void rollup_advance(struct rollup *rollup, int64_t arrival_ns, const struct rollup_sink *sink);
void rollup_count(struct rollup *rollup, unsigned slot, struct rollup_figures figures);

/* rollup_save appends the state; rollup_load takes it from the front of `rest`, false when it
 * cannot be read. */
void rollup_save(const struct rollup *rollup, struct buf *out);
bool rollup_load(struct rollup *rollup, struct text *rest);

#endif
