#include "writer/decoders/shelly1.h"

#include "writer/decoders/device.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/levels.h"
#include "writer/decoders/names.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

#define DIALECT "shelly1"

/* How a topic's value is read: adds to scratch->point. `name` is the field's name. */
typedef enum reject reader(const struct decode_input *input, struct text name,
                           struct decode_scratch *scratch, struct err_reason *why);

static enum reject put_bool(struct point *point, struct text name, bool truth,
                            struct err_reason *why)
{
    if (point_bool(point, name, truth) == ERR_OK)
        return REJECT_NONE;
    return refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
}

static enum reject name_below(struct decode_scratch *scratch, struct text name, char separator,
                              struct text last, struct text *ret_name, struct err_reason *why)
{
    if (!names_join(&scratch->names, name, separator, last, ret_name))
        return refuse(why, REJECT_BAD_NAME, "the topic is too long for a field's name");
    return refuse_name("a field", *ret_name, why);
}

static enum reject read_relay(const struct decode_input *input, struct text name,
                              struct decode_scratch *scratch, struct err_reason *why)
{
    struct text word = text_trim(input->payload), tripped;
    bool overpower = text_equal(word, TEXT("overpower")), on = false;
    if (!overpower && !payload_switch(word, &on))
        return refuse(why, REJECT_BAD_VALUE, "a relay is on, off or overpower, not \"%.*s\"",
                      text_utf8_valid(word) ? (int)(word.len < 64 ? word.len : 64) : 0, word.at);
    enum reject reason = name_below(scratch, name, '.', TEXT("overpower"), &tripped, why);
    if (reason == REJECT_NONE)
        reason = put_bool(&scratch->point, name, on, why);
    return reason == REJECT_NONE ? put_bool(&scratch->point, tripped, overpower, why) : reason;
}

static enum reject read_number(const struct decode_input *input, struct decode_scratch *scratch,
                               double *ret_number, bool *ret_absent, struct err_reason *why)
{
    struct payload_plain plain;
    enum reject reason = payload_plain(input, scratch, &plain, why);
    *ret_absent =
        reason == REJECT_NO_FIELDS || (reason == REJECT_NONE && plain.kind == PAYLOAD_NAN);
    if (*ret_absent)
        return REJECT_NONE;
    if (reason == REJECT_NONE && plain.kind != PAYLOAD_NUMBER)
        reason = refuse(why, REJECT_BAD_VALUE, "a number was due, not \"%.*s\"",
                        REFUSE_ARGS(plain.word));
    if (reason == REJECT_NONE)
        *ret_number = plain.number;
    return reason;
}

static enum reject read_kwh(const struct decode_input *input, struct text name, double a_kwh,
                            struct decode_scratch *scratch, struct err_reason *why)
{
    double number;
    bool absent;
    enum reject reason = read_number(input, scratch, &number, &absent, why);
    if (reason == REJECT_NONE && !absent)
        reason = name_below(scratch, name, '_', TEXT("kwh"), &name, why);
    if (reason == REJECT_NONE && !absent &&
        point_number(&scratch->point, name, number / a_kwh) != ERR_OK)
        reason = refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return reason;
}

static enum reject read_watt_minutes(const struct decode_input *input, struct text name,
                                     struct decode_scratch *scratch, struct err_reason *why)
{
    return read_kwh(input, name, 60000, scratch, why);
}

static enum reject read_watt_hours(const struct decode_input *input, struct text name,
                                   struct decode_scratch *scratch, struct err_reason *why)
{
    return read_kwh(input, name, 1000, scratch, why);
}

static enum reject read_flag(const struct decode_input *input, struct text name,
                             struct decode_scratch *scratch, struct err_reason *why)
{
    struct text word = text_trim(input->payload);
    if (text_equal(word, TEXT("0")) || text_equal(word, TEXT("1")))
        return put_bool(&scratch->point, name, word.at[0] == '1', why);
    return device_plain(input, scratch, name, why);
}

static enum reject read_online(const struct decode_input *input, struct text name,
                               struct decode_scratch *scratch, struct err_reason *why)
{
    bool online;
    (void)name;
    if (!payload_switch(text_trim(input->payload), &online))
        return refuse(why, REJECT_BAD_VALUE, "online is true or false");
    return put_bool(&scratch->point, TEXT("available"), online, why);
}

static enum reject read_object(const struct decode_input *input, struct text name,
                               struct decode_scratch *scratch, struct err_reason *why)
{
    const struct flatten how = {.strict = true, .texts = true, .arrays = true, .prefix = name};
    struct value map;
    enum reject reason = payload_parse(input, scratch, &map, why);
    return reason == REJECT_NONE ? flatten_map(map, &how, scratch, why) : reason;
}

