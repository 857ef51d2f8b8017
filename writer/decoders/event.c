#include "writer/decoders/event.h"

#include "writer/decoders/elements.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/own.h"
#include "writer/decoders/refuse.h"

enum err event_count(struct point *point)
{
    return point->field_count > 0 ? ERR_OK : point_number(point, TEXT("count"), 1);
}

static enum reject add_named(struct value map, const char *key, struct text tag,
                             struct point *point, struct err_reason *why)
{
    struct text text;
    enum reject reason = own_text(map, key, &text, why);
    return reason == REJECT_NONE && text.len ? finish_tag(point, tag, text, why) : reason;
}

static enum reject add_kind(struct value map, struct point *point, struct err_reason *why)
{
    enum reject reason = add_named(map, "kind", TEXT("kind"), point, why);
    if (reason == REJECT_NONE && !finish_has_tag(point, TEXT("kind")))
        return refuse(why, REJECT_WRONG_SHAPE,
                      "an event needs its \"kind\" as text, such as \"memory_dump\"");
    return reason;
}

/* Behind finish_point, because the filter may have captured it. */
static enum reject add_source(const struct decode_input *input, struct point *point,
                              struct err_reason *why)
{
    if (finish_has_tag(point, TEXT("source")) || !input->source)
        return REJECT_NONE;
    const char *name = input->source->name;
    return finish_tag(point, TEXT("source"), text_of(name && *name ? name : "event"), why);
}

static enum reject make_event(const struct decode_input *input, struct decode_scratch *scratch,
                              struct value map, struct err_reason *why)
{
    struct point *point = &scratch->point;
    struct text source = own_topic(input);
    enum reject reason = REJECT_NONE;
    if (source.len)
        reason = finish_tag(point, TEXT("source"), source, why);
    if (reason == REJECT_NONE)
        reason = add_kind(map, point, why);
    if (reason == REJECT_NONE)
        reason = add_named(map, "device", TEXT("device_id"), point, why);
    if (reason == REJECT_NONE)
        reason = own_body(map, scratch, why);
    if (reason == REJECT_NONE && event_count(point) != ERR_OK)
        reason = refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    if (reason == REJECT_NONE)
        reason = finish_point(input, EVENT_MEASUREMENT, point, why);
    return reason == REJECT_NONE ? add_source(input, point, why) : reason;
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    return elements_decode(input, scratch, sink, make_event, ret_reason, why);
}

const struct decoder event_decoder = {
    .name = "event",
    .help = "anything that happened: an object with its kind, or an array of them",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .decode = decode,
};
