#include "writer/decoders/shelly2.h"

#include "writer/decoders/device.h"
#include "writer/decoders/element_json.h"
#include "writer/decoders/elements.h"
#include "writer/decoders/event.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/levels.h"
#include "writer/decoders/own.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

#define DIALECT "shelly2"

/* One message on its way. */
struct frame {
    const struct decode_input *input;
    struct decode_scratch *scratch;
    const struct decode_sink *sink;
    struct err_reason *why;
    struct device device;
};

static enum decode_verdict ignore(const struct frame *frame, const char *rule)
{
    refuse(frame->why, REJECT_NONE, "%s", rule);
    return DECODE_IGNORED;
}

static enum reject need(struct value map, const char *key, enum value_kind kind, const char *due,
                        struct value *ret_value, struct err_reason *why)
{
    struct value v;
    if (!value_get(map, text_of(key), &v))
        return refuse(why, REJECT_WRONG_SHAPE, "there is no \"%s\"; %s was due", key, due);
    if (value_kind(v) != kind)
        return refuse(why, REJECT_WRONG_SHAPE, "\"%s\" is %s; %s was due", key,
                      value_kind_name(value_kind(v)), due);
    *ret_value = v;
    return REJECT_NONE;
}

/* Leaves out <component>.id. */
static void drop_ids(struct point *point)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < point->field_count; i++) {
        struct text key = point->fields[i].key;
        const char *dot = memchr(key.at, '.', key.len);
        size_t before = dot ? (size_t)(dot - key.at) : key.len;
        struct text rest = {key.at + before, key.len - before};
        if (!text_equal(rest, TEXT(".id")))
            point->fields[kept++] = point->fields[i];
    }
    point->field_count = (uint16_t)kept;
}

static bool is_ts(struct text key)
{
    return text_equal(key, TEXT("ts"));
}

static enum reject make_status(struct value map, struct text component, struct frame *frame)
{
    const struct flatten how = {.strict = true, .texts = true, .arrays = true, .prefix = component};
    enum reject reason = flatten_map(map, &how, frame->scratch, frame->why);
    drop_ids(&frame->scratch->point);
    return reason;
}

static enum reject make_params(struct value params, struct frame *frame)
{
    static const struct flatten how = {
        .strict = true, .texts = true, .arrays = true, .skip = is_ts};
    struct value ts;
    enum reject reason = REJECT_NONE;
    if (value_get(params, TEXT("ts"), &ts))
        reason = device_time(ts, &frame->scratch->point, frame->why);
    if (reason == REJECT_NONE)
        reason = flatten_map(params, &how, frame->scratch, frame->why);
    drop_ids(&frame->scratch->point);
    return reason;
}

/* `id` stands in the component's name. */
static bool of_the_event(struct text key)
{
    return text_equal(key, TEXT("component")) || text_equal(key, TEXT("id")) ||
           text_equal(key, TEXT("event")) || is_ts(key);
}

static enum reject event_time(struct value event, struct value params, struct point *point,
                              struct err_reason *why)
{
    struct value ts;
    if (!value_get(event, TEXT("ts"), &ts) && !value_get(params, TEXT("ts"), &ts))
        return REJECT_NONE;
    return device_time(ts, point, why);
}

static enum reject make_event(struct value event, struct value params, struct frame *frame,
                              struct err_reason *why)
{
    static const struct flatten how = {
        .strict = true, .texts = true, .arrays = true, .skip = of_the_event};
    struct point *point = &frame->scratch->point;
    struct value kind;
    struct text component;
    enum reject reason = device_begin(frame->input, DIALECT, frame->scratch, &frame->device, why);
    if (reason == REJECT_NONE && value_kind(event) != VALUE_MAP)
        reason = refuse(why, REJECT_WRONG_SHAPE, "this is %s; an object was due",
                        value_kind_name(value_kind(event)));
    if (reason == REJECT_NONE)
        reason = need(event, "event", VALUE_TEXT, "text", &kind, why);
    if (reason == REJECT_NONE)
        reason = refuse_name("the event", value_text(kind), why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("kind"), value_text(kind), why);
    if (reason == REJECT_NONE)
        reason = own_text(event, "component", &component, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("component"), component, why);
    if (reason == REJECT_NONE)
        reason = event_time(event, params, point, why);
    if (reason == REJECT_NONE)
        reason = flatten_map(event, &how, frame->scratch, why);
    if (reason == REJECT_NONE && event_count(point) != ERR_OK)
        reason = refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return reason == REJECT_NONE ? finish_point(frame->input, EVENT_MEASUREMENT, point, why)
                                 : reason;
}

static void refuse_event(struct value event, enum reject reason, const char *words,
                         struct elements_count *count, const struct decode_sink *sink)
{
    struct buf json = {0};
    element_json(event, &json);
    sink->reject(sink->context, reason, words, elements_place_rejected(count), buf_view(&json));
    buf_free(&json);
}

