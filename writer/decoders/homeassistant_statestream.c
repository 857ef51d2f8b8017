#include "writer/decoders/homeassistant_statestream.h"

#include "writer/decoders/finish.h"
#include "writer/decoders/homeassistant_entity.h"
#include "writer/decoders/homeassistant_layout.h"
#include "writer/decoders/names.h"
#include "writer/decoders/refuse.h"

/* Cuts the last level off; false when the topic has no slash left. */
static bool cut_level(struct text *topic, struct text *ret_level)
{
    const char *slash = topic->len ? memrchr(topic->at, '/', topic->len) : NULL;
    if (!slash)
        return false;
    size_t before = (size_t)(slash - topic->at);
    *ret_level = (struct text){slash + 1, topic->len - before - 1};
    topic->len = before;
    return true;
}

/* Home Assistant's ids are of lower-case letters, digits and '_'; anything else in this place is no
 * entity's topic. */
static bool is_slug(struct text level)
{
    for (size_t i = 0; i < level.len; i++) {
        char c = level.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return true;
}

/* <base>/<domain>/<object_id>/<what> */
static bool entity_topic(struct text topic, struct text *ret_domain, struct text *ret_object,
                         struct text *ret_what)
{
    return cut_level(&topic, ret_what) && cut_level(&topic, ret_object) &&
           cut_level(&topic, ret_domain) && is_slug(*ret_object) && is_slug(*ret_domain);
}

bool homeassistant_statestream_tells_times(const char *filter)
{
    const char *last = strrchr(filter, '/');
    last = last ? last + 1 : filter;
    return *last == '#' || *last == '+' || strcmp(last, "last_updated") == 0;
}

static enum decode_verdict not_a_state(struct err_reason *why)
{
    refuse(why, REJECT_NONE, "not a state: <base>/<domain>/<object_id>/state");
    return DECODE_IGNORED;
}

/* Times are bare text, attributes JSON: the text in quotes. */
static bool fact_value(struct text payload, struct text *ret_value)
{
    struct text value = text_trim(payload);
    if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
        value = (struct text){value.at + 1, value.len - 2};
    *ret_value = value;
    return value.len > 0 && value.len <= DECODE_NAME_MAX_BYTES && text_utf8_valid(value) &&
           !memchr(value.at, '\\', value.len); /* what had to be escaped is no unit or name */
}

static enum decode_verdict decode_fact(const struct decode_input *input, struct text entity_id,
                                       struct text name, const struct decode_sink *sink,
                                       struct err_reason *why)
{
    struct decode_fact fact = {entity_id, name, {NULL, 0}};
    if (!homeassistant_entity_fact(name) || !fact_value(input->payload, &fact.value))
        return not_a_state(why);
    if (sink->fact)
        sink->fact(sink->context, &fact);
    return DECODED;
}

/* For the layout homeassistant all that is said of an entity is told, for the rule that gathers it;
 * but `config`, which is discovery's where both have one base. */
static enum decode_verdict decode_for_layout(const struct decode_input *input,
                                             struct text entity_id, struct text what,
                                             const struct decode_sink *sink,
                                             enum reject *ret_reason, struct err_reason *why)
{
    if (input->payload.len == 0 || text_equal(what, TEXT("config")))
        return not_a_state(why);
    if (!text_utf8_valid(input->payload)) {
        *ret_reason = refuse(why, REJECT_NOT_UTF8, "what is said of the entity is not UTF-8 text");
        return DECODE_REJECTED;
    }
    if (sink->fact)
        sink->fact(sink->context, &(struct decode_fact){entity_id, what, input->payload});
    return DECODED;
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    struct text domain, object, what, entity_id;
    if (!entity_topic(input->topic, &domain, &object, &what))
        return not_a_state(why);
    bool is_state = text_equal(what, TEXT("state"));
    if (is_state && input->payload.len == 0) {
        refuse(why, REJECT_NONE, "an empty state: none, or its retained topic was cleared");
        return DECODE_IGNORED;
    }
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    enum reject reason = refuse_name("the domain in the topic", domain, why);
    if (reason == REJECT_NONE)
        reason = refuse_name("the entity in the topic", object, why);
    if (reason == REJECT_NONE && !names_join(&scratch->names, domain, '.', object, &entity_id))
        reason = refuse(why, REJECT_BAD_NAME, "the entity's name is too long");
    if (reason == REJECT_NONE && homeassistant_entity_is_own(input, object, why))
        return DECODE_IGNORED;
    if (reason == REJECT_NONE && input->prepared)
        return decode_for_layout(input, entity_id, what, sink, ret_reason, why);
    if (!is_state)
        return reason == REJECT_NONE ? decode_fact(input, entity_id, what, sink, why)
                                     : not_a_state(why);
    if (reason == REJECT_NONE)
        reason = homeassistant_entity(input, entity_id, input->payload, scratch, why);
    return finish_single(sink, &scratch->point, reason, ret_reason);
}

const struct decoder homeassistant_statestream_decoder = {
    .name = "homeassistant_statestream",
    .help = "Home Assistant's mqtt_statestream: states, their times, what entities are",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .homeassistant = true,
    .homeassistant_layout = true,
    .prepare = homeassistant_layout_open,
    .release = homeassistant_layout_close,
    .decode = decode,
};
