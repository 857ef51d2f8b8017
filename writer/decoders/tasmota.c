#include "writer/decoders/tasmota.h"

#include "base/clock.h"
#include "writer/decoders/available.h"
#include "writer/decoders/device.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/iso_time.h"
#include "writer/decoders/levels.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

#define DIALECT "tasmota"

/* One form of message: adds its fields and its time to scratch->point. */
struct form {
    const char *command; /* the topic's last level */
    bool numbered;       /* or with a number behind it */
    const char *inside;  /* the member that holds what counts; NULL: the message itself */
    enum reject (*make)(const struct decode_input *input, const struct form *form,
                        struct text command, struct decode_scratch *scratch,
                        struct err_reason *why);
};

/* Does an ISO 8601 text end with a zone? */
static bool has_zone(struct text t)
{
    return t.len > 6 &&
           (t.at[t.len - 1] == 'Z' || t.at[t.len - 6] == '+' || t.at[t.len - 6] == '-');
}

/* A local time that cannot be read (firmware before 6 wrote 2018.02.15) is as good as none. */
static enum reject text_time(const struct decode_input *input, struct text t, struct point *point,
                             struct err_reason *why)
{
    const struct device_source *source = input->prepared;
    enum reject reason = iso_time_read(t, source->zone, input->arrival_ns, point, why);
    point->timed = point->timed && point->time_ns >= DEVICE_CLOCK_MIN_S * CLOCK_NS_PER_S;
    return has_zone(t) ? reason : REJECT_NONE;
}

/* The form of `Time` is the command Time's choice: 1 text, 2 text and Epoch, 3 seconds, 4
 * milliseconds. */
static enum reject add_time(const struct decode_input *input, struct value map, struct point *point,
                            struct err_reason *why)
{
    static const int64_t milliseconds_from = INT64_C(100000000000); /* as seconds the year 5138 */
    struct value v;
    if (value_get(map, TEXT("Epoch"), &v))
        return device_time(v, point, why);
    if (!value_get(map, TEXT("Time"), &v))
        return REJECT_NONE;
    if (value_kind(v) == VALUE_TEXT)
        return text_time(input, value_text(v), point, why);
    if (value_kind(v) != VALUE_INTEGER || value_integer(v) < milliseconds_from)
        return device_time(v, point, why);
    if (value_integer(v) > INT64_MAX / CLOCK_NS_PER_MS)
        return refuse(why, REJECT_BAD_TIME, "\"Time\" is after the year 2262");
    point->time_ns = value_integer(v) * CLOCK_NS_PER_MS;
    point->timed = true;
    return REJECT_NONE;
}

/* Uptime is text that UptimeSec says as a number. */
static bool no_field(struct text key)
{
    return text_equal(key, TEXT("Time")) || text_equal(key, TEXT("Epoch")) ||
           text_equal(key, TEXT("Uptime"));
}

static bool is_action(struct text name)
{
    static const char action[] = "Action";
    size_t len = sizeof action - 1;
    return name.len >= len && memcmp(name.at + name.len - len, action, len) == 0 &&
           (name.len == len || name.at[name.len - len - 1] == '.');
}

/* ON and OFF are how the firmware writes a boolean (GetStateText). */
static void make_booleans(struct point *point)
{
    for (unsigned i = 0; i < point->field_count; i++) {
        struct point_field *field = &point->fields[i];
        if (field->type != FIELD_TEXT || is_action(field->key))
            continue;
        bool on = text_equal(field->text, TEXT("ON"));
        if (!on && !text_equal(field->text, TEXT("OFF")))
            continue;
        field->type = FIELD_BOOL;
        field->truth = on;
    }
}

static enum reject need_map(struct value v, const char *what, struct err_reason *why)
{
    if (value_kind(v) == VALUE_MAP)
        return REJECT_NONE;
    return refuse(why, REJECT_WRONG_SHAPE, "%s is %s; an object was due", what,
                  value_kind_name(value_kind(v)));
}

/* {"Command":"Unknown"}: the answer to a command that the device does not know. */
static bool only_refuses(struct value map)
{
    struct value v;
    return value_count(map) == 1 && value_get(map, TEXT("Command"), &v);
}

