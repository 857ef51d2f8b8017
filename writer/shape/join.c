#include "writer/shape/join.h"

#include <stdlib.h>

#include "schemas/message_time.h"
#include "writer/decoders/homeassistant_statestream.h"
#include "writer/shape/held.h"
#include "writer/shape/pack.h"

#define PLACES (2 * JOIN_ENTITIES)

/* An entity with something that waits: a state for its time, or a time for its state. */
struct waiting {
    uint64_t entity; /* hash of its id; 0: an empty place */
    int64_t until_ns;
    int64_t told_ns; /* the time that came first */
    bool told;
    struct buf held;                 /* the state, packed; empty when there is none */
    struct waiting *earlier, *later; /* of the states that are held */
};

struct join {
    const struct sources *sources;
    struct waiting *places;       /* by entity, linear probing; an entity keeps its place */
    unsigned count;               /* of entities that have a place */
    struct waiting *first, *last; /* of the states that are held, in the order in which they came */
    int64_t last_told_ns;         /* arrival of the last time that was told; 0: none yet */
    struct point point;           /* of a held state that goes on */
};

bool join_finds_times(const struct source *source)
{
    return source && source->settings && source->decoder == &homeassistant_statestream_decoder &&
           homeassistant_statestream_tells_times(source->filter);
}

static void *join_open(const struct sources *sources)
{
    struct join *join = calloc(1, sizeof *join);
    if (!join)
        return NULL;
    join->sources = sources;
    join->places = calloc(PLACES, sizeof *join->places);
    if (join->places)
        return join;
    free(join);
    return NULL;
}

static void join_close(void *state)
{
    struct join *join = state;
    if (!join)
        return;
    for (unsigned i = 0; i < PLACES; i++)
        buf_free(&join->places[i].held);
    free(join->places);
    free(join);
}

/* NULL when there is no room for one more. */
static struct waiting *place_of(struct join *join, uint64_t entity)
{
    entity += entity == 0;
    unsigned at = (unsigned)(entity % PLACES);
    while (join->places[at].entity != 0 && join->places[at].entity != entity)
        at = (at + 1) % PLACES;
    struct waiting *place = &join->places[at];
    if (place->entity == 0) {
        if (join->count == JOIN_ENTITIES)
            return NULL;
        join->count++;
        place->entity = entity;
    }
    return place;
}

static uint64_t entity_of(const struct point *point)
{
    for (unsigned i = 0; i < point->tag_count; i++)
        if (text_equal(point->tags[i].key, TEXT("entity_id")))
            return shaped_field(1, point->tags[i].value);
    return 0;
}

static void hold(struct join *join, struct waiting *place)
{
    place->later = NULL;
    place->earlier = join->last;
    *(join->last ? &join->last->later : &join->first) = place;
    join->last = place;
}

static void hold_no_more(struct join *join, struct waiting *place)
{
    *(place->earlier ? &place->earlier->later : &join->first) = place->later;
    *(place->later ? &place->later->earlier : &join->last) = place->earlier;
}

/* Hands on what is held, with its time when one is known. */
static void let_go(struct join *join, struct waiting *place, bool timed, int64_t time_ns,
                   const struct stage_next *next)
{
    struct shaped shaped;
    struct text held = buf_view(&place->held);
    hold_no_more(join, place);
    bool good = held_take(&held, join->sources, &join->point, &shaped);
    if (good && timed) {
        shaped.point->time_ns = time_ns;
        shaped.own_time = true;
        shaped.needs_time = false;
    }
    if (good && shaped.needs_time)
        next->left_out(next->context, &shaped, "retained, and no time of its own came with it");
    else if (good)
        next->point(next->context, &shaped);
    buf_reset(&place->held);
}

static bool tells_times(const struct join *join, int64_t now_ns)
{
    return join->last_told_ns != 0 && now_ns - join->last_told_ns < JOIN_FORGET_NS;
}

