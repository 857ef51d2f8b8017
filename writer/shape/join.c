#include "writer/shape/join.h"

#include <stdlib.h>

#include "schemas/message_time.h"
#include "writer/decoders/homeassistant_eventstream.h"
#include "writer/decoders/homeassistant_statestream.h"
#include "writer/shape/held.h"
#include "writer/shape/pack.h"

#define PLACES (2 * JOIN_ENTITIES)

/* Two queues, each in the order in which its places ran out of time: states that are held, and what
 * was noted for a state that may follow. */
enum queue { HELD, NOTED, QUEUES };

/* An entity of which something waits. */
struct waiting {
    uint64_t entity; /* hash of its id; 0: an empty place */
    struct {
        bool in;
        int64_t until_ns;
        struct waiting *earlier, *later;
    } queue[QUEUES];
    struct buf held;      /* a state, packed */
    uint64_t held_digest; /* what it says */
    bool for_event;       /* the eventstream may bring it too */
    bool found;           /* its time has come meanwhile */
    int64_t found_ns;
    bool told; /* a time that came first */
    int64_t told_ns, told_until_ns;
    uint64_t event; /* what the eventstream said last; 0: nothing */
    int64_t event_ns, event_until_ns;
};

struct join {
    const struct sources *sources;
    bool both;              /* streams are among the sources */
    struct waiting *places; /* by entity, linear probing; an entity keeps its place */
    unsigned count;         /* of entities that have a place */
    struct {
        struct waiting *first, *last;
    } queue[QUEUES];
    int64_t last_told_ns;  /* arrival of the last time that was told; 0: none yet */
    int64_t last_event_ns; /* arrival of the last state of the eventstream; 0: none yet */
    struct point point;    /* of a held state that goes on */
};

static bool is_of(const struct source *source, const struct decoder *decoder)
{
    return source && source->settings && source->decoder == decoder &&
           source->settings->layout == SETTINGS_LAYOUT_HEARTHLINE;
}

bool join_finds_times(const struct source *source)
{
    return is_of(source, &homeassistant_statestream_decoder) &&
           homeassistant_statestream_tells_times(source->filter);
}

static bool has_stream(const struct sources *sources, const struct decoder *decoder)
{
    for (size_t i = 0; i < sources_count(sources); i++)
        if (is_of(source_at(sources, i), decoder))
            return true;
    return false;
}

