#include "writer/decoders/zigbee2mqtt.h"

#include <math.h>

#include "base/clock.h"
#include "writer/decoders/available.h"
#include "writer/decoders/device.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/iso_time.h"
#include "writer/decoders/levels.h"
#include "writer/decoders/names.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

/* Below, *ret_left_out tells that a message is not for storing; `why` then says by which rule. */

static bool begins_object(struct text payload)
{
    struct text t = text_trim(payload);
    return t.len > 0 && t.at[0] == '{';
}

static enum reject parse_object(const struct decode_input *input, struct decode_scratch *scratch,
                                struct value *ret_map, struct err_reason *why)
{
    enum reject reason = payload_parse(input, scratch, ret_map, why);
    if (reason == REJECT_NONE && value_kind(*ret_map) != VALUE_MAP)
        reason = refuse(why, REJECT_WRONG_SHAPE, "the payload is %s; an object was due",
                        value_kind_name(value_kind(*ret_map)));
    return reason;
}

static enum reject finish_device(const struct decode_input *input, struct text device,
                                 struct point *point, struct err_reason *why)
{
    enum reject reason = REJECT_NONE;
    if (device.len == 0)
        return refuse(why, REJECT_BAD_NAME, "no device's name in the topic");
    reason = finish_tag(point, TEXT("device_id"), device, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("source"), TEXT("zigbee2mqtt"), why);
    return reason == REJECT_NONE ? finish_point(input, DEVICE_MEASUREMENT, point, why) : reason;
}

static bool milliseconds(struct value v, int64_t *ret_ns)
{
    double ns;
    switch (value_kind(v)) {
    case VALUE_INTEGER:
        return !__builtin_mul_overflow(value_integer(v), CLOCK_NS_PER_MS, ret_ns);
    case VALUE_NUMBER:
        ns = value_number(v) * (double)CLOCK_NS_PER_MS;
        if (!(fabs(ns) < 0x1p63))
            return false;
        *ret_ns = llround(ns);
        return true;
    default:
        return false;
    }
}

/* The three encodings of advanced.last_seen, and null: ISO_8601, ISO_8601_local, epoch. */
static enum reject add_time(const struct decode_input *input, struct value v, struct point *point,
                            struct err_reason *why)
{
    const struct device_source *source = input->prepared;
    if (value_kind(v) == VALUE_NULL)
        return REJECT_NONE;
    if (value_kind(v) == VALUE_TEXT)
        return iso_time_read(value_text(v), source->zone, input->arrival_ns, point, why);
    if (!milliseconds(v, &point->time_ns))
        return refuse(why, REJECT_BAD_TIME,
                      "the time is %s that is none; ISO 8601 or milliseconds since 1970 were due",
                      value_kind_name(value_kind(v)));
    point->timed = true;
    return REJECT_NONE;
}

static bool no_attribute(struct text key)
{
    return text_equal(key, TEXT("last_seen")) || text_equal(key, TEXT("device"));
}

static bool no_figure(struct text key)
{
    return text_equal(key, TEXT("response_time")) || text_equal(key, TEXT("timestamp")) ||
           text_equal(key, TEXT("devices"));
}

/* Nothing in it but null and what is no field anyway? */
static bool all_null(struct value map)
{
    struct value_walk walk = value_walk(map);
    struct text key;
    struct value v;
    while (value_next(&walk, &key, &v)) {
        if (value_kind(v) != VALUE_NULL && !no_attribute(key))
            return false;
    }
    return true;
}

static enum reject make_reading(const struct decode_input *input, struct decode_scratch *scratch,
                                struct text device, bool *ret_left_out, struct err_reason *why)
{
    static const struct flatten how = {.texts = true, .arrays = true, .skip = no_attribute};
    struct value map, time;
    enum reject reason = parse_object(input, scratch, &map, why);
    if (reason == REJECT_NONE && all_null(map)) {
        *ret_left_out = true;
        return refuse(why, REJECT_NONE, "no attribute has a value");
    }
    if (reason == REJECT_NONE && value_get(map, TEXT("last_seen"), &time))
        reason = add_time(input, time, &scratch->point, why);
    if (reason == REJECT_NONE)
        reason = flatten_map(map, &how, scratch, why);
    return reason == REJECT_NONE ? finish_device(input, device, &scratch->point, why) : reason;
}

