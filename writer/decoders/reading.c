#include "writer/decoders/reading.h"

#include "schemas/topics.h"
#include "writer/decoders/elements.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/own.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

#define MEASUREMENT "device_metrics"

/* What the kind of a reading comes to. */
struct reading_kind {
    const struct own_kind *own; /* NULL: none with a measurement of its own */
    struct text device_tag;
};

/* A kind that has no measurement of its own becomes a tag. */
static enum reject add_kind(struct value map, struct decode_scratch *scratch,
                            struct reading_kind *ret_kind, struct err_reason *why)
{
    struct text name;
    enum reject reason = own_text(map, "kind", &name, why);
    if (reason != REJECT_NONE)
        return reason;
    const struct own_kind *own = own_kind_find(own_kind_readings, name);
    *ret_kind = (struct reading_kind){own, own ? text_of(own->device) : TEXT("device_id")};
    if (own)
        return own_kind_tags(own, map, scratch, why);
    if (name.len == 0 || text_equal(name, TEXT("reading")))
        return REJECT_NONE;
    return finish_tag(&scratch->point, TEXT("kind"), name, why);
}

/* The message's `device`, else the topic's; but a machine's own vm_id among the tags, which are
 * read later, goes before the topic. */
static enum reject add_device(const struct decode_input *input, struct value map, struct text tag,
                              struct point *point, struct err_reason *why)
{
    struct text device;
    enum reject reason = own_text(map, "device", &device, why);
    if (reason != REJECT_NONE)
        return reason;
    if (device.len == 0 && text_equal(tag, TEXT("device_id")))
        device = own_topic(input);
    return finish_tag(point, tag, device, why);
}

static enum reject check_reading(const struct reading_kind *kind, bool renamed,
                                 const struct point *point, struct err_reason *why)
{
    if (kind->own && !renamed)
        return own_kind_check(kind->own, point, why);
    if (!finish_has_tag(point, kind->device_tag))
        return refuse(why, REJECT_WRONG_SHAPE,
                      "no device: give \"device\" in the message or +%.*s in the filter",
                      REFUSE_ARGS(kind->device_tag));
    return REJECT_NONE;
}

static enum reject make_reading(const struct decode_input *input, struct decode_scratch *scratch,
                                struct value map, struct err_reason *why)
{
    struct point *point = &scratch->point;
    struct reading_kind kind = {0};
    enum reject reason = add_kind(map, scratch, &kind, why);
    if (reason == REJECT_NONE)
        reason = add_device(input, map, kind.device_tag, point, why);
    if (reason == REJECT_NONE)
        reason = own_body(map, kind.own, scratch, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, kind.device_tag, own_topic(input), why);
    bool renamed = point->measurement.len > 0;
    if (reason == REJECT_NONE)
        reason = finish_point(input, kind.own ? kind.own->measurement : MEASUREMENT, point, why);
    return reason == REJECT_NONE ? check_reading(&kind, renamed, point, why) : reason;
}

static enum reject add_metric(struct point *point, struct text metric,
                              const struct payload_plain *plain, struct err_reason *why)
{
    enum err err = ERR_OK;
    switch (plain->kind) {
    case PAYLOAD_NUMBER:
        err = point_number(point, metric, plain->number);
        break;
    case PAYLOAD_SWITCH:
        err = point_bool(point, metric, plain->truth);
        break;
    case PAYLOAD_WORD:
        err = point_text(point, metric, plain->word);
        break;
    case PAYLOAD_NAN:
        return refuse(why, REJECT_BAD_VALUE, "\"nan\" is no value for \"%.*s\": send nothing then",
                      REFUSE_ARGS(metric));
    }
    return err == ERR_OK ? REJECT_NONE : REJECT_TOO_MANY;
}

static enum decode_verdict decode_metric(const struct decode_input *input, struct topic topic,
                                         struct decode_scratch *scratch,
                                         const struct decode_sink *sink, enum reject *ret_reason,
                                         struct err_reason *why)
{
    struct point *point = &scratch->point;
    struct payload_plain plain;
    point_clear(point);
    buf_reset(&scratch->names);
    enum reject reason = refuse_name("the metric in the topic", topic.metric, why);
    if (reason == REJECT_NONE)
        reason = payload_plain(input, scratch, &plain, why);
    if (reason == REJECT_NONE)
        reason = add_metric(point, topic.metric, &plain, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("device_id"), topic.name, why);
    if (reason == REJECT_NONE)
        reason = finish_point(input, MEASUREMENT, point, why);
    return finish_single(sink, point, reason, ret_reason);
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    struct topic topic = topic_parse(input->topic_root, input->topic);
    if (topic.kind == TOPIC_READING_VALUE)
        return decode_metric(input, topic, scratch, sink, ret_reason, why);
    return elements_decode(input, scratch, sink, make_reading, ret_reason, why);
}

const struct decoder reading_decoder = {
    .name = "reading",
    .help = "readings of devices: a JSON or msgpack object, an array of them, or one bare value",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .decode = decode,
};
