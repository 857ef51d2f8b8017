#include "writer/decoders/homeassistant_entity.h"

#include "writer/decoders/finish.h"
#include "writer/decoders/refuse.h"
#include "writer/decoders/state.h"

enum reject homeassistant_entity_split(struct text entity_id, struct text *ret_domain,
                                       struct text *ret_object, struct err_reason *why)
{
    const char *dot = entity_id.len ? memchr(entity_id.at, '.', entity_id.len) : NULL;
    size_t domain = dot ? (size_t)(dot - entity_id.at) : 0;
    if (domain == 0 || domain + 1 == entity_id.len)
        return refuse(why, REJECT_BAD_NAME,
                      "\"%.*s\" is no entity id; they have the form domain.object_id",
                      REFUSE_ARGS(entity_id));
    *ret_domain = (struct text){entity_id.at, domain};
    *ret_object = (struct text){dot + 1, entity_id.len - domain - 1};
    return REJECT_NONE;
}

static enum reject add_tags(struct text entity_id, struct point *point, struct err_reason *why)
{
    struct text domain, object;
    enum reject reason = homeassistant_entity_split(entity_id, &domain, &object, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("domain"), domain, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("entity_id"), entity_id, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("event_type"), TEXT("state_changed"), why);
    return reason;
}

enum reject homeassistant_entity(const struct decode_input *input, struct text entity_id,
                                 struct text state, struct decode_scratch *scratch,
                                 struct err_reason *why)
{
    if (!text_utf8_valid(state))
        return refuse(why, REJECT_NOT_UTF8, "the state is not UTF-8 text (%zu bytes)", state.len);
    enum reject reason = add_tags(entity_id, &scratch->point, why);
    if (reason == REJECT_NONE && state_fields(&scratch->point, state) != ERR_OK)
        reason = refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return reason == REJECT_NONE
               ? finish_point(input, HOMEASSISTANT_MEASUREMENT, &scratch->point, why)
               : reason;
}

bool homeassistant_entity_is_own(const struct decode_input *input, struct text object,
                                 struct err_reason *why)
{
    struct text own = TEXT("hearthline_");
    if ((input->source && input->source->own_sensors) || object.len < own.len ||
        memcmp(object.at, own.at, own.len) != 0)
        return false;
    refuse(why, REJECT_NONE, "an entity of Hearthline's own, and the source says no own_sensors");
    return true;
}

bool homeassistant_entity_fact(struct text name)
{
    static const char *const facts[] = {"last_updated", "unit_of_measurement", "device_class",
                                        "friendly_name"};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        if (text_equal(name, text_of(facts[i])))
            return true;
    return false;
}
