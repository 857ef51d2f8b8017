#include "writer/decoders/frigate_stats.h"

#include "writer/decoders/device.h"
#include "writer/decoders/elements.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/frigate_event.h"
#include "writer/decoders/names.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

/* What all points of one message go by. */
struct stats {
    const struct decode_input *input;
    struct decode_scratch *scratch;
    const struct decode_sink *sink;
    struct elements_count count;
    int64_t time_ns;
    bool timed;
};

/* A process id is no figure, and neither is when something began. */
static bool no_figure(struct text key)
{
    static const char *const keys[] = {"pid", "capture_pid", "ffmpeg_pid", "detection_start"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (text_equal(key, text_of(keys[i])))
            return true;
    }
    return false;
}

static bool is_camera(struct value v)
{
    struct value fps;
    return value_get(v, TEXT("camera_fps"), &fps);
}

static void begin(struct stats *s)
{
    point_clear(&s->scratch->point);
    buf_reset(&s->scratch->names);
}

/* Gives the point that was begun, if it has a field. */
static void give(struct stats *s, struct text device)
{
    struct point *point = &s->scratch->point;
    point->timed = s->timed;
    point->time_ns = s->time_ns;
    if (finish_tag(point, TEXT("device_id"), device, NULL) == REJECT_NONE &&
        finish_tag(point, TEXT("source"), TEXT(FRIGATE_NAME), NULL) == REJECT_NONE &&
        finish_point(s->input, DEVICE_MEASUREMENT, point, NULL) == REJECT_NONE &&
        elements_give(&s->count, point, s->sink, NULL) == REJECT_NONE)
        s->count.outcomes++;
}

static void give_camera(struct stats *s, struct text name, struct value camera)
{
    static const struct flatten how = {.numbers_in_text = true, .skip = no_figure};
    begin(s);
    if (flatten_map(camera, &how, s->scratch, NULL) == REJECT_NONE)
        give(s, name);
}

static void give_cameras(struct stats *s, struct value cameras)
{
    struct value_walk walk = value_walk(cameras);
    struct text name;
    struct value v;
    while (value_next(&walk, &name, &v)) {
        if (is_camera(v))
            give_camera(s, name, v);
    }
}

/* Each member's own figures, under <key>.<member>. */
static void add_each(struct text key, struct value map, struct decode_scratch *scratch)
{
    struct value_walk walk = value_walk(map);
    struct text member, name;
    struct value v;
    while (value_next(&walk, &member, &v)) {
        if (value_kind(v) != VALUE_MAP || !names_join(&scratch->names, key, '.', member, &name))
            continue;
        const struct flatten how = {.skip = no_figure, .prefix = name};
        (void)flatten_map(v, &how, scratch, NULL);
    }
}

/* "12.5%" or "12 %". */
static bool percent(struct text text, double *ret_number)
{
    if (text.len == 0 || text.at[text.len - 1] != '%')
        return false;
    return text_number(text_trim((struct text){text.at, text.len - 1}), ret_number);
}

static void add_percents(struct text prefix, struct value gpu, struct decode_scratch *scratch)
{
    struct value_walk walk = value_walk(gpu);
    struct text key, name;
    struct value v;
    double number;
    while (value_next(&walk, &key, &v)) {
        if (value_kind(v) != VALUE_TEXT || !percent(value_text(v), &number) ||
            !names_join(&scratch->names, prefix, '.', key, &name) ||
            refuse_name("a field", name, NULL) != REJECT_NONE ||
            point_number(&scratch->point, name, number) != ERR_OK)
            continue;
    }
}

static void add_gpus(struct text key, struct value gpus, struct decode_scratch *scratch)
{
    struct value_walk walk = value_walk(gpus);
    struct text member, name;
    struct value v;
    while (value_next(&walk, &member, &v)) {
        if (names_join(&scratch->names, key, '.', member, &name))
            add_percents(name, v, scratch);
    }
}

static void add_figures(struct text key, struct value v, struct decode_scratch *scratch)
{
    static const struct text last_updated = {"service.last_updated", 20};
    static const struct flatten how = {.except = &last_updated, .except_count = 1};
    (void)flatten_value(key, v, &how, scratch, NULL);
}

static void add_nothing(struct text key, struct value v, struct decode_scratch *scratch)
{
    (void)key;
    (void)v;
    (void)scratch;
}

/* Members of the message; any other is figures. */
static const struct {
    const char *key;
    void (*add)(struct text key, struct value v, struct decode_scratch *scratch);
} members[] = {
    {"cameras", add_nothing},          {"detectors", add_each},    {"gpu_usages", add_gpus},
    {"cpu_usages", add_nothing}, /* these three by process id or name of a process */
    {"bandwidth_usages", add_nothing}, {"processes", add_nothing},
};

static void add_member(struct text key, struct value v, struct decode_scratch *scratch)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (text_equal(key, text_of(members[i].key))) {
            members[i].add(key, v, scratch);
            return;
        }
    }
    if (!is_camera(v))
        add_figures(key, v, scratch);
}

static void give_own(struct stats *s, struct value message, struct text device)
{
    struct value_walk walk = value_walk(message);
    struct text key;
    struct value v;
    begin(s);
    while (value_next(&walk, &key, &v))
        add_member(key, v, s->scratch);
    if (s->scratch->point.field_count > 0)
        give(s, device);
}

static enum reject read_time(struct stats *s, struct value message, struct err_reason *why)
{
    struct value service, updated;
    begin(s);
    if (!value_get(message, TEXT("service"), &service) ||
        !value_get(service, TEXT("last_updated"), &updated))
        return REJECT_NONE;
    enum reject reason = device_time(updated, &s->scratch->point, why);
    s->timed = s->scratch->point.timed;
    s->time_ns = s->scratch->point.time_ns;
    return reason;
}

enum decode_verdict frigate_stats(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, struct text device,
                                  enum reject *ret_reason, struct err_reason *why)
{
    struct stats s = {.input = input, .scratch = scratch, .sink = sink};
    struct value message, cameras;
    enum reject reason = payload_parse(input, scratch, &message, why);
    if (reason == REJECT_NONE && value_kind(message) != VALUE_MAP)
        reason = refuse(why, REJECT_WRONG_SHAPE, "statistics are an object, and this is %s",
                        value_kind_name(value_kind(message)));
    if (reason == REJECT_NONE)
        reason = read_time(&s, message, why);
    if (reason != REJECT_NONE) {
        *ret_reason = reason;
        return DECODE_REJECTED;
    }
    if (!value_get(message, TEXT("cameras"), &cameras))
        cameras = message; /* before 0.13 they stood beside all else */
    give_cameras(&s, cameras);
    give_own(&s, message, device);
    if (s.count.outcomes > 0)
        return DECODED;
    (void)refuse(why, REJECT_NONE, "statistics without a figure");
    return DECODE_IGNORED;
}
