#include "writer/decoders/line.h"

#include "influx/line.h"
#include "writer/decoders/elements.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/refuse.h"

static enum reject make_line(const struct decode_input *input, struct decode_scratch *scratch,
                             struct text line, struct err_reason *why)
{
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    if (!text_utf8_valid(line))
        return refuse(why, REJECT_NOT_UTF8, "the line is not UTF-8 text");
    if (line_parse(line, &scratch->names, &scratch->point, why) != ERR_OK)
        return REJECT_NOT_LINE;
    return finish_point(input, "", &scratch->point, why);
}

static void decode_line(const struct decode_input *input, struct decode_scratch *scratch,
                        struct text line, struct elements_count *count,
                        const struct decode_sink *sink)
{
    struct err_reason why = {""};
    enum reject reason = make_line(input, scratch, line, &why);
    enum reject given =
        elements_give(count, reason == REJECT_NONE ? &scratch->point : NULL, sink, &why);
    if (reason == REJECT_NONE)
        reason = given;
    if (reason != REJECT_NONE)
        sink->reject(sink->context, reason, why.text, elements_place_rejected(count), line);
}

/* Each line but the last ends with a newline. */
static bool may_be_crowded(struct text payload)
{
    unsigned newlines = 0;
    const char *at = payload.at, *end = payload.at + payload.len;
    while (newlines < DECODE_MAX_UNTIMED && (at = memchr(at, '\n', (size_t)(end - at)))) {
        newlines++;
        at++;
    }
    return newlines == DECODE_MAX_UNTIMED;
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    struct text rest = input->payload, line, next;
    if (!line_next(&rest, &line)) {
        *ret_reason = refuse(why, REJECT_EMPTY, "there is no line in the payload");
        return DECODE_REJECTED;
    }
    if (!line_next(&rest, &next))
        return finish_single(sink, &scratch->point, make_line(input, scratch, line, why),
                             ret_reason);
    struct elements_count count = {.crowded = may_be_crowded(input->payload)};
    decode_line(input, scratch, line, &count, sink);
    do
        decode_line(input, scratch, next, &count, sink);
    while (line_next(&rest, &next));
    return DECODED;
}

const struct decoder line_decoder = {
    .name = "line",
    .help = "InfluxDB line protocol, one or many lines, timestamps in nanoseconds",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .decode = decode,
};
