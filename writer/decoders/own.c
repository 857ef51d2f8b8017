#include "writer/decoders/own.h"

#include "schemas/message_time.h"
#include "schemas/reading.h"
#include "schemas/topics.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/names.h"
#include "writer/decoders/refuse.h"
#include "writer/decoders/tag_value.h"

bool own_reserved(struct text key)
{
    return keys_find(&reading_keys, key) != NULL; /* an event has the same */
}

enum reject own_text(struct value map, const char *key, struct text *ret_text,
                     struct err_reason *why)
{
    struct value v;
    *ret_text = (struct text){0};
    if (!value_get(map, text_of(key), &v) || value_kind(v) == VALUE_NULL)
        return REJECT_NONE;
    if (value_kind(v) != VALUE_TEXT)
        return refuse(why, REJECT_WRONG_SHAPE, "\"%s\" is %s; text was due", key,
                      value_kind_name(value_kind(v)));
    *ret_text = value_text(v);
    return REJECT_NONE;
}

enum reject own_time(struct value map, struct point *point, struct err_reason *why)
{
    if (message_time(map, &point->timed, &point->time_ns, why) == ERR_OK)
        return REJECT_NONE;
    return REJECT_BAD_TIME;
}

static enum reject add_tags(struct value map, struct decode_scratch *scratch,
                            struct err_reason *why)
{
    struct value tags, v;
    if (!value_get(map, TEXT("tags"), &tags) || value_kind(tags) == VALUE_NULL)
        return REJECT_NONE;
    if (value_kind(tags) != VALUE_MAP)
        return refuse(why, REJECT_WRONG_SHAPE, "\"tags\" is %s; an object was due",
                      value_kind_name(value_kind(tags)));
    struct value_walk walk = value_walk(tags);
    struct text key, text;
    enum reject reason = REJECT_NONE;
    while (reason == REJECT_NONE && value_next(&walk, &key, &v)) {
        reason = tag_value(v, key, scratch, &text, why);
        if (reason == REJECT_NONE)
            reason = finish_tag(&scratch->point, key, text, why);
    }
    return reason;
}

static enum reject add_short(struct value map, const struct own_kind *kind,
                             struct decode_scratch *scratch, struct err_reason *why)
{
    struct text tags[OWN_KIND_MAX_TAGS];
    struct flatten how = {
        .strict = true, .texts = true, .arrays = true, .skip = own_reserved, .except = tags};
    for (; kind && kind->tags[how.except_count]; how.except_count++)
        tags[how.except_count] = text_of(kind->tags[how.except_count]);
    return flatten_map(map, &how, scratch, why);
}

static enum reject add_fields(struct value map, const struct own_kind *kind,
                              struct decode_scratch *scratch, struct err_reason *why)
{
    struct flatten how = {.strict = true, .texts = true, .arrays = true};
    struct value fields;
    if (!value_get(map, TEXT("fields"), &fields))
        return add_short(map, kind, scratch, why);
    if (value_kind(fields) != VALUE_MAP)
        return refuse(why, REJECT_WRONG_SHAPE, "\"fields\" is %s; an object was due",
                      value_kind_name(value_kind(fields)));
    return flatten_map(fields, &how, scratch, why);
}

enum reject own_body(struct value map, const struct own_kind *kind, struct decode_scratch *scratch,
                     struct err_reason *why)
{
    enum reject reason = own_text(map, "measurement", &scratch->point.measurement, why);
    if (reason == REJECT_NONE)
        reason = add_tags(map, scratch, why);
    if (reason == REJECT_NONE)
        reason = own_time(map, &scratch->point, why);
    if (reason == REJECT_NONE)
        reason = add_fields(map, kind, scratch, why);
    return reason;
}

struct text own_topic(const struct decode_input *input)
{
    return topic_parse(input->topic_root, input->topic).name;
}