static enum decode_verdict decode_events(struct value params, struct frame *frame,
                                         enum reject *ret_reason)
{
    struct value events, event;
    struct text key;
    *ret_reason = need(params, "events", VALUE_ARRAY, "an array", &events, frame->why);
    if (*ret_reason != REJECT_NONE)
        return DECODE_REJECTED;
    if (value_count(events) == 0)
        return ignore(frame, "a notification of no event");
    struct elements_count count = {.crowded = value_count(events) > DECODE_MAX_UNTIMED};
    struct value_walk walk = value_walk(events);
    while (value_next(&walk, &key, &event)) {
        struct err_reason why = {""};
        enum reject reason = make_event(event, params, frame, &why);
        enum reject given = elements_give(
            &count, reason == REJECT_NONE ? &frame->scratch->point : NULL, frame->sink, &why);
        if (reason == REJECT_NONE)
            reason = given;
        if (reason != REJECT_NONE)
            refuse_event(event, reason, why.text, &count, frame->sink);
    }
    return DECODED;
}

static enum decode_verdict end(struct frame *frame, enum reject reason, enum reject *ret_reason)
{
    return device_end(frame->input, frame->scratch, frame->sink, reason, ret_reason, frame->why);
}

static enum decode_verdict decode_rpc(struct frame *frame, struct text level,
                                      enum reject *ret_reason)
{
    struct value root, method, params;
    struct err_reason *why = frame->why;
    (void)level;
    enum reject reason = payload_parse(frame->input, frame->scratch, &root, why);
    if (reason == REJECT_NONE)
        reason = need(root, "method", VALUE_TEXT, "text", &method, why);
    if (reason == REJECT_NONE && !text_starts(value_text(method), TEXT("Notify")))
        return ignore(frame, "no notification");
    if (reason == REJECT_NONE)
        reason = need(root, "params", VALUE_MAP, "an object", &params, why);
    if (reason == REJECT_NONE && text_equal(value_text(method), TEXT("NotifyEvent")))
        return decode_events(params, frame, ret_reason);
    if (reason == REJECT_NONE)
        reason = make_params(params, frame);
    return end(frame, reason, ret_reason);
}

static enum decode_verdict decode_status(struct frame *frame, struct text component,
                                         enum reject *ret_reason)
{
    struct value root;
    enum reject reason = refuse_name("the component in the topic", component, frame->why);
    if (reason == REJECT_NONE)
        reason = payload_parse(frame->input, frame->scratch, &root, frame->why);
    if (reason == REJECT_NONE && value_kind(root) != VALUE_MAP)
        reason = refuse(frame->why, REJECT_WRONG_SHAPE, "a status is %s; an object was due",
                        value_kind_name(value_kind(root)));
    if (reason == REJECT_NONE)
        reason = make_status(root, component, frame);
    return end(frame, reason, ret_reason);
}

static enum decode_verdict decode_online(struct frame *frame, struct text level,
                                         enum reject *ret_reason)
{
    bool online;
    enum reject reason = REJECT_NONE;
    (void)level;
    if (!payload_switch(text_trim(frame->input->payload), &online))
        reason = refuse(frame->why, REJECT_BAD_VALUE, "online is true or false");
    else if (point_bool(&frame->scratch->point, TEXT("available"), online) != ERR_OK)
        reason = refuse(frame->why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return end(frame, reason, ret_reason);
}

/* The levels behind the device: one, or one above a last level (NULL: any, and it is handed on). */
static const struct {
    const char *above, *last;
    enum decode_verdict (*decode)(struct frame *frame, struct text level, enum reject *ret_reason);
} forms[] = {
    {"events", "rpc", decode_rpc},
    {"status", NULL, decode_status},
    {"", "online", decode_online},
};

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    struct frame frame = {input, scratch, sink, why, {{0}, {0}}};
    struct text above, last;
    enum reject reason = device_begin(input, DIALECT, scratch, &frame.device, why);
    if (reason != REJECT_NONE)
        return end(&frame, reason, ret_reason);
    if (input->payload.len == 0)
        return ignore(&frame, "empty: a retained topic was cleared");
    above = frame.device.rest;
    if (!levels_cut_last(&above, &last))
        return ignore(&frame, "no topic of a device's status");
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (text_equal(above, text_of(forms[i].above)) &&
            (!forms[i].last || text_equal(last, text_of(forms[i].last))))
            return forms[i].decode(&frame, last, ret_reason);
    }
    return ignore(&frame, "neither events/rpc, status/<component> nor online");
}

const struct decoder shelly2_decoder = {
    .name = "shelly2",
    .help = "Shelly devices from the second generation on: events/rpc, status, online",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .prepare = device_prepare,
    .release = device_release,
    .decode = decode,
};
