#include "writer/decoders/service_metrics.h"

#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/own.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

static enum reject add_service(const struct decode_input *input, struct value map,
                               struct point *point, struct err_reason *why)
{
    struct text service = own_topic(input);
    enum reject reason = REJECT_NONE;
    if (service.len == 0)
        reason = own_text(map, "service", &service, why);
    return reason == REJECT_NONE && service.len ? finish_tag(point, TEXT("service"), service, why)
                                                : reason;
}

static enum reject make_metrics(const struct decode_input *input, struct decode_scratch *scratch,
                                struct err_reason *why)
{
    static const struct flatten how = {.skip = own_reserved};
    struct point *point = &scratch->point;
    struct value root;
    enum reject reason = payload_parse(input, scratch, &root, why);
    if (reason == REJECT_NONE && value_kind(root) != VALUE_MAP)
        reason = refuse(why, REJECT_WRONG_SHAPE, "this is %s; an object of metrics was due",
                        value_kind_name(value_kind(root)));
    if (reason == REJECT_NONE)
        reason = add_service(input, root, point, why);
    if (reason == REJECT_NONE)
        reason = own_time(root, point, why);
    if (reason == REJECT_NONE)
        reason = flatten_map(root, &how, scratch, why);
    if (reason == REJECT_NONE)
        reason = finish_point(input, "service_metrics", point, why);
    if (reason == REJECT_NONE && !finish_has_tag(point, TEXT("service")))
        reason = refuse(why, REJECT_WRONG_SHAPE,
                        "no service: give \"service\" in the message or +service in the filter");
    return reason;
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    return finish_single(sink, &scratch->point, make_metrics(input, scratch, why), ret_reason);
}

const struct decoder service_metrics_decoder = {
    .name = "service_metrics",
    .help = "a service's own figures: each number and boolean of an object",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .decode = decode,
};
