#include "writer/decoders/esphome.h"

#include <strings.h>

#include "writer/decoders/available.h"
#include "writer/decoders/device.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/levels.h"
#include "writer/decoders/names.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

enum kind {
    ANY, /* by its looks */
    NUMBER,
    SWITCH,
    TEXT_AS_IT_IS,
    OBJECT,
};

/* What each type sends below itself: esphome/components/mqtt/mqtt_<type>.cpp. */
static const struct {
    const char *type, *part;
    enum kind kind;
} forms[] = {
    {"sensor", "", NUMBER},
    {"number", "", NUMBER},
    {"binary_sensor", "", SWITCH},
    {"switch", "", SWITCH},
    {"text_sensor", "", TEXT_AS_IT_IS},
    {"text", "", TEXT_AS_IT_IS},
    {"select", "", TEXT_AS_IT_IS},
    {"lock", "", TEXT_AS_IT_IS},
    {"alarm_control_panel", "", TEXT_AS_IT_IS},
    {"light", "", OBJECT},
    {"event", "", OBJECT},
    {"update", "", OBJECT},
    {"date", "", OBJECT},
    {"time", "", OBJECT},
    {"datetime", "", OBJECT},
    {"fan", "", SWITCH},
    {"fan", "oscillation", SWITCH},
    {"fan", "speed_level", NUMBER},
    {"fan", "speed", TEXT_AS_IT_IS},
    {"fan", "direction", TEXT_AS_IT_IS},
    {"cover", "", TEXT_AS_IT_IS},
    {"cover", "position", NUMBER},
    {"cover", "tilt", NUMBER},
    {"valve", "", TEXT_AS_IT_IS},
    {"valve", "position", NUMBER},
    {"climate", "mode", TEXT_AS_IT_IS},
    {"climate", "action", TEXT_AS_IT_IS},
    {"climate", "preset", TEXT_AS_IT_IS},
    {"climate", "fan_mode", TEXT_AS_IT_IS},
    {"climate", "swing_mode", TEXT_AS_IT_IS},
    {"climate", "away", SWITCH},
    {"climate", "current_temperature", NUMBER},
    {"climate", "target_temperature", NUMBER},
    {"climate", "target_temperature_low", NUMBER},
    {"climate", "target_temperature_high", NUMBER},
    {"climate", "current_humidity", NUMBER},
    {"climate", "target_humidity", NUMBER},
};

static enum kind kind_of(struct text type, struct text part)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (text_equal(type, text_of(forms[i].type)) && text_equal(part, text_of(forms[i].part)))
            return forms[i].kind;
    }
    return ANY;
}

static enum reject added(enum err err, struct err_reason *why)
{
    return err == ERR_OK ? REJECT_NONE
                         : refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
}

/* A word where a number or a boolean is due: under a name of its own, because a text of the field's
 * name would fight it. */
static enum reject add_gap(struct decode_scratch *scratch, struct text field, struct text word,
                           struct err_reason *why)
{
    struct text name;
    if (!names_join(&scratch->names, field, '_', TEXT("str"), &name))
        return refuse(why, REJECT_BAD_NAME, "the field's name is too long");
    return added(point_text(&scratch->point, name, word), why);
}

/* ON and OFF, and what a fan says of its oscillation. */
static bool switch_word(struct text word, bool *ret_truth)
{
    static const struct text oscillate = {"oscillate_", 10};
    if (word.len > oscillate.len && strncasecmp(word.at, oscillate.at, oscillate.len) == 0)
        word = (struct text){word.at + oscillate.len, word.len - oscillate.len};
    return payload_switch(word, ret_truth);
}

static enum reject add_plain(const struct decode_input *input, struct decode_scratch *scratch,
                             struct text field, enum kind kind, struct err_reason *why)
{
    struct payload_plain plain;
    bool truth;
    enum reject reason = payload_plain(input, scratch, &plain, why);
    if (reason != REJECT_NONE)
        return reason;
    if (plain.kind == PAYLOAD_NUMBER && kind == SWITCH)
        return refuse(why, REJECT_BAD_VALUE, "the state is a number; ON or OFF was due");
    if (plain.kind == PAYLOAD_NUMBER)
        return added(point_number(&scratch->point, field, plain.number), why);
    if (kind != NUMBER && switch_word(plain.word, &truth))
        return added(point_bool(&scratch->point, field, truth), why);
    if (kind == ANY && plain.kind == PAYLOAD_WORD)
        return added(point_text(&scratch->point, field, plain.word), why);
    return add_gap(scratch, field, plain.word, why);
}

static enum reject add_text(const struct decode_input *input, struct point *point,
                            struct text field, struct err_reason *why)
{
    if (!text_utf8_valid(input->payload))
        return refuse(why, REJECT_NOT_UTF8, "the state is not UTF-8 text (%zu bytes)",
                      input->payload.len);
    return added(point_text(point, field, input->payload), why);
}

static bool is_state(struct text key)
{
    return text_equal(key, TEXT("state"));
}

