/* Inside the fold: its memory, shared by fold.c and fold_state.c. Nobody else includes this. */
#ifndef WRITER_SHAPE_FOLD_PARTS_H
#define WRITER_SHAPE_FOLD_PARTS_H

#include "writer/shape/fold.h"
#include "writer/shape/service_rollup.h"
#include "writer/shape/stages.h"

struct fold {
    const struct sources *sources;
    struct decode_scratch scratch;
    struct stages *stages;
    struct rollup *rollup;
    struct service_rollup *services;
    unsigned *slots; /* rollup slot of each source */
    unsigned slot_of_none;
    struct fold_counts counts;
    struct buf line;
    /* For copies that overlapping subscriptions bring. */
    uint32_t last_crc;
    uint32_t last_subscription;
    bool last_kept;
};

#endif
