#include "writer/shape/step.h"

#include <stdlib.h>

#include "influx/line.h"
#include "writer/shape/pack.h"

struct told {
    uint64_t field; /* shaped_field; 0: empty */
    int64_t said_ns, stored_ns;
    uint64_t value;
};

struct step {
    struct told fields[STEP_FIELDS];
    struct told now[POINT_MAX_FIELDS]; /* of the point at hand */
};

static void *step_open(const struct sources *sources)
{
    (void)sources;
    return calloc(1, sizeof(struct step));
}

static void step_close(void *state)
{
    free(state);
}

static struct told *place_of(struct step *step, uint64_t field)
{
    return &step->fields[field % STEP_FIELDS];
}

/* Gives the time at which no field meets another value of its own; ret_now is what is told of the
 * fields then, each hashed once. */
static int64_t free_time(struct step *step, const struct shaped *shaped, struct told *ret_now)
{
    const struct point *point = shaped->point;
    int64_t time_ns = point->time_ns;
    for (unsigned i = 0; i < point->field_count; i++) {
        uint64_t field = shaped_field(shaped->series, point->fields[i].key);
        uint64_t value = shaped_value(&point->fields[i]);
        const struct told *told = place_of(step, field);
        ret_now[i] = (struct told){.field = field, .said_ns = point->time_ns, .value = value};
        if (told->field != field || told->said_ns != point->time_ns)
            continue;
        int64_t free_ns = told->stored_ns + (told->value != value);
        time_ns = free_ns > time_ns ? free_ns : time_ns;
    }
    return time_ns < LINE_TIME_MAX_NS ? time_ns : point->time_ns;
}

static void step_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    struct step *step = state;
    struct point *point = shaped->point;
    if (shaped->own_time) {
        point->time_ns = free_time(step, shaped, step->now);
        for (unsigned i = 0; i < point->field_count; i++) {
            step->now[i].stored_ns = point->time_ns;
            *place_of(step, step->now[i].field) = step->now[i];
        }
    }
    next->point(next->context, shaped);
}

static void step_save(const void *state, struct buf *out)
{
    const struct step *step = state;
    for (unsigned i = 0; i < STEP_FIELDS; i++) {
        const struct told *told = &step->fields[i];
        if (told->field == 0)
            continue;
        pack_number(out, told->field);
        pack_number(out, (uint64_t)told->said_ns);
        pack_number(out, (uint64_t)told->stored_ns);
        pack_number(out, told->value);
    }
}

static bool step_load(void *state, struct text saved)
{
    uint64_t field, said, stored, value;
    while (saved.len > 0) {
        if (!pack_take_number(&saved, &field) || !pack_take_number(&saved, &said) ||
            !pack_take_number(&saved, &stored) || !pack_take_number(&saved, &value))
            return false;
        *place_of(state, field) = (struct told){field, (int64_t)said, (int64_t)stored, value};
    }
    return true;
}

const struct stage step_stage = {
    .name = "step",
    .open = step_open,
    .close = step_close,
    .take = step_take,
    .save = step_save,
    .load = step_load,
};