static enum reject add_object(const struct decode_input *input, struct decode_scratch *scratch,
                              struct text object, struct err_reason *why)
{
    struct flatten how = {.texts = true, .arrays = true, .skip = is_state, .prefix = object};
    struct value map, state;
    bool on;
    enum reject reason = payload_parse(input, scratch, &map, why);
    if (reason != REJECT_NONE)
        return reason;
    if (value_kind(map) != VALUE_MAP)
        return refuse(why, REJECT_WRONG_SHAPE, "the state is %s; an object was due",
                      value_kind_name(value_kind(map)));
    if (value_get(map, TEXT("state"), &state) && payload_switch(value_text(state), &on))
        reason = added(point_bool(&scratch->point, object, on), why);
    return reason == REJECT_NONE ? flatten_map(map, &how, scratch, why) : reason;
}

static enum reject add_state(const struct decode_input *input, struct decode_scratch *scratch,
                             struct text field, enum kind kind, struct err_reason *why)
{
    struct text payload = text_trim(input->payload);
    if (kind == ANY && payload.len > 0 && payload.at[0] == '{')
        kind = OBJECT;
    if (kind == OBJECT)
        return add_object(input, scratch, field, why);
    if (kind == TEXT_AS_IT_IS)
        return add_text(input, &scratch->point, field, why);
    return add_plain(input, scratch, field, kind, why);
}

/* A topic behind the node's level: <type>/<object_id>/state or <type>/<object_id>/<part>/state.
 */
struct state_topic {
    struct text type, object, part;
};

static bool read_topic(struct text below, struct state_topic *ret_topic)
{
    struct state_topic topic = {0};
    struct text last;
    if (!levels_cut_first(&below, &topic.type) || !levels_cut_first(&below, &topic.object) ||
        !levels_cut_last(&below, &last) || !text_equal(last, TEXT("state")) ||
        (below.len > 0 && memchr(below.at, '/', below.len)))
        return false;
    topic.part = below;
    *ret_topic = topic;
    return true;
}

static enum reject make_state(const struct decode_input *input, struct decode_scratch *scratch,
                              const struct state_topic *topic, struct err_reason *why)
{
    struct text field = topic->object;
    enum reject reason = refuse_name("the object in the topic", field, why);
    if (reason == REJECT_NONE && topic->part.len > 0 &&
        !names_join(&scratch->names, topic->object, '.', topic->part, &field))
        reason = refuse(why, REJECT_BAD_NAME, "the topic's levels are too long");
    if (reason == REJECT_NONE)
        reason = refuse_name("the object in the topic", field, why);
    return reason == REJECT_NONE
               ? add_state(input, scratch, field, kind_of(topic->type, topic->part), why)
               : reason;
}

static enum reject finish_node(const struct decode_input *input, struct text node,
                               struct point *point, struct err_reason *why)
{
    enum reject reason = finish_tag(point, TEXT("device_id"), node, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("source"), TEXT("esphome"), why);
    return reason == REJECT_NONE ? finish_point(input, DEVICE_MEASUREMENT, point, why) : reason;
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    const struct device_source *source = input->prepared;
    struct text below = levels_behind(input->topic, source->place.before), node = {NULL, 0};
    struct state_topic topic = {0};
    enum reject reason;
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    if (source->place.captured)
        levels_cut_first(&below, &node);
    bool status = text_equal(below, TEXT("status"));
    if (!status && !read_topic(below, &topic)) {
        refuse(why, REJECT_NONE, "not a state: <node>/<type>/<object_id>/state");
        return DECODE_IGNORED;
    }
    if (input->payload.len == 0) {
        refuse(why, REJECT_NONE, "an empty state: none, or its retained topic was cleared");
        return DECODE_IGNORED;
    }
    reason = status ? available_field(&scratch->point, input->payload, why)
                    : make_state(input, scratch, &topic, why);
    if (reason == REJECT_NONE)
        reason = finish_node(input, node, &scratch->point, why);
    return finish_single(sink, &scratch->point, reason, ret_reason);
}

static bool names_device(const struct settings_source *source)
{
    for (unsigned i = 0; i < source->tags_count; i++) {
        if (strcmp(source->tags[i].key, "device_id") == 0)
            return true;
    }
    return false;
}

/* Without +device_id the whole of a node's topics must be taken, so that it is clear where they
 * begin. */
static bool finds_node(const struct settings_source *source, struct levels_device *ret_device)
{
    if (!levels_device_of(source->filter, ret_device))
        return false;
    struct text open = levels_behind(text_of(source->filter), ret_device->before);
    return ret_device->captured || (names_device(source) && text_equal(open, TEXT("#")));
}

static enum err prepare(const struct settings_source *source, void **ret_prepared,
                        struct err_reason *why)
{
    struct levels_device device;
    if (!finds_node(source, &device))
        return err_explain(why, ERR_INVALID,
                           "filter \"%.128s\" does not say which level is the node: capture it "
                           "(esphome/+device_id/#), or take one node (kitchen/#) and give its name "
                           "as tags: { device_id: kitchen }",
                           source->filter);
    return device_prepare(source, ret_prepared, why);
}

const struct decoder esphome_decoder = {
    .name = "esphome",
    .help = "ESPHome: the states of a node's components and whether it is online",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .prepare = prepare,
    .release = device_release,
    .decode = decode,
};
