/* The stages that a decoded point walks through, in the order of the table in stages.c. */
#ifndef WRITER_SHAPE_STAGES_H
#define WRITER_SHAPE_STAGES_H

#include "writer/shape/stage.h"

struct stages;

struct stages *stages_new(const struct sources *sources); /* NULL when out of memory */
void stages_free(struct stages *stages);                  /* NULL accepted */

/* stages_take sends a point through all stages; what comes out goes to `end`. stages_learn shows
 * them a fact, which they may change; stages_advance lets them hand on what they kept. */
void stages_take(struct stages *stages, struct shaped *shaped, const struct stage_next *end);
void stages_learn(struct stages *stages, struct stage_fact *fact, const struct stage_next *end);
void stages_advance(struct stages *stages, int64_t arrival_ns, const struct stage_next *end);

/* stages_heard shows a record of our own to those whom it concerns. */
void stages_heard(struct stages *stages, const struct journal_record *record);

/* stages_state is the state of one stage of the table, for questions of its own. */
void *stages_state(const struct stages *stages, const struct stage *stage);

/* stages_save appends the state of each stage under its name. stages_load takes it from the front
 * of `rest`: a stage that is not in it, or cannot read its part, begins anew; false when the whole
 * cannot be read. */
void stages_save(const struct stages *stages, struct buf *out);
bool stages_load(struct stages *stages, struct text *rest);

#endif
