#include "writer/decoders/homeassistant_statestream.h"

#include "writer/decoders/finish.h"
#include "writer/decoders/homeassistant_entity.h"
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

static bool state_topic(struct text topic, struct text *ret_domain, struct text *ret_object)
{
    struct text last;
    return cut_level(&topic, &last) && text_equal(last, TEXT("state")) &&
           cut_level(&topic, ret_object) && cut_level(&topic, ret_domain) && is_slug(*ret_object) &&
           is_slug(*ret_domain);
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    struct text domain, object, entity_id;
    if (!state_topic(input->topic, &domain, &object)) {
        refuse(why, REJECT_NONE, "not a state: <base>/<domain>/<object_id>/state");
        return DECODE_IGNORED;
    }
    if (input->payload.len == 0) {
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
    if (reason == REJECT_NONE)
        reason = homeassistant_entity(input, entity_id, input->payload, scratch, why);
    return finish_single(sink, &scratch->point, reason, ret_reason);
}

const struct decoder homeassistant_statestream_decoder = {
    .name = "homeassistant_statestream",
    .help = "Home Assistant's mqtt_statestream: <base>/<domain>/<object_id>/state",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .decode = decode,
};
