#include "writer/shape/gather.h"

#include <stdlib.h>

#include "schemas/message_time.h"
#include "writer/decoders/homeassistant_eventstream.h"
#include "writer/decoders/homeassistant_statestream.h"
#include "writer/shape/pack.h"
#include "writer/shape/recent.h"

/* The texts of a change; empty ones have not come yet. */
enum part { TOPIC, ENTITY, STATE, UPDATED, ATTRIBUTES, PARTS };

struct change {
    const struct source *source;
    int64_t arrival_ns; /* of the state; of the first message before there is one */
    int64_t until_ns;
    bool retained, late;    /* how the state came */
    struct buf part[PARTS]; /* ATTRIBUTES: name and JSON, packed in turn */
};

struct gather {
    const struct sources *sources;
    struct recent *changes; /* of struct change *, the one that began first is the oldest */
    struct decode_scratch scratch;
    struct buf message;
};

static void change_free(struct change *change)
{
    for (unsigned i = 0; i < PARTS; i++)
        buf_free(&change->part[i]);
    free(change);
}

static void gather_close(void *state)
{
    struct gather *gather = state;
    uint64_t key;
    if (!gather)
        return;
    for (struct change **at = gather->changes ? recent_oldest(gather->changes, &key) : NULL; at;
         at = recent_newer(gather->changes, at, &key))
        change_free(*at);
    recent_free(gather->changes);
    decode_scratch_close(&gather->scratch);
    buf_free(&gather->message);
    free(gather);
}

static void *gather_open(const struct sources *sources)
{
    struct gather *gather = calloc(1, sizeof *gather);
    if (!gather)
        return NULL;
    gather->sources = sources;
    gather->changes = recent_new(GATHER_ENTITIES, sizeof(struct change *));
    if (gather->changes && decode_scratch_open(&gather->scratch) == ERR_OK)
        return gather;
    gather_close(gather);
    return NULL;
}

/* --- a change becomes a point ---------------------------------------------------------- */

static void put_member(struct buf *out, const char *before, const char *name, struct text value)
{
    buf_printf(out, "%s\"%s\":", before, name);
    buf_json_text(out, value);
}

/* As mqtt_eventstream would have said it. */
static void write_message(const struct change *change, struct buf *out)
{
    struct text attributes = buf_view(&change->part[ATTRIBUTES]), name, value;
    const char *before = "";
    buf_reset(out);
    buf_string(out, "{\"event_type\":\"state_changed\",\"event_data\":{\"new_state\":{");
    put_member(out, "", "entity_id", buf_view(&change->part[ENTITY]));
    put_member(out, ",", "state", buf_view(&change->part[STATE]));
    if (change->part[UPDATED].len > 0)
        put_member(out, ",", "last_updated", buf_view(&change->part[UPDATED]));
    buf_string(out, ",\"attributes\":{");
    while (pack_take_text(&attributes, &name) && pack_take_text(&attributes, &value)) {
        buf_string(out, before);
        buf_json_text(out, name);
        buf_char(out, ':');
        buf_text(out, value);
        before = ",";
    }
    buf_string(out, "}}}}");
}

struct passage {
    struct gather *gather;
    const struct change *change;
    const struct stage_next *next;
};

static struct shaped shaped_of(const struct change *change, struct point *point)
{
    enum settings_rule rule = source_rule(change->source, change->retained, change->late);
    struct shaped shaped = {.point = point,
                            .source = change->source,
                            .arrival_ns = change->arrival_ns,
                            .own_time = point->timed,
                            .needs_time = !point->timed && !source_rule_takes_arrival(rule),
                            .retained = change->retained,
                            .late = change->late,
                            .series = shaped_series(point)};
    if (!point->timed)
        point->time_ns = change->arrival_ns;
    point->timed = true;
    return shaped;
}

static void take_point(void *context, const struct point *point, unsigned place)
{
    const struct passage *p = context;
    struct point *own = &p->gather->scratch.point;
    (void)place;
    if (point != own)
        *own = *point;
    struct shaped shaped = shaped_of(p->change, own);
    if (shaped.needs_time)
        p->next->left_out(p->next->context, &shaped,
                          "not live, and no time of its own came with it");
    else
        p->next->point(p->next->context, &shaped);
}