static enum reject read_info(const struct decode_input *input, struct text name,
                             struct decode_scratch *scratch, struct err_reason *why)
{
    const struct flatten figures = {.strict = true, .prefix = name};
    struct value map, time;
    enum reject reason = payload_parse(input, scratch, &map, why);
    if (reason == REJECT_NONE && value_kind(map) != VALUE_MAP)
        reason = refuse(why, REJECT_WRONG_SHAPE, "info is %s; an object was due",
                        value_kind_name(value_kind(map)));
    if (reason == REJECT_NONE && value_get(map, TEXT("unixtime"), &time))
        reason = device_time(time, &scratch->point, why);
    return reason == REJECT_NONE ? flatten_map(map, &figures, scratch, why) : reason;
}

static enum reject read_plain(const struct decode_input *input, struct text name,
                              struct decode_scratch *scratch, struct err_reason *why)
{
    if (text_starts(text_trim(input->payload), TEXT("{")))
        return read_object(input, name, scratch, why);
    return device_plain(input, scratch, name, why);
}

/* The levels behind the device, <i> for a number and + for any one. The first that fits. */
static const struct {
    const char *levels;
    reader *read;
} rules[] = {
    {"online", read_online},
    {"info", read_info},
    {"relay/<i>", read_relay},
    {"+/<i>/energy", read_watt_minutes},
    {"+/<i>/returned_energy", read_watt_minutes},
    {"emeter/<i>/total", read_watt_hours},
    {"emeter/<i>/total_returned", read_watt_hours},
    {"input/<i>", read_flag},
    {"longpush/<i>", read_flag},
    {"overtemperature", read_flag},
    {"overload", read_flag},
    {"loaderror", read_flag},
    {"sensor/vibration", read_flag},
};

static bool level_fits(struct text pattern, struct text level)
{
    if (text_equal(pattern, TEXT("+")))
        return true;
    if (!text_equal(pattern, TEXT("<i>")))
        return text_equal(pattern, level);
    for (size_t i = 0; i < level.len; i++) {
        if (level.at[i] < '0' || level.at[i] > '9')
            return false;
    }
    return level.len > 0;
}

static bool levels_fit(struct text pattern, struct text levels)
{
    struct text due, level;
    while (levels_cut_first(&pattern, &due)) {
        if (!levels_cut_first(&levels, &level) || !level_fits(due, level))
            return false;
    }
    return levels.len == 0;
}

static reader *reader_of(struct text levels)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (levels_fit(text_of(rules[i].levels), levels))
            return rules[i].read;
    }
    return read_plain;
}

/* The rule by which a message is not stored; NULL when it is. */
static const char *left_out(struct text levels, struct text payload)
{
    struct text level;
    if (levels.len == 0)
        return "no value of a device: no levels behind its name";
    if (text_equal(levels, TEXT("announce")))
        return "an announcement of a device";
    while (levels_cut_first(&levels, &level)) {
        if (text_equal(level, TEXT("command")) || text_equal(level, TEXT("set")))
            return "a command to a device";
    }
    if (payload.len == 0)
        return "empty: a retained topic was cleared";
    return text_starts(payload, TEXT("[")) ? "a list: no value" : NULL;
}

/* relay/0/power becomes relay.0.power. */
static enum reject field_name(struct text levels, struct decode_scratch *scratch,
                              struct text *ret_name, struct err_reason *why)
{
    struct text name = {0}, level;
    if (levels.len > DECODE_NAME_MAX_BYTES)
        return refuse_name("a field", levels, why);
    while (levels_cut_first(&levels, &level)) {
        if (!names_join(&scratch->names, name, '.', level, &name))
            return refuse(why, REJECT_BAD_NAME, "the topic has too many levels");
    }
    *ret_name = name;
    return refuse_name("a field", name, why);
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    struct device device;
    struct text name;
    enum reject reason = device_begin(input, DIALECT, scratch, &device, why);
    if (reason == REJECT_NONE) {
        const char *rule = left_out(device.rest, text_trim(input->payload));
        if (rule) {
            refuse(why, REJECT_NONE, "%s", rule);
            return DECODE_IGNORED;
        }
        reason = field_name(device.rest, scratch, &name, why);
    }
    if (reason == REJECT_NONE)
        reason = reader_of(device.rest)(input, name, scratch, why);
    return device_end(input, scratch, sink, reason, ret_reason, why);
}

const struct decoder shelly1_decoder = {
    .name = "shelly1",
    .help = "Shelly devices of the first generation: shellies/<id>/...",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .prepare = device_prepare,
    .release = device_release,
    .decode = decode,
};
