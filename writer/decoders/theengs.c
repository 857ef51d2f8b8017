#include "writer/decoders/theengs.h"

#include "schemas/message_time.h"
#include "writer/decoders/available.h"
#include "writer/decoders/device.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/levels.h"
#include "writer/decoders/names.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"
#include "writer/decoders/tag_value.h"

#define MODULE_END "toMQTT"

static bool is_one_of(struct text key, const char *const *words)
{
    for (; *words; words++) {
        if (text_equal(key, text_of(*words)))
            return true;
    }
    return false;
}

/* Who a device is, and raw frames; the time is read for itself. */
static bool describes_device(struct text key)
{
    static const char *const words[] = {"id",          "mac",      "mac_type",
                                        "name",        "brand",    "mfr",
                                        "mfid",        "model",    "model_id",
                                        "type",        "cidc",     "acts",
                                        "cont",        "track",    "uuid",
                                        "servicedata", "hex",      "servicedatauuid",
                                        "UTCtime",     "unixtime", "manufacturerdata",
                                        "unit",        "addr",     "res",
                                        NULL};
    return is_one_of(key, words);
}

static bool describes_transmitter(struct text key)
{
    static const char *const words[] = {"id",  "model", "subtype", "channel",  "protocol",
                                        "mic", "mod",   "UTCtime", "unixtime", NULL};
    return is_one_of(key, words);
}

static bool describes_gateway(struct text key)
{
    static const char *const words[] = {"version", "env",   "SSID",  "BSSID",   "ip",       "mac",
                                        "modules", "mqttp", "board", "UTCtime", "unixtime", NULL};
    return is_one_of(key, words);
}

static const struct module {
    const char *name;
    bool (*skip)(struct text key);
    bool heard;   /* its devices are named behind it */
    bool quoted;  /* numbers may stand in quotes */
    bool gateway; /* it tells of the gateway itself: its fields have no prefix */
} modules[] = {
    {"BT", describes_device, .heard = true, .quoted = true},
    {"LORA", describes_device, .heard = true, .quoted = true},
    {"RTL_433", describes_transmitter, .heard = true},
    {"SYS", describes_gateway, .quoted = true, .gateway = true},
};
static const struct module any_module = {"", describes_device, .quoted = true};

/* What a topic says. */
struct origin {
    const struct module *module;
    struct text name;    /* of the module */
    struct text gateway; /* the level before it */
    struct text behind;  /* all levels behind it; empty for none */
};

static bool cut_module(struct text level, struct text *ret_name)
{
    size_t end = strlen(MODULE_END);
    if (level.len <= end ||
        !text_equal((struct text){level.at + level.len - end, end}, TEXT(MODULE_END)))
        return false;
    *ret_name = (struct text){level.at, level.len - end};
    return true;
}

static const struct module *find_module(struct text name)
{
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        if (text_equal(name, text_of(modules[i].name)))
            return &modules[i];
    }
    return &any_module;
}

static bool find_origin(struct text topic, struct origin *ret_origin)
{
    struct origin origin = {0};
    struct text level;
    while (levels_cut_first(&topic, &level)) {
        if (cut_module(level, &origin.name)) {
            origin.module = find_module(origin.name);
            origin.behind = topic;
            *ret_origin = origin;
            return true;
        }
        origin.gateway = level;
    }
    return false;
}

static enum reject too_long(struct err_reason *why)
{
    return refuse(why, REJECT_BAD_NAME, "the levels of the topic are too long");
}

/* An older RTL_433 names its device in the message; a newer one writes the same into the topic.
 * Without a model, or with that of its own status, it is the gateway that speaks. */
static enum reject find_transmitter(struct value message, struct decode_scratch *scratch,
                                    struct text *ret_device, struct err_reason *why)
{
    static const char *const keys[] = {"model", "channel", "id"};
    struct text device = {NULL, 0};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct text part;
        struct value v;
        if (!value_get(message, text_of(keys[i]), &v))
            continue;
        enum reject reason = tag_value(v, text_of(keys[i]), scratch, &part, why);
        if (reason != REJECT_NONE)
            return reason;
        if (part.len > 0 && !names_join(&scratch->names, device, '/', part, &device))
            return too_long(why);
    }
    bool named = device.len > 0 && !text_equal(device, TEXT("status"));
    *ret_device = named ? device : (struct text){NULL, 0};
    return REJECT_NONE;
}