static enum reject make_members(const struct decode_input *input, const struct form *form,
                                struct text command, struct decode_scratch *scratch,
                                struct err_reason *why)
{
    static const struct flatten how = {
        .strict = true, .texts = true, .arrays = true, .skip = no_field};
    struct value map;
    (void)command;
    enum reject reason = payload_parse(input, scratch, &map, why);
    if (reason == REJECT_NONE)
        reason = need_map(map, "this", why);
    if (reason == REJECT_NONE && form->inside) {
        if (!value_get(map, text_of(form->inside), &map))
            return refuse(why, REJECT_WRONG_SHAPE, "there is no \"%s\"; an object was due",
                          form->inside);
        reason = need_map(map, form->inside, why);
    }
    if (reason != REJECT_NONE || only_refuses(map))
        return reason;
    reason = add_time(input, map, &scratch->point, why);
    if (reason == REJECT_NONE)
        reason = flatten_map(map, &how, scratch, why);
    make_booleans(&scratch->point);
    return reason;
}

/* With SetOption4 the object that else comes as RESULT comes here too. */
static enum reject make_power(const struct decode_input *input, const struct form *form,
                              struct text command, struct decode_scratch *scratch,
                              struct err_reason *why)
{
    if (text_starts(text_trim(input->payload), TEXT("{")))
        return make_members(input, form, command, scratch, why);
    return device_plain(input, scratch, command, why);
}

static enum reject make_available(const struct decode_input *input, const struct form *form,
                                  struct text command, struct decode_scratch *scratch,
                                  struct err_reason *why)
{
    (void)form;
    (void)command;
    return available_field(&scratch->point, input->payload, why);
}

static const struct form forms[] = {
    {"SENSOR", false, NULL, make_members},
    {"STATE", false, NULL, make_members},
    {"RESULT", false, NULL, make_members},
    {"STATUS8", false, "StatusSNS", make_members},
    {"STATUS10", false, "StatusSNS", make_members},
    {"STATUS11", false, "StatusSTS", make_members},
    {"POWER", true, NULL, make_power},
    {"LWT", false, NULL, make_available},
};

static bool is_number(struct text t)
{
    for (size_t i = 0; i < t.len; i++) {
        if (t.at[i] < '0' || t.at[i] > '9')
            return false;
    }
    return true;
}

static const struct form *form_of(struct text command)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct text name = text_of(forms[i].command);
        if (!text_starts(command, name))
            continue;
        struct text number = {command.at + name.len, command.len - name.len};
        if (number.len == 0 || (forms[i].numbered && is_number(number)))
            return &forms[i];
    }
    return NULL;
}

/* Is one of the levels, but for the device's own, the prefix of commands? */
static bool is_command(struct text topic, struct text device)
{
    struct text level;
    while (levels_cut_first(&topic, &level)) {
        if (level.at != device.at && text_equal(level, TEXT("cmnd")))
            return true;
    }
    return false;
}

static enum decode_verdict ignore(const char *rule, struct err_reason *why)
{
    refuse(why, REJECT_NONE, "%s", rule);
    return DECODE_IGNORED;
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    struct device device;
    struct text rest, command;
    enum reject reason = device_begin(input, DIALECT, scratch, &device, why);
    if (reason != REJECT_NONE)
        return device_end(input, scratch, sink, reason, ret_reason, why);
    if (is_command(input->topic, device.id))
        return ignore("a command to a device", why);
    if (input->payload.len == 0)
        return ignore("empty: a retained topic was cleared", why);
    rest = device.rest;
    const struct form *form = levels_cut_last(&rest, &command) ? form_of(command) : NULL;
    if (!form)
        return ignore("neither SENSOR, STATE, RESULT, STATUS8, STATUS10, STATUS11, POWER nor LWT",
                      why);
    reason = form->make(input, form, command, scratch, why);
    return device_end(input, scratch, sink, reason, ret_reason, why);
}

const struct decoder tasmota_decoder = {
    .name = "tasmota",
    .help = "devices with Tasmota: SENSOR, STATE, RESULT, POWER, LWT in any order of FullTopic",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .prepare = device_prepare,
    .release = device_release,
    .decode = decode,
};
