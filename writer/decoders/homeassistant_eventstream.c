#include "writer/decoders/homeassistant_eventstream.h"

#include "schemas/message_time.h"
#include "writer/decoders/event.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/homeassistant_entity.h"
#include "writer/decoders/homeassistant_layout.h"
#include "writer/decoders/own.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

/* Reads the first of the named members that is there (a NULL ends the names) as the point's time.
 */
static enum reject first_time(struct value map, const char *const *names, struct point *point,
                              struct err_reason *why)
{
    for (; *names; names++) {
        struct text time;
        enum reject reason = own_text(map, *names, &time, why);
        if (reason != REJECT_NONE)
            return REJECT_BAD_TIME;
        if (time.len == 0)
            continue;
        if (message_time_rfc3339(time, &point->time_ns, why) != ERR_OK)
            return REJECT_BAD_TIME;
        point->timed = true;
        return REJECT_NONE;
    }
    return REJECT_NONE;
}

/* Reads a member that must be a map. */
static enum reject need_map(struct value map, const char *key, struct value *ret_map,
                            struct err_reason *why)
{
    if (!value_get(map, text_of(key), ret_map))
        return refuse(why, REJECT_WRONG_SHAPE, "there is no \"%s\"; an object was due", key);
    if (value_kind(*ret_map) != VALUE_MAP)
        return refuse(why, REJECT_WRONG_SHAPE, "\"%s\" is %s; an object was due", key,
                      value_kind_name(value_kind(*ret_map)));
    return REJECT_NONE;
}

static enum reject need_text(struct value map, const char *key, struct text *ret_text,
                             struct err_reason *why)
{
    struct value v;
    if (!value_get(map, text_of(key), &v))
        return refuse(why, REJECT_WRONG_SHAPE, "there is no \"%s\"; text was due", key);
    if (value_kind(v) != VALUE_TEXT)
        return refuse(why, REJECT_WRONG_SHAPE, "\"%s\" is %s; text was due", key,
                      value_kind_name(value_kind(v)));
    *ret_text = value_text(v);
    return REJECT_NONE;
}

/* The integration's time_fired is the time at which the state was updated. */
static enum reject make_layout(const struct decode_input *input, struct decode_scratch *scratch,
                               struct value state, struct text entity_id, struct text text,
                               bool *ret_left_out, struct err_reason *why)
{
    struct value attributes = {NULL};
    value_get(state, TEXT("attributes"), &attributes);
    enum reject reason =
        homeassistant_layout_point(input, entity_id, text, attributes, scratch, why);
    *ret_left_out = reason == REJECT_NONE && scratch->point.field_count == 0;
    return reason;
}

/* *ret_left_out: `why` says by which rule. */
static enum reject make_state(const struct decode_input *input, struct decode_scratch *scratch,
                              struct value data, bool *ret_left_out, struct err_reason *why)
{
    static const char *const times[] = {"last_updated", "last_changed", "last_reported", NULL};
    struct value state;
    struct text entity_id, text, domain, object;
    if (value_get(data, TEXT("new_state"), &state) && value_kind(state) == VALUE_NULL) {
        *ret_left_out = true;
        return refuse(why, REJECT_NONE, "the entity was removed: new_state is null");
    }
    enum reject reason = need_map(data, "new_state", &state, why);
    if (reason == REJECT_NONE)
        reason = need_text(state, "state", &text, why);
    if (reason == REJECT_NONE)
        reason = need_text(state, "entity_id", &entity_id, why);
    if (reason == REJECT_NONE && text.len == 0) {
        *ret_left_out = true;
        return refuse(why, REJECT_NONE, "the state is empty");
    }
    if (reason == REJECT_NONE)
        reason = homeassistant_entity_split(entity_id, &domain, &object, why);
    if (reason == REJECT_NONE && homeassistant_entity_is_own(input, object, why)) {
        *ret_left_out = true;
        return REJECT_NONE;
    }
    if (reason == REJECT_NONE)
        reason = first_time(state, times, &scratch->point, why);
    if (reason == REJECT_NONE && input->prepared)
        return make_layout(input, scratch, state, entity_id, text, ret_left_out, why);
    return reason == REJECT_NONE ? homeassistant_entity(input, entity_id, text, scratch, why)
                                 : reason;
}