static enum reject make_health(const struct decode_input *input, struct decode_scratch *scratch,
                               struct text device, struct err_reason *why)
{
    static const struct flatten how = {.texts = true, .arrays = true, .skip = no_figure};
    struct value map, time;
    enum reject reason = parse_object(input, scratch, &map, why);
    /* Some versions had a clock's reading in hexadecimal there, which is no time of day. */
    if (reason == REJECT_NONE && value_get(map, TEXT("response_time"), &time) &&
        value_kind(time) != VALUE_TEXT)
        reason = add_time(input, time, &scratch->point, why);
    if (reason == REJECT_NONE)
        reason = flatten_map(map, &how, scratch, why);
    return reason == REJECT_NONE ? finish_device(input, device, &scratch->point, why) : reason;
}

static enum reject make_available(const struct decode_input *input, struct decode_scratch *scratch,
                                  struct text device, struct err_reason *why)
{
    struct text word = input->payload;
    struct value map, state;
    enum reject reason = REJECT_NONE;
    if (begins_object(input->payload)) {
        reason = parse_object(input, scratch, &map, why);
        if (reason == REJECT_NONE &&
            (!value_get(map, TEXT("state"), &state) || value_kind(state) != VALUE_TEXT))
            reason = refuse(why, REJECT_WRONG_SHAPE, "no \"state\" with online or offline in it");
        if (reason == REJECT_NONE)
            word = value_text(state);
    }
    if (reason == REJECT_NONE)
        reason = available_field(&scratch->point, word, why);
    return reason == REJECT_NONE ? finish_device(input, device, &scratch->point, why) : reason;
}

/* color-x becomes color.x. */
static enum reject attribute_name(struct text level, struct decode_scratch *scratch,
                                  struct text *ret_name, struct err_reason *why)
{
    enum reject reason = refuse_name("the attribute in the topic", level, why);
    if (reason != REJECT_NONE)
        return reason;
    char *name = buf_reserve(&scratch->names, level.len);
    if (!name)
        return refuse(why, REJECT_TOO_LARGE, "no memory for the attribute's name");
    for (size_t i = 0; i < level.len; i++)
        name[i] = (char)(level.at[i] == '-' ? '.' : level.at[i]);
    scratch->names.len += level.len;
    *ret_name = (struct text){name, level.len};
    return REJECT_NONE;
}

/* What comes as an attribute and is none; NULL for any other. */
static const char *ignored_attribute(struct text name)
{
    if (text_equal(name, TEXT("last_seen")))
        return "the time of the device's other attributes, which come in messages of their own";
    if (text_starts(name, TEXT("device-")))
        return "what a device is, not what it reads";
    return NULL;
}

static enum reject make_attribute(const struct decode_input *input, struct decode_scratch *scratch,
                                  struct text device, struct text level, bool *ret_left_out,
                                  struct err_reason *why)
{
    struct point *point = &scratch->point;
    const char *ignored = ignored_attribute(level);
    struct payload_plain plain;
    struct text name;
    if (!ignored && text_equal(text_trim(input->payload), TEXT("null")))
        ignored = "the attribute has no value";
    if (ignored) {
        *ret_left_out = true;
        return refuse(why, REJECT_NONE, "%s", ignored);
    }
    enum reject reason = attribute_name(level, scratch, &name, why);
    if (reason == REJECT_NONE)
        reason = payload_plain(input, scratch, &plain, why);
    if (reason != REJECT_NONE)
        return reason;
    enum err err;
    if (plain.kind == PAYLOAD_NUMBER)
        err = point_number(point, name, plain.number);
    else if (text_equal(plain.word, TEXT("true")) || text_equal(plain.word, TEXT("false")))
        err = point_bool(point, name, plain.truth);
    else
        err = point_text(point, name, plain.word);
    if (err != ERR_OK)
        return refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return finish_device(input, device, point, why);
}

