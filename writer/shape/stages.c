#include "writer/shape/stages.h"

#include <stdlib.h>

#include "writer/shape/alias.h"
#include "writer/shape/cap.h"
#include "writer/shape/change.h"
#include "writer/shape/entities.h"
#include "writer/shape/gather.h"
#include "writer/shape/join.h"
#include "writer/shape/pack.h"
#include "writer/shape/step.h"
#include "writer/shape/times.h"
#include "writer/shape/types.h"

/* The order is the order of the walk: what knows the names of entities comes first, as all others
 * go by them; then what gathers and joins; then what tells whether a time can be; what counts
 * series before what remembers values, so that points of series that are refused push no others out
 * of memory; what compares before what casts; and what moves times apart last. */
static const struct stage *const table[] = {
    &alias_stage, &gather_stage, &join_stage,  &entities_stage, &times_stage,
    &cap_stage,   &change_stage, &types_stage, &step_stage,
};
enum { STAGES = sizeof table / sizeof table[0] };

/* One place in the stages, as the `next` of the stage before it. */
struct link {
    struct stages *stages;
    unsigned at; /* of the stage that takes what is handed on; STAGES: the end */
};

struct stages {
    const struct sources *sources;
    void *states[STAGES + 1];
    struct link links[STAGES + 1];
    const struct stage_next *end; /* during a call */
};

static void hand_on(void *context, struct shaped *shaped);

static void left_out(void *context, const struct shaped *shaped, const char *why)
{
    const struct stage_next *end = ((struct link *)context)->stages->end;
    end->left_out(end->context, shaped, why);
}

static void refuse(void *context, const struct shaped *shaped, enum reject reason,
                   const char *words)
{
    const struct stage_next *end = ((struct link *)context)->stages->end;
    end->refuse(end->context, shaped, reason, words);
}

static void field(void *context, const struct shaped *shaped, bool refused, const char *words)
{
    const struct stage_next *end = ((struct link *)context)->stages->end;
    end->field(end->context, shaped, refused, words);
}

static void hand_on(void *context, struct shaped *shaped)
{
    struct link *link = context;
    struct stages *stages = link->stages;
    if (link->at == STAGES) {
        stages->end->point(stages->end->context, shaped);
        return;
    }
    const struct stage_next next = {link + 1, hand_on, left_out, refuse, field};
    table[link->at]->take(stages->states[link->at], shaped, &next);
}

struct stages *stages_new(const struct sources *sources)
{
    struct stages *stages = calloc(1, sizeof *stages);
    if (!stages)
        return NULL;
    stages->sources = sources;
    for (unsigned i = 0; i <= STAGES; i++)
        stages->links[i] = (struct link){stages, i};
    for (unsigned i = 0; i < STAGES; i++) {
        stages->states[i] = table[i]->open(sources);
        if (!stages->states[i]) {
            stages_free(stages);
            return NULL;
        }
    }
    return stages;
}

void stages_free(struct stages *stages)
{
    if (!stages)
        return;
    for (unsigned i = 0; i < STAGES; i++)
        table[i]->close(stages->states[i]);
    free(stages);
}

void stages_take(struct stages *stages, struct shaped *shaped, const struct stage_next *end)
{
    stages->end = end;
    hand_on(&stages->links[0], shaped);
}

void stages_learn(struct stages *stages, struct stage_fact *fact, const struct stage_next *end)
{
    stages->end = end;
    for (unsigned i = 0; i < STAGES; i++) {
        const struct stage_next next = {&stages->links[i + 1], hand_on, left_out, refuse, field};
        if (table[i]->learn)
            table[i]->learn(stages->states[i], fact, &next);
    }
}

void stages_advance(struct stages *stages, int64_t arrival_ns, const struct stage_next *end)
{
    stages->end = end;
    for (unsigned i = 0; i < STAGES; i++) {
        const struct stage_next next = {&stages->links[i + 1], hand_on, left_out, refuse, field};
        if (table[i]->advance)
            table[i]->advance(stages->states[i], arrival_ns, &next);
    }
}

void stages_heard(struct stages *stages, const struct journal_record *record)
{
    for (unsigned i = 0; i < STAGES; i++)
        if (table[i]->heard)
            table[i]->heard(stages->states[i], record);
}

void *stages_state(const struct stages *stages, const struct stage *stage)
{
    for (unsigned i = 0; i < STAGES; i++)
        if (table[i] == stage)
            return stages->states[i];
    return NULL;
}

void stages_save(const struct stages *stages, struct buf *out)
{
    struct buf part = {0};
    pack_number(out, STAGES);
    for (unsigned i = 0; i < STAGES; i++) {
        buf_reset(&part);
        table[i]->save(stages->states[i], &part);
        pack_text(out, text_of(table[i]->name));
        pack_text(out, buf_view(&part));
        out->failed = out->failed || part.failed;
    }
    buf_free(&part);
}

static bool load_part(struct stages *stages, struct text name, struct text saved)
{
    for (unsigned i = 0; i < STAGES; i++) {
        if (!text_equal(name, text_of(table[i]->name)))
            continue;
        if (table[i]->load(stages->states[i], saved))
            return true;
        table[i]->close(stages->states[i]);
        stages->states[i] = table[i]->open(stages->sources);
        return stages->states[i] != NULL;
    }
    return true; /* a stage of another version */
}

bool stages_load(struct stages *stages, struct text *rest)
{
    uint64_t count;
    struct text name, saved;
    if (!pack_take_number(rest, &count) || count > 100)
        return false;
    for (; count > 0; count--)
        if (!pack_take_text(rest, &name) || !pack_take_text(rest, &saved) ||
            !load_part(stages, name, saved))
            return false;
    return true;
}
