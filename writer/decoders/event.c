#include "writer/decoders/event.h"

#include "writer/decoders/elements.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/own.h"
#include "writer/decoders/refuse.h"

enum err event_count(struct point *point)
{
    return point->field_count > 0 ? ERR_OK : point_number(point, TEXT("count"), 1);
}

static enum reject add_device(struct value map, struct text tag, struct point *point,
                              struct err_reason *why)
{
    struct text device;
    enum reject reason = own_text(map, "device", &device, why);
    return reason == REJECT_NONE ? finish_tag(point, tag, device, why) : reason;
}

static enum reject read_kind(struct value map, struct text *ret_kind, struct err_reason *why)
{
    enum reject reason = own_text(map, "kind", ret_kind, why);
    if (reason == REJECT_NONE && ret_kind->len == 0)
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

static enum reject finish_event(const struct decode_input *input, const char *measurement,
                                struct point *point, struct err_reason *why)
{
    if (event_count(point) != ERR_OK)
        return refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return finish_point(input, measurement, point, why);
}

static enum reject make_general(const struct decode_input *input, struct decode_scratch *scratch,
                                struct value map, struct text kind, struct err_reason *why)
{
    struct point *point = &scratch->point;
    enum reject reason = finish_tag(point, TEXT("source"), own_topic(input), why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("kind"), kind, why);
    if (reason == REJECT_NONE)
        reason = add_device(map, TEXT("device_id"), point, why);
    if (reason == REJECT_NONE)
        reason = own_body(map, NULL, scratch, why);
    if (reason == REJECT_NONE)
        reason = finish_event(input, EVENT_MEASUREMENT, point, why);
    return reason == REJECT_NONE ? add_source(input, point, why) : reason;
}

/* An event of a kind with a measurement of its own, which says the kind; who reported it is no part
 * of its series. */
static enum reject make_kind(const struct decode_input *input, struct decode_scratch *scratch,
                             struct value map, const struct own_kind *kind, struct err_reason *why)
{
    struct point *point = &scratch->point;
    enum reject reason = own_kind_tags(kind, map, scratch, why);
    if (reason == REJECT_NONE)
        reason = add_device(map, text_of(kind->device), point, why);
    if (reason == REJECT_NONE)
        reason = own_body(map, kind, scratch, why);
    if (reason == REJECT_NONE)
        reason = finish_event(input, kind->measurement, point, why);
    return reason == REJECT_NONE ? own_kind_check(kind, point, why) : reason;
}

/* A message that names its measurement has its own mind about what is in it. */
static enum reject make_event(const struct decode_input *input, struct decode_scratch *scratch,
                              struct value map, struct err_reason *why)
{
    struct text kind, measurement;
    enum reject reason = read_kind(map, &kind, why);
    if (reason == REJECT_NONE)
        reason = own_text(map, "measurement", &measurement, why);
    if (reason != REJECT_NONE)
        return reason;
    const struct own_kind *own = own_kind_find(own_kind_events, kind);
    if (own && measurement.len == 0)
        return make_kind(input, scratch, map, own, why);
    return make_general(input, scratch, map, kind, why);
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