static void join_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    struct join *join = state;
    bool waits = !shaped->own_time && join_finds_times(shaped->source) &&
                 (shaped->needs_time || tells_times(join, shaped->arrival_ns));
    struct waiting *place = waits ? place_of(join, entity_of(shaped->point)) : NULL;
    if (!place) {
        next->point(next->context, shaped);
        return;
    }
    if (place->held.len > 0)
        let_go(join, place, false, 0, next);
    if (shaped->retained && place->told && shaped->arrival_ns <= place->until_ns) {
        shaped->point->time_ns = place->told_ns;
        shaped->own_time = true;
        shaped->needs_time = place->told = false;
        next->point(next->context, shaped);
        return;
    }
    place->told = false;
    place->until_ns = shaped->arrival_ns + JOIN_WINDOW_NS;
    held_pack(shaped, &place->held);
    if (place->held.failed) {
        buf_reset(&place->held);
        next->point(next->context, shaped);
        return;
    }
    hold(join, place);
}

static void join_learn(void *state, struct stage_fact *fact, const struct stage_next *next)
{
    struct join *join = state;
    int64_t time_ns;
    if (!text_equal(fact->fact.name, TEXT("last_updated")) || !join_finds_times(fact->source) ||
        message_time_rfc3339(fact->fact.value, &time_ns, NULL) != ERR_OK)
        return;
    join->last_told_ns = fact->arrival_ns;
    struct waiting *place = place_of(join, shaped_field(1, fact->fact.subject));
    if (!place)
        return;
    if (place->held.len > 0) {
        let_go(join, place, true, time_ns, next);
    } else if (fact->retained) {
        place->told = true;
        place->told_ns = time_ns;
        place->until_ns = fact->arrival_ns + JOIN_WINDOW_NS;
    }
}

static void join_advance(void *state, int64_t arrival_ns, const struct stage_next *next)
{
    struct join *join = state;
    /* A clock that stepped back ends the wait too. */
    while (join->first && (arrival_ns > join->first->until_ns ||
                           arrival_ns < join->first->until_ns - 2 * JOIN_WINDOW_NS))
        let_go(join, join->first, false, 0, next);
}

static void save_place(const struct waiting *place, struct buf *out)
{
    pack_number(out, place->entity);
    pack_number(out, (uint64_t)place->until_ns);
    pack_number(out, (uint64_t)place->told_ns);
    pack_number(out, place->told);
    pack_text(out, buf_view(&place->held));
}

static void join_save(const void *state, struct buf *out)
{
    const struct join *join = state;
    pack_number(out, (uint64_t)join->last_told_ns);
    for (const struct waiting *place = join->first; place; place = place->later)
        save_place(place, out);
    for (unsigned i = 0; i < PLACES; i++)
        if (join->places[i].told && join->places[i].held.len == 0)
            save_place(&join->places[i], out);
}

static bool join_load(void *state, struct text saved)
{
    struct join *join = state;
    uint64_t last, entity, until, told_ns, told;
    struct text held;
    if (!pack_take_number(&saved, &last))
        return false;
    join->last_told_ns = (int64_t)last;
    while (saved.len > 0) {
        if (!pack_take_number(&saved, &entity) || !pack_take_number(&saved, &until) ||
            !pack_take_number(&saved, &told_ns) || !pack_take_number(&saved, &told) ||
            !pack_take_text(&saved, &held))
            return false;
        struct waiting *place = place_of(join, entity);
        if (!place || place->held.len > 0)
            return false;
        place->until_ns = (int64_t)until;
        place->told_ns = (int64_t)told_ns;
        place->told = told != 0;
        buf_text(&place->held, held);
        if (held.len > 0)
            hold(join, place);
    }
    return true;
}

const struct stage join_stage = {
    .name = "join",
    .open = join_open,
    .close = join_close,
    .take = join_take,
    .learn = join_learn,
    .advance = join_advance,
    .save = join_save,
    .load = join_load,
};