/* Who speaks, and what stands before the names of the fields. */
static enum reject find_device(const struct origin *origin, struct value message,
                               struct decode_scratch *scratch, struct text *ret_device,
                               struct text *ret_prefix, struct err_reason *why)
{
    struct text device = {NULL, 0}, prefix = {NULL, 0}, levels = origin->behind, level;
    enum reject reason = REJECT_NONE;
    if (origin->module->heard && origin->behind.len > 0)
        device = origin->behind;
    else if (origin->module->skip == describes_transmitter)
        reason = find_transmitter(message, scratch, &device, why);
    if (reason != REJECT_NONE)
        return reason;
    if (device.len == 0) {
        device = origin->gateway;
        prefix = origin->module->gateway ? prefix : origin->name;
        while (levels_cut_first(&levels, &level)) {
            if (!names_join(&scratch->names, prefix, '.', level, &prefix))
                return too_long(why);
        }
    }
    *ret_device = device;
    *ret_prefix = prefix;
    return REJECT_NONE;
}

/* A time that cannot be read is none: versions differ in how they write the zone. */
static enum reject add_time(struct value message, struct point *point, struct err_reason *why)
{
    struct value v;
    if (value_get(message, TEXT("unixtime"), &v))
        return device_time(v, point, why);
    if (value_get(message, TEXT("UTCtime"), &v) && value_kind(v) == VALUE_TEXT)
        point->timed = message_time_rfc3339(value_text(v), &point->time_ns, NULL) == ERR_OK;
    return REJECT_NONE;
}

static enum reject add_object(const struct origin *origin, struct value message, struct text prefix,
                              struct decode_scratch *scratch, struct err_reason *why)
{
    const struct flatten how = {.strict = true,
                                .texts = true,
                                .arrays = true,
                                .numbers_in_text = origin->module->quoted,
                                .skip = origin->module->skip,
                                .prefix = prefix};
    enum reject reason = flatten_map(message, &how, scratch, why);
    return reason == REJECT_NONE ? add_time(message, &scratch->point, why) : reason;
}

static enum reject add_message(const struct decode_input *input, const struct origin *origin,
                               struct decode_scratch *scratch, struct err_reason *why)
{
    struct text payload = text_trim(input->payload), device, prefix;
    bool object = payload.len > 0 && payload.at[0] == '{';
    struct value message = {NULL};
    enum reject reason = object ? payload_parse(input, scratch, &message, why) : REJECT_NONE;
    if (reason == REJECT_NONE)
        reason = find_device(origin, message, scratch, &device, &prefix, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(&scratch->point, TEXT("device_id"), device, why);
    if (reason != REJECT_NONE)
        return reason;
    if (object)
        return add_object(origin, message, prefix, scratch, why);
    return device_plain(input, scratch, prefix.len > 0 ? prefix : TEXT("value"), why);
}

static enum decode_verdict ignore(struct err_reason *why, const char *words)
{
    (void)refuse(why, REJECT_NONE, "%s", words);
    return DECODE_IGNORED;
}

/* <gateway>/LWT. */
static bool is_will(struct text topic, struct text *ret_gateway)
{
    struct text last;
    return levels_cut_last(&topic, &last) && text_equal(last, TEXT("LWT")) &&
           levels_cut_last(&topic, ret_gateway);
}

static enum reject add_will(const struct decode_input *input, struct text gateway,
                            struct point *point, struct err_reason *why)
{
    enum reject reason = finish_tag(point, TEXT("device_id"), gateway, why);
    return reason == REJECT_NONE ? available_field(point, input->payload, why) : reason;
}

static enum reject check_device(const struct point *point, struct err_reason *why)
{
    if (finish_has_tag(point, TEXT("device_id")))
        return REJECT_NONE;
    return refuse(why, REJECT_BAD_NAME, "no level of the topic names a gateway or a device");
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    struct origin origin = {0};
    struct text gateway;
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    bool will = is_will(input->topic, &gateway);
    if (!will && !find_origin(input->topic, &origin))
        return ignore(why, "a command, a version or another topic: no level is <module>toMQTT");
    if (input->payload.len == 0)
        return ignore(why, "an empty message: a retained one was cleared");
    if (!will && text_equal(origin.behind, TEXT("undecoded")))
        return ignore(why, "a raw frame for another decoder");
    if (!will && (text_equal(origin.name, TEXT("RLS")) || text_equal(origin.name, TEXT("LOG"))))
        return ignore(why, "a release of the firmware or its log, no reading");
    enum reject reason = will ? add_will(input, gateway, &scratch->point, why)
                              : add_message(input, &origin, scratch, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(&scratch->point, TEXT("source"), TEXT("theengs"), why);
    if (reason == REJECT_NONE && scratch->point.field_count > 0)
        reason = check_device(&scratch->point, why);
    return device_end(input, scratch, sink, reason, ret_reason, why);
}

const struct decoder theengs_decoder = {
    .name = "theengs",
    .help = "Theengs Gateway and OpenMQTTGateway: Bluetooth, LoRa, RTL_433 and their own sensors",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .decode = decode,
};
