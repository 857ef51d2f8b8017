#include "writer/shape/entities.h"

#include <stdlib.h>

#include "writer/decoders/homeassistant_entity.h"
#include "writer/shape/pack.h"

#define PLACES (2 * ENTITIES_KNOWN)

static const struct {
    const char *fact, *field;
} fields[] = {
    {"unit_of_measurement", "unit"},
    {"device_class", "device_class"},
    {"friendly_name", "friendly_name"},
    {HOMEASSISTANT_FACT_CURRENT_ID, "current_id"},
};

struct known {
    uint64_t fact;  /* hash of entity and field; 0: an empty place */
    uint64_t value; /* hash of what it was last */
};

struct entities {
    const struct sources *sources;
    struct known *places; /* linear probing; 2 MiB that are touched as they are needed */
    unsigned count;
    struct point point;
};

static void *entities_open(const struct sources *sources)
{
    struct entities *entities = calloc(1, sizeof *entities);
    if (!entities)
        return NULL;
    entities->sources = sources;
    entities->places = calloc(PLACES, sizeof *entities->places);
    if (entities->places)
        return entities;
    free(entities);
    return NULL;
}

static void entities_close(void *state)
{
    struct entities *entities = state;
    if (!entities)
        return;
    free(entities->places);
    free(entities);
}

/* NULL when there is no room for one more. */
static struct known *place_of(struct entities *entities, uint64_t fact)
{
    fact += fact == 0;
    unsigned at = (unsigned)(fact % PLACES);
    while (entities->places[at].fact != 0 && entities->places[at].fact != fact)
        at = (at + 1) % PLACES;
    struct known *place = &entities->places[at];
    if (place->fact == 0) {
        if (entities->count == ENTITIES_KNOWN)
            return NULL;
        entities->count++;
        place->fact = fact;
    }
    return place;
}

static bool make_point(struct point *point, const struct decode_fact *fact, const char *field)
{
    const char *dot = memchr(fact->subject.at, '.', fact->subject.len);
    size_t domain = dot ? (size_t)(dot - fact->subject.at) : 0;
    point_clear(point);
    point->measurement = TEXT("entities");
    return domain > 0 &&
           point_tag(point, TEXT("domain"), (struct text){fact->subject.at, domain}) == ERR_OK &&
           point_tag(point, TEXT("entity_id"), fact->subject) == ERR_OK &&
           point_text(point, text_of(field), fact->value) == ERR_OK;
}

static void tell(struct entities *entities, const struct stage_fact *fact, const char *field,
                 const struct stage_next *next)
{
    struct known *known =
        place_of(entities, shaped_field(shaped_field(2, fact->fact.subject), text_of(field)));
    uint64_t value = shaped_field(3, fact->fact.value);
    if (!known || known->value == value || !make_point(&entities->point, &fact->fact, field))
        return;
    known->value = value;
    entities->point.time_ns = fact->arrival_ns;
    entities->point.timed = true;
    /* Not late, whatever way it came: that it is new is known here. */
    struct shaped shaped = {.point = &entities->point,
                            .source = fact->source,
                            .arrival_ns = fact->arrival_ns,
                            .uncapped = true,
                            .series = shaped_series(&entities->point)};
    next->point(next->context, &shaped);
}

/* Nobody tells of areas, so the configuration's is told with the entity's first point. */
static void tell_area(struct entities *entities, const struct shaped *shaped,
                      const struct stage_next *next)
{
    const struct point *point = shaped->point;
    for (unsigned i = 0; i < point->tag_count; i++) {
        const struct point_tag *tag = &point->tags[i];
        const char *area = text_equal(tag->key, TEXT("entity_id"))
                               ? sources_area(entities->sources, tag->value)
                               : NULL;
        if (!area)
            continue;
        const struct stage_fact fact = {.fact = {tag->value, TEXT("area"), text_of(area)},
                                        .source = shaped->source,
                                        .arrival_ns = shaped->arrival_ns};
        tell(entities, &fact, "area", next);
    }
}

static void entities_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    const struct source *source = shaped->source;
    if (source && source->settings && source->decoder->homeassistant &&
        source->settings->layout == SETTINGS_LAYOUT_HEARTHLINE && !shaped->needs_time)
        tell_area(state, shaped, next);
    next->point(next->context, shaped);
}

static void entities_learn(void *state, struct stage_fact *fact, const struct stage_next *next)
{
    struct stage_fact renamed = *fact;
    renamed.fact.name = TEXT(HOMEASSISTANT_FACT_CURRENT_ID);
    renamed.fact.value = fact->called;
    if (fact->called.len > 0)
        tell(state, &renamed, "current_id", next);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (text_equal(fact->fact.name, text_of(fields[i].fact)))
            tell(state, fact, fields[i].field, next);
}

static void entities_save(const void *state, struct buf *out)
{
    const struct entities *entities = state;
    for (unsigned i = 0; i < PLACES; i++)
        if (entities->places[i].fact != 0) {
            pack_number(out, entities->places[i].fact);
            pack_number(out, entities->places[i].value);
        }
}

static bool entities_load(void *state, struct text saved)
{
    uint64_t fact, value;
    while (saved.len > 0) {
        if (!pack_take_number(&saved, &fact) || !pack_take_number(&saved, &value))
            return false;
        struct known *known = place_of(state, fact);
        if (!known)
            return false;
        known->value = value;
    }
    return true;
}

const struct stage entities_stage = {
    .name = "entities",
    .open = entities_open,
    .close = entities_close,
    .take = entities_take,
    .learn = entities_learn,
    .save = entities_save,
    .load = entities_load,
};
