#include "writer/decoders/finish.h"

#include "bus/filter.h"
#include "writer/decoders/refuse.h"

enum reject finish_tag(struct point *point, struct text key, struct text value,
                       struct err_reason *why)
{
    enum reject reason = refuse_name("a tag", key, why);
    if (reason != REJECT_NONE)
        return reason;
    if (value.len > DECODE_TAG_MAX_BYTES)
        return refuse(why, REJECT_BAD_NAME, "the tag \"%.*s\" has %zu bytes; at most %d are taken",
                      REFUSE_ARGS(key), value.len, DECODE_TAG_MAX_BYTES);
    if (point_tag(point, key, value) != ERR_OK)
        return refuse(why, REJECT_TOO_MANY, "more than %d tags", POINT_MAX_TAGS);
    return REJECT_NONE;
}

bool finish_has_tag(const struct point *point, struct text key)
{
    for (unsigned i = 0; i < point->tag_count; i++) {
        if (text_equal(point->tags[i].key, key))
            return true;
    }
    return false;
}

static enum reject add_captured(const struct decode_input *input, struct point *point,
                                struct err_reason *why)
{
    struct filter_captures captures = {0};
    if (!strchr(input->source->filter, '+') ||
        !filter_match(text_of(input->source->filter), input->topic, &captures))
        return REJECT_NONE;
    for (size_t i = 0; i < captures.count; i++) {
        const struct filter_capture *capture = &captures.at[i];
        if (capture->level.len == 0)
            return refuse(why, REJECT_BAD_NAME,
                          "the topic's level for the tag \"%.*s\" is empty (filter %s)",
                          REFUSE_ARGS(capture->name), input->source->filter);
        enum reject reason = finish_tag(point, capture->name, capture->level, why);
        if (reason != REJECT_NONE)
            return reason;
    }
    return REJECT_NONE;
}

static enum reject add_configured(const struct settings_tag *tags, unsigned count,
                                  struct point *point, struct err_reason *why)
{
    for (unsigned i = 0; i < count; i++) {
        enum reject reason = finish_tag(point, text_of(tags[i].key), text_of(tags[i].value), why);
        if (reason != REJECT_NONE)
            return reason;
    }
    return REJECT_NONE;
}

static enum reject add_tags(const struct decode_input *input, struct point *point,
                            struct err_reason *why)
{
    const struct settings_source *source = input->source;
    enum reject reason = REJECT_NONE;
    if (source)
        reason = add_captured(input, point, why);
    if (source && reason == REJECT_NONE)
        reason = add_configured(source->tags, source->tags_count, point, why);
    if (reason == REJECT_NONE)
        reason = add_configured(input->tags, input->tags_count, point, why);
    return reason;
}

enum reject finish_point(const struct decode_input *input, const char *measurement,
                         struct point *point, struct err_reason *why)
{
    if (point->field_count == 0)
        return refuse(why, REJECT_NO_FIELDS,
                      "nothing in it can be stored: a number, a boolean or text was due");
    if (units_convert(input->units, point, why) != ERR_OK)
        return REJECT_BAD_VALUE;
    if (point->measurement.len == 0) {
        bool own = input->source && input->source->measurement && *input->source->measurement;
        point->measurement = text_of(own ? input->source->measurement : measurement);
    }
    enum reject reason = refuse_name("a measurement", point->measurement, why);
    return reason == REJECT_NONE ? add_tags(input, point, why) : reason;
}

/* A + that is not a level of its own has a name behind it. */
static bool captures_levels(const char *filter)
{
    for (const char *plus = strchr(filter, '+'); plus; plus = strchr(plus + 1, '+')) {
        if (plus[1] != '\0' && plus[1] != '/')
            return true;
    }
    return false;
}

enum reject finish_topic(const struct decode_input *input, struct point *point,
                         struct err_reason *why)
{
    if (input->source && captures_levels(input->source->filter))
        return REJECT_NONE;
    return finish_tag(point, TEXT("topic"), input->topic, why);
}

enum decode_verdict finish_single(const struct decode_sink *sink, const struct point *point,
                                  enum reject reason, enum reject *ret_reason)
{
    if (reason != REJECT_NONE) {
        *ret_reason = reason;
        return DECODE_REJECTED;
    }
    sink->point(sink->context, point, 0);
    return DECODED;
}