static void *join_open(const struct sources *sources)
{
    struct join *join = calloc(1, sizeof *join);
    if (!join)
        return NULL;
    join->sources = sources;
    join->both = has_stream(sources, &homeassistant_eventstream_decoder) &&
                 has_stream(sources, &homeassistant_statestream_decoder);
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

/* 0 for a point that is of no entity. */
static uint64_t entity_of(const struct point *point)
{
    for (unsigned i = 0; i < point->tag_count; i++)
        if (text_equal(point->tags[i].key, TEXT("entity_id")))
            return shaped_field(1, point->tags[i].value);
    return 0;
}

/* What a point says, whatever its time and tags; never 0. */
static uint64_t digest_of(const struct point *point)
{
    uint64_t digest = shaped_field(5, point->measurement);
    for (unsigned i = 0; i < point->field_count; i++)
        digest += shaped_field(shaped_value(&point->fields[i]), point->fields[i].key);
    return digest + (digest == 0);
}

static void leave(struct join *join, enum queue which, struct waiting *place)
{
    struct waiting *earlier = place->queue[which].earlier, *later = place->queue[which].later;
    if (!place->queue[which].in)
        return;
    *(earlier ? &earlier->queue[which].later : &join->queue[which].first) = later;
    *(later ? &later->queue[which].earlier : &join->queue[which].last) = earlier;
    place->queue[which].in = false;
}

/* Enters at the end, or moves there. */
static void enter(struct join *join, enum queue which, struct waiting *place, int64_t until_ns)
{
    leave(join, which, place);
    struct waiting *last = join->queue[which].last;
    place->queue[which].in = true;
    place->queue[which].until_ns = until_ns;
    place->queue[which].earlier = last;
    place->queue[which].later = NULL;
    *(last ? &last->queue[which].later : &join->queue[which].first) = place;
    join->queue[which].last = place;
}

/* Ends the wait of a held state: it goes on, at its time when that is known, or is left out because
 * of `why_not`. */
static void let_go(struct join *join, struct waiting *place, const char *why_not,
                   const struct stage_next *next)
{
    struct shaped shaped;
    struct text held = buf_view(&place->held);
    leave(join, HELD, place);
    bool good = held_take(&held, join->sources, &join->point, &shaped);
    if (good && place->found) {
        shaped.point->time_ns = place->found_ns;
        shaped.own_time = true;
        shaped.needs_time = false;
    }
    if (good && !why_not && shaped.needs_time)
        why_not = "retained, and no time of its own came with it";
    if (good && why_not)
        next->left_out(next->context, &shaped, why_not);
    else if (good)
        next->point(next->context, &shaped);
    buf_reset(&place->held);
}

static bool lives(int64_t last_ns, int64_t now_ns)
{
    return last_ns != 0 && now_ns - last_ns < JOIN_FORGET_NS;
}

static const char by_event[] = "the eventstream brings this state of the entity too";

static void note_event(struct join *join, const struct shaped *shaped,
                       const struct stage_next *next)
{
    uint64_t entity = entity_of(shaped->point);
    struct waiting *place = entity ? place_of(join, entity) : NULL;
    if (!place)
        return;
    join->last_event_ns = shaped->arrival_ns;
    place->event = digest_of(shaped->point);
    place->event_ns = shaped->point->time_ns;
    place->event_until_ns = shaped->arrival_ns + JOIN_WINDOW_NS;
    enter(join, NOTED, place, place->event_until_ns);
    if (place->queue[HELD].in && (place->held_digest == place->event ||
                                  (place->found && place->found_ns == place->event_ns)))
        let_go(join, place, by_event, next);
}

static bool event_is_known(const struct waiting *place, int64_t now_ns)
{
    return place->event != 0 && now_ns <= place->event_until_ns;
}

static void keep(struct join *join, struct waiting *place, struct shaped *shaped, bool for_event,
                 const struct stage_next *next)
{
    held_pack(shaped, &place->held);
    if (place->held.failed) {
        buf_reset(&place->held);
        next->point(next->context, shaped);
        return;
    }
    place->held_digest = digest_of(shaped->point);
    place->for_event = for_event;
    place->found = place->told = false;
    enter(join, HELD, place, shaped->arrival_ns + JOIN_WINDOW_NS);
}

static void join_state(struct join *join, struct shaped *shaped, const struct stage_next *next)
{
    int64_t now_ns = shaped->arrival_ns;
    bool for_time = !shaped->own_time && join_finds_times(shaped->source) &&
                    (shaped->needs_time || lives(join->last_told_ns, now_ns));
    bool for_event = join->both && !shaped->retained && lives(join->last_event_ns, now_ns);
    uint64_t entity = for_time || for_event ? entity_of(shaped->point) : 0;
    struct waiting *place = entity ? place_of(join, entity) : NULL;
    if (!place) {
        next->point(next->context, shaped);
        return;
    }
    if (place->queue[HELD].in)
        let_go(join, place, NULL, next);
    if (event_is_known(place, now_ns) && place->event == digest_of(shaped->point)) {
        next->left_out(next->context, shaped, by_event);
        return;
    }
    if (shaped->retained && place->told && now_ns <= place->told_until_ns) {
        shaped->point->time_ns = place->told_ns;
        shaped->own_time = true;
        shaped->needs_time = place->told = false;
        next->point(next->context, shaped);
        return;
    }
    keep(join, place, shaped, for_event, next);
}

static void join_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    struct join *join = state;
    if (is_of(shaped->source, &homeassistant_statestream_decoder)) {
        join_state(join, shaped, next);
        return;
    }
    if (join->both && is_of(shaped->source, &homeassistant_eventstream_decoder))
        note_event(join, shaped, next);
    next->point(next->context, shaped);
}

