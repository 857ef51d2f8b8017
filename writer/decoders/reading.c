#include "writer/decoders/reading.h"

#include "schemas/topics.h"
#include "writer/decoders/elements.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/own.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

#define MEASUREMENT "device_metrics"

static enum reject add_device(const struct decode_input *input, struct value map,
                              struct point *point, struct err_reason *why)
{
    struct text device;
    enum reject reason = own_text(map, "device", &device, why);
    if (reason != REJECT_NONE)
        return reason;
    if (device.len == 0)
        device = own_topic(input);
    return device.len ? finish_tag(point, TEXT("device_id"), device, why) : REJECT_NONE;
}

/* Kinds of readings that have a measurement of their own. */
static const struct {
    const char *kind, *measurement;
} kinds[] = {
    {"reading", MEASUREMENT},
    {"energy", "energy"},
};

/* The measurement of the reading's kind; a kind that has none of its own becomes a tag. */
static enum reject add_kind(struct value map, struct point *point, const char **ret_measurement,
                            struct err_reason *why)
{
    struct text kind;
    *ret_measurement = MEASUREMENT;
    enum reject reason = own_text(map, "kind", &kind, why);
    if (reason != REJECT_NONE || kind.len == 0)
        return reason;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!text_equal(kind, text_of(kinds[i].kind)))
            continue;
        *ret_measurement = kinds[i].measurement;
        return REJECT_NONE;
    }
    return finish_tag(point, TEXT("kind"), kind, why);
}

static enum reject make_reading(const struct decode_input *input, struct decode_scratch *scratch,
                                struct value map, struct err_reason *why)
{
    struct point *point = &scratch->point;
    const char *measurement = MEASUREMENT;
    enum reject reason = add_device(input, map, point, why);
    if (reason == REJECT_NONE)
        reason = add_kind(map, point, &measurement, why);
    if (reason == REJECT_NONE)
        reason = own_body(map, scratch, why);
    if (reason == REJECT_NONE)
        reason = finish_point(input, measurement, point, why);
    if (reason == REJECT_NONE && !finish_has_tag(point, TEXT("device_id")))
        reason = refuse(why, REJECT_WRONG_SHAPE,
                        "no device: give \"device\" in the message or +device_id in the filter");
    return reason;
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