/* <name>/set, <name>/get, <name>/<endpoint>/set, and any of them with an attribute behind it
 * (lib/extension/publish.ts). */
static bool is_command(struct text path)
{
    struct text level;
    levels_cut_first(&path, &level);
    while (levels_cut_first(&path, &level)) {
        if (text_equal(level, TEXT("set")) || text_equal(level, TEXT("get")))
            return true;
    }
    return false;
}

static const struct {
    const char *topic;
    const char *why;
} bridge_topics[] = {
    {"logging", "a line of the bridge's log"},
    {"log", "a line of the bridge's log"},
    {"event", "a device joins, leaves or announces itself: no reading"},
    {"request", "a command to the bridge"},
    {"response", "the bridge's answer to a command"},
    {"config", "a command to the bridge"},
};

static const char *ignored_bridge(struct text below)
{
    struct text topic = {NULL, 0};
    levels_cut_first(&below, &topic);
    for (size_t i = 0; i < sizeof bridge_topics / sizeof bridge_topics[0]; i++) {
        if (text_equal(topic, text_of(bridge_topics[i].topic)))
            return bridge_topics[i].why;
    }
    return "what the bridge knows, no reading"; /* devices, groups, info and the like */
}

static enum reject make_bridge(const struct decode_input *input, struct decode_scratch *scratch,
                               struct text below, bool *ret_left_out, struct err_reason *why)
{
    if (text_equal(below, TEXT("state")))
        return make_available(input, scratch, TEXT("bridge"), why);
    if (text_equal(below, TEXT("health")))
        return make_health(input, scratch, TEXT("bridge"), why);
    *ret_left_out = true;
    return refuse(why, REJECT_NONE, "%s", ignored_bridge(below));
}

static enum reject make_device(const struct decode_input *input, struct decode_scratch *scratch,
                               struct text path, bool *ret_left_out, struct err_reason *why)
{
    struct text device = path, last = {NULL, 0};
    if (is_command(path)) {
        *ret_left_out = true;
        return refuse(why, REJECT_NONE, "a command to a device");
    }
    levels_cut_last(&device, &last);
    if (device.len > 0 && text_equal(last, TEXT("availability")))
        return make_available(input, scratch, device, why);
    if (begins_object(input->payload))
        return make_reading(input, scratch, path, ret_left_out, why);
    if (device.len > 0)
        return make_attribute(input, scratch, device, last, ret_left_out, why);
    return refuse(why, REJECT_WRONG_SHAPE,
                  "a JSON object of the device's attributes was due, or behind its name an "
                  "attribute's");
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    const struct device_source *source = input->prepared;
    struct text path = levels_behind(input->topic, source->place.before);
    struct text below = path, first = {NULL, 0};
    bool left_out = input->payload.len == 0;
    enum reject reason = REJECT_NONE;
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    levels_cut_first(&below, &first);
    if (left_out)
        refuse(why, reason, "an empty payload: null, or a retained topic was cleared");
    else if (text_equal(first, TEXT("bridge")))
        reason = make_bridge(input, scratch, below, &left_out, why);
    else
        reason = make_device(input, scratch, path, &left_out, why);
    return left_out ? DECODE_IGNORED : finish_single(sink, &scratch->point, reason, ret_reason);
}

const struct decoder zigbee2mqtt_decoder = {
    .name = "zigbee2mqtt",
    .help = "Zigbee2MQTT: attributes as JSON or one a topic, availability, the bridge's health",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .prepare = device_prepare,
    .release = device_release,
    .decode = decode,
};
