#include "writer/decoders/value.h"

#include "writer/decoders/finish.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"
#include "writer/decoders/state.h"

static enum reject make_value(const struct decode_input *input, struct decode_scratch *scratch,
                              struct err_reason *why)
{
    struct point *point = &scratch->point;
    struct payload_plain plain;
    enum reject reason = payload_plain(input, scratch, &plain, why);
    if (reason != REJECT_NONE)
        return reason;
    enum err err = plain.kind == PAYLOAD_NUMBER ? point_number(point, TEXT("value"), plain.number)
                                                : state_fields(point, plain.word);
    if (err != ERR_OK)
        return refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    reason = finish_topic(input, point, why);
    return reason == REJECT_NONE ? finish_point(input, "device_metrics", point, why) : reason;
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    return finish_single(sink, &scratch->point, make_value(input, scratch, why), ret_reason);
}

const struct decoder value_decoder = {
    .name = "value",
    .help = "one plain number or word a topic; +name in the filter makes a level a tag",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .decode = decode,
};