static void make_point(struct gather *gather, const struct change *change,
                       const struct stage_next *next)
{
    struct passage passage = {gather, change, next};
    const struct decode_sink sink = {.context = &passage, .point = take_point};
    enum reject reason = REJECT_NONE;
    struct err_reason why = {""};
    write_message(change, &gather->message);
    const struct source_message message = {buf_view(&change->part[TOPIC]),
                                           buf_view(&gather->message), TEXT("application/json"),
                                           change->arrival_ns};
    if (sources_decode_by(gather->sources, change->source, &homeassistant_eventstream_decoder,
                          &message, &gather->scratch, &sink, &reason, &why) != DECODE_REJECTED)
        return;
    point_clear(&gather->scratch.point);
    struct shaped shaped = shaped_of(change, &gather->scratch.point);
    next->refuse(next->context, &shaped, reason, why.text);
}

static void end_change(struct gather *gather, struct change *change, uint64_t key,
                       const struct stage_next *next)
{
    recent_remove(gather->changes, key);
    if (change->part[STATE].len > 0 && change->source)
        make_point(gather, change, next);
    change_free(change);
}

/* --- what comes -------------------------------------------------------------------------- */

static uint64_t key_of(const struct source *source, struct text entity)
{
    return shaped_field(shaped_field(6, text_of(source->filter)), entity);
}

/* NULL when memory is out. */
static struct change *begin(struct gather *gather, uint64_t key, const struct stage_fact *fact,
                            const struct stage_next *next)
{
    uint64_t oldest_key;
    if (recent_count(gather->changes) == GATHER_ENTITIES) {
        struct change **oldest = recent_oldest(gather->changes, &oldest_key);
        end_change(gather, *oldest, oldest_key, next);
    }
    struct change *change = calloc(1, sizeof *change);
    if (!change)
        return NULL;
    change->source = fact->source;
    change->arrival_ns = fact->arrival_ns;
    change->until_ns = fact->arrival_ns + GATHER_WINDOW_NS;
    buf_text(&change->part[ENTITY], fact->fact.subject);
    *(struct change **)recent_touch(gather->changes, key) = change;
    return change;
}

static void take_state(struct change *change, const struct stage_fact *fact)
{
    change->arrival_ns = fact->arrival_ns;
    change->retained = fact->retained;
    change->late = fact->late;
    buf_text(&change->part[STATE], fact->fact.value);
    buf_text(&change->part[TOPIC], fact->topic);
    if (!fact->retained) { /* live, a state comes first: what was there is of the one before it */
        buf_reset(&change->part[ATTRIBUTES]);
        buf_reset(&change->part[UPDATED]);
    }
}

static void remove_attribute(struct buf *attributes, struct text wanted)
{
    struct text rest = buf_view(attributes), name, value;
    while (rest.len > 0) {
        size_t at = (size_t)(rest.at - attributes->data);
        if (!pack_take_text(&rest, &name) || !pack_take_text(&rest, &value))
            return;
        if (!text_equal(name, wanted))
            continue;
        memmove(attributes->data + at, rest.at, rest.len);
        attributes->len = at + rest.len;
        return;
    }
}

static void take_attribute(struct gather *gather, struct change *change,
                           const struct decode_fact *fact)
{
    struct buf *attributes = &change->part[ATTRIBUTES];
    struct value value;
    if (fact->name.len > DECODE_NAME_MAX_BYTES || !text_utf8_valid(fact->name) ||
        !text_utf8_valid(fact->value) ||
        value_parse(gather->scratch.document, VALUE_JSON, fact->value, &value, NULL) != ERR_OK)
        return;
    remove_attribute(attributes, fact->name);
    if (attributes->len + fact->name.len + fact->value.len > GATHER_BYTES)
        return;
    pack_text(attributes, fact->name);
    pack_text(attributes, fact->value);
}