/* What the attributes tell of what the entity is. */
static void tell_facts(struct value data, const struct decode_sink *sink)
{
    struct value state, attributes, value;
    struct text key, entity_id;
    if (!sink->fact || !value_get(data, TEXT("new_state"), &state) ||
        need_text(state, "entity_id", &entity_id, NULL) != REJECT_NONE ||
        !value_get(state, TEXT("attributes"), &attributes))
        return;
    struct value_walk walk = value_walk(attributes);
    while (value_next(&walk, &key, &value)) {
        struct text text = value_text(value);
        if (value_kind(value) == VALUE_TEXT && text.len > 0 && text.len <= DECODE_NAME_MAX_BYTES &&
            homeassistant_entity_fact(key))
            sink->fact(sink->context, &(struct decode_fact){entity_id, key, text});
    }
}

/* The text of a member, empty where it is none. */
static struct text member_text(struct value map, const char *key)
{
    struct text text;
    return need_text(map, key, &text, NULL) == REJECT_NONE ? text : (struct text){NULL, 0};
}

static bool is_entity(struct text id, struct text *ret_domain)
{
    struct text object;
    return id.len <= DECODE_NAME_MAX_BYTES &&
           homeassistant_entity_split(id, ret_domain, &object, NULL) == REJECT_NONE;
}

/* What entity_registry_updated tells of names. An entity keeps its domain for life. */
static void tell_registry(struct value data, const struct decode_sink *sink)
{
    struct text action = member_text(data, "action"), id = member_text(data, "entity_id"),
                old = member_text(data, "old_entity_id"), domain, old_domain;
    struct decode_fact fact = {id, {NULL, 0}, id};
    if (!sink->fact || !is_entity(id, &domain))
        return;
    if (text_equal(action, TEXT("update")) && is_entity(old, &old_domain) &&
        text_equal(domain, old_domain))
        fact = (struct decode_fact){old, TEXT(HOMEASSISTANT_FACT_RENAMED), id};
    else if (text_equal(action, TEXT("create")))
        fact.name = TEXT(HOMEASSISTANT_FACT_CREATED);
    else if (text_equal(action, TEXT("remove")))
        fact.name = TEXT(HOMEASSISTANT_FACT_REMOVED);
    if (fact.name.len > 0)
        sink->fact(sink->context, &fact);
}

static enum reject make_event(const struct decode_input *input, struct decode_scratch *scratch,
                              struct value root, struct value data, struct text type,
                              struct err_reason *why)
{
    static const char *const times[] = {"time_fired", NULL};
    static const struct flatten how = {.texts = true};
    struct point *point = &scratch->point;
    enum reject reason = finish_tag(point, TEXT("source"), TEXT("homeassistant"), why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("kind"), type, why);
    if (reason == REJECT_NONE)
        reason = first_time(root, times, point, why);
    if (reason == REJECT_NONE)
        reason = flatten_map(data, &how, scratch, why);
    if (reason == REJECT_NONE && event_count(point) != ERR_OK)
        reason = refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return reason == REJECT_NONE ? finish_point(input, EVENT_MEASUREMENT, point, why) : reason;
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    struct value root, data;
    struct text type;
    bool left_out = false;
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    enum reject reason = payload_parse(input, scratch, &root, why);
    if (reason == REJECT_NONE)
        reason = need_text(root, "event_type", &type, why);
    if (reason == REJECT_NONE)
        reason = refuse_name("the event's type", type, why);
    if (reason == REJECT_NONE)
        reason = need_map(root, "event_data", &data, why);
    if (reason == REJECT_NONE && text_equal(type, TEXT("state_changed")))
        reason = make_state(input, scratch, data, &left_out, why);
    else if (reason == REJECT_NONE && input->prepared)
        left_out = refuse(why, REJECT_NONE, "the layout has state_changed only") == REJECT_NONE;
    else if (reason == REJECT_NONE)
        reason = make_event(input, scratch, root, data, type, why);
    if (reason == REJECT_NONE && text_equal(type, TEXT("entity_registry_updated")))
        tell_registry(data, sink);
    if (left_out)
        return DECODE_IGNORED;
    enum decode_verdict verdict = finish_single(sink, &scratch->point, reason, ret_reason);
    if (verdict == DECODED && !input->prepared && text_equal(type, TEXT("state_changed")))
        tell_facts(data, sink);
    return verdict;
}

const struct decoder homeassistant_eventstream_decoder = {
    .name = "homeassistant_eventstream",
    .help = "Home Assistant's mqtt_eventstream: changes of state and all other events",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .homeassistant = true,
    .homeassistant_layout = true,
    .prepare = homeassistant_layout_open,
    .release = homeassistant_layout_close,
    .decode = decode,
};