/* The time of a state that is held. One that the eventstream may bring waits on. */
static void find_time(struct join *join, struct waiting *place, const struct stage_fact *fact,
                      int64_t time_ns, const struct stage_next *next)
{
    place->found = true;
    place->found_ns = time_ns;
    if (event_is_known(place, fact->arrival_ns) && place->event_ns == time_ns)
        let_go(join, place, by_event, next);
    else if (!place->for_event)
        let_go(join, place, NULL, next);
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
    if (place->queue[HELD].in) {
        find_time(join, place, fact, time_ns, next);
    } else if (fact->retained) {
        place->told = true;
        place->told_ns = time_ns;
        place->told_until_ns = fact->arrival_ns + JOIN_WINDOW_NS;
        enter(join, NOTED, place, place->told_until_ns);
    }
}

/* The first of a queue when its time is over; a clock that stepped back ends it too. */
static struct waiting *ended(const struct join *join, enum queue which, int64_t now_ns)
{
    struct waiting *first = join->queue[which].first;
    if (first && now_ns <= first->queue[which].until_ns &&
        now_ns >= first->queue[which].until_ns - 2 * JOIN_WINDOW_NS)
        return NULL;
    return first;
}

static void join_advance(void *state, int64_t arrival_ns, const struct stage_next *next)
{
    struct join *join = state;
    struct waiting *place;
    while ((place = ended(join, HELD, arrival_ns)))
        let_go(join, place, NULL, next);
    while ((place = ended(join, NOTED, arrival_ns))) {
        leave(join, NOTED, place);
        place->told = false;
        place->event = 0;
    }
}

/* --- saved --------------------------------------------------------------------------- */

/* The numbers of a place, in the order in which they are saved: X(type, member). */
#define PLACE_NUMBERS(X)                                                                           \
    X(int64_t, queue[HELD].until_ns)                                                               \
    X(int64_t, queue[NOTED].until_ns)                                                              \
    X(uint64_t, held_digest)                                                                       \
    X(bool, for_event)                                                                             \
    X(bool, found)                                                                                 \
    X(int64_t, found_ns)                                                                           \
    X(bool, told)                                                                                  \
    X(int64_t, told_ns)                                                                            \
    X(int64_t, told_until_ns)                                                                      \
    X(uint64_t, event)                                                                             \
    X(int64_t, event_ns)                                                                           \
    X(int64_t, event_until_ns)

/* A place that is in both queues is there twice, the same. */
static void join_save(const void *state, struct buf *out)
{
    const struct join *join = state;
    pack_number(out, (uint64_t)join->last_told_ns);
    pack_number(out, (uint64_t)join->last_event_ns);
    for (unsigned which = 0; which < QUEUES; which++)
        for (const struct waiting *place = join->queue[which].first; place;
             place = place->queue[which].later) {
            pack_number(out, which);
            pack_number(out, place->entity);
#define X(type, member) pack_number(out, (uint64_t)place->member);
            PLACE_NUMBERS(X)
#undef X
            pack_text(out, buf_view(&place->held));
        }
}

static bool load_place(struct join *join, struct text *saved)
{
    uint64_t which, entity, number;
    struct text held;
    if (!pack_take_number(saved, &which) || which >= QUEUES || !pack_take_number(saved, &entity))
        return false;
    struct waiting *place = place_of(join, entity);
    if (!place || place->queue[which].in)
        return false;
#define X(type, member)                                                                            \
    if (!pack_take_number(saved, &number))                                                         \
        return false;                                                                              \
    place->member = (type)number;
    PLACE_NUMBERS(X)
#undef X
    if (!pack_take_text(saved, &held))
        return false;
    buf_reset(&place->held);
    buf_text(&place->held, held);
    enter(join, (enum queue)which, place, place->queue[which].until_ns);
    return !place->held.failed;
}

static bool join_load(void *state, struct text saved)
{
    struct join *join = state;
    uint64_t told, event;
    if (!pack_take_number(&saved, &told) || !pack_take_number(&saved, &event))
        return false;
    join->last_told_ns = (int64_t)told;
    join->last_event_ns = (int64_t)event;
    while (saved.len > 0)
        if (!load_place(join, &saved))
            return false;
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