static void take(struct gather *gather, struct change *change, const struct stage_fact *fact)
{
    const struct decode_fact *said = &fact->fact;
    int64_t time_ns;
    if (text_equal(said->name, TEXT("state"))) {
        take_state(change, fact);
    } else if (text_equal(said->name, TEXT("last_updated"))) {
        buf_reset(&change->part[UPDATED]);
        if (message_time_rfc3339(said->value, &time_ns, NULL) == ERR_OK)
            buf_text(&change->part[UPDATED], said->value);
    } else if (!text_equal(said->name, TEXT("last_changed"))) {
        take_attribute(gather, change, said);
    }
}

static void gather_learn(void *state, struct stage_fact *fact, const struct stage_next *next)
{
    struct gather *gather = state;
    const struct source *source = fact->source;
    if (!source || source->decoder != &homeassistant_statestream_decoder || !source->prepared)
        return;
    uint64_t key = key_of(source, fact->fact.subject);
    struct change **known = recent_find(gather->changes, key);
    struct change *change = known ? *known : NULL;
    if (change && change->part[STATE].len > 0 && text_equal(fact->fact.name, TEXT("state"))) {
        end_change(gather, change, key, next);
        change = NULL;
    }
    if (!change)
        change = begin(gather, key, fact, next);
    if (change)
        take(gather, change, fact);
    fact->fact.name = TEXT(""); /* of no use to the stages behind */
}

static void gather_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    (void)state;
    next->point(next->context, shaped);
}

static void gather_advance(void *state, int64_t arrival_ns, const struct stage_next *next)
{
    struct gather *gather = state;
    struct change **oldest;
    uint64_t key;
    /* A clock that stepped back ends the wait too. */
    while ((oldest = recent_oldest(gather->changes, &key)) &&
           (arrival_ns > (*oldest)->until_ns ||
            arrival_ns < (*oldest)->until_ns - 2 * GATHER_WINDOW_NS))
        end_change(gather, *oldest, key, next);
}

/* --- saved ----------------------------------------------------------------------------------- */

static void gather_save(const void *state, struct buf *out)
{
    const struct gather *gather = state;
    uint64_t key;
    for (struct change **at = recent_oldest(gather->changes, &key); at;
         at = recent_newer(gather->changes, at, &key)) {
        const struct change *change = *at;
        pack_number(out, key);
        pack_text(out, text_of(change->source ? change->source->filter : ""));
        pack_number(out, (uint64_t)change->arrival_ns);
        pack_number(out, (uint64_t)change->until_ns);
        pack_number(out, change->retained);
        pack_number(out, change->late);
        for (unsigned i = 0; i < PARTS; i++)
            pack_text(out, buf_view(&change->part[i]));
    }
}

static bool load_change(struct gather *gather, struct change *change, struct text *saved)
{
    uint64_t key, arrival, until, retained, late;
    struct text filter, part;
    if (!pack_take_number(saved, &key) || !pack_take_text(saved, &filter) ||
        !pack_take_number(saved, &arrival) || !pack_take_number(saved, &until) ||
        !pack_take_number(saved, &retained) || !pack_take_number(saved, &late))
        return false;
    change->source = sources_of_filter(gather->sources, filter);
    change->arrival_ns = (int64_t)arrival;
    change->until_ns = (int64_t)until;
    change->retained = retained != 0;
    change->late = late != 0;
    for (unsigned i = 0; i < PARTS; i++) {
        if (!pack_take_text(saved, &part))
            return false;
        buf_text(&change->part[i], part);
        if (change->part[i].failed)
            return false;
    }
    if (recent_count(gather->changes) == GATHER_ENTITIES || recent_find(gather->changes, key))
        return false;
    *(struct change **)recent_touch(gather->changes, key) = change;
    return true;
}

static bool gather_load(void *state, struct text saved)
{
    while (saved.len > 0) {
        struct change *change = calloc(1, sizeof *change);
        if (!change)
            return false;
        if (!load_change(state, change, &saved)) {
            change_free(change);
            return false;
        }
    }
    return true;
}

const struct stage gather_stage = {
    .name = "gather",
    .open = gather_open,
    .close = gather_close,
    .take = gather_take,
    .learn = gather_learn,
    .advance = gather_advance,
    .save = gather_save,
    .load = gather_load,
};
