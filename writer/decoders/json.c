#include "writer/decoders/json.h"

#include "writer/decoders/elements.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/json_plan.h"
#include "writer/decoders/names.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"
#include "writer/decoders/tag_value.h"

static enum reject refuse_absent(const char *what, const struct json_named *named,
                                 struct err_reason *why)
{
    return refuse(why, REJECT_WRONG_SHAPE,
                  "there is no \"%.*s\" in it for the %s \"%.*s\"; where it may be absent its path "
                  "ends with ?",
                  REFUSE_ARGS(named->path.text), what, REFUSE_ARGS(named->name));
}

/* The field's name with the indices of the elements that were taken: name.0, name.2.1. */
static bool indexed_name(const struct json_named *field, const struct value_path_walk *walk,
                         struct decode_scratch *scratch, struct text *ret_name)
{
    struct text name = field->name, index;
    for (unsigned i = 0; i < field->path.each; i++) {
        if (!names_number(&scratch->names, walk->index[i], &index) ||
            !names_join(&scratch->names, name, '.', index, &name))
            return false;
    }
    *ret_name = name;
    return true;
}

static enum reject add_field(const struct json_named *field, const struct flatten *how,
                             struct value part, struct decode_scratch *scratch,
                             struct err_reason *why)
{
    struct value_path_walk walk = value_path_walk(&field->path, scratch->message, part);
    bool found = false;
    struct value v;
    while (value_path_next(&walk, &v)) {
        struct text name;
        found = true;
        if (!indexed_name(field, &walk, scratch, &name))
            return refuse(why, REJECT_TOO_MANY, "too many nested names");
        enum reject reason = flatten_value(name, v, how, scratch, why);
        if (reason != REJECT_NONE)
            return reason;
    }
    return found || field->path.optional ? REJECT_NONE : refuse_absent("field", field, why);
}

static enum reject add_fields(const struct json_plan *plan, struct value part,
                              struct decode_scratch *scratch, struct err_reason *why)
{
    struct flatten how = {
        .strict = true, .texts = true, .arrays = true, .numbers_in_text = plan->numbers_in_text};
    enum reject reason = REJECT_NONE;
    if (plan->fields_count == 0) {
        how.except = plan->except;
        how.except_count = plan->except_count;
        return flatten_map(part, &how, scratch, why);
    }
    for (unsigned i = 0; reason == REJECT_NONE && i < plan->fields_count; i++)
        reason = add_field(&plan->fields[i], &how, part, scratch, why);
    return reason;
}

static enum reject add_tags(const struct json_plan *plan, struct value part,
                            struct decode_scratch *scratch, struct err_reason *why)
{
    for (unsigned i = 0; i < plan->tags_count; i++) {
        const struct json_named *tag = &plan->tags[i];
        struct value v;
        struct text text;
        if (!value_path_find(&tag->path, scratch->message, part, &v)) {
            if (tag->path.optional)
                continue;
            return refuse_absent("tag", tag, why);
        }
        enum reject reason = tag_value(v, tag->name, scratch, &text, why);
        if (reason == REJECT_NONE)
            reason = finish_tag(&scratch->point, tag->name, text, why);
        if (reason != REJECT_NONE)
            return reason;
    }
    return REJECT_NONE;
}

/* Null is a time that is not there. */
static enum reject add_time(const struct decode_input *input, const struct json_plan *plan,
                            struct value part, struct decode_scratch *scratch,
                            struct err_reason *why)
{
    struct value v;
    if (!plan->timed)
        return REJECT_NONE;
    if (!value_path_find(&plan->time, scratch->message, part, &v) || value_kind(v) == VALUE_NULL)
        return plan->time.optional
                   ? REJECT_NONE
                   : refuse(why, REJECT_BAD_TIME,
                            "there is no \"%.*s\" in it for the time; where it may be absent "
                            "time_path ends with ?",
                            REFUSE_ARGS(plan->time.text));
    return time_value_read(v, &plan->time_how, input->arrival_ns, &scratch->point, why);
}

static enum reject make_point(const struct decode_input *input, struct decode_scratch *scratch,
                              struct value part, struct err_reason *why)
{
    const struct json_plan *plan = input->prepared;
    enum reject reason = add_fields(plan, part, scratch, why);
    if (reason == REJECT_NONE && plan->fields_optional && scratch->point.field_count == 0) {
        (void)refuse(why, REJECT_NONE, "it has none of the fields, and all of them are optional");
        return REJECT_NONE;
    }
    if (reason == REJECT_NONE)
        reason = add_tags(plan, part, scratch, why);
    if (reason == REJECT_NONE)
        reason = add_time(input, plan, part, scratch, why);
    if (reason == REJECT_NONE)
        reason = finish_point(input, "device_metrics", &scratch->point, why);
    if (reason == REJECT_NONE && plan->tags_count == 0)
        reason = finish_topic(input, &scratch->point, why);
    return reason;
}

/* An array gives its elements, null nothing, anything else itself. */
static void take_part(struct elements_count *count, const struct decode_input *input,
                      struct decode_scratch *scratch, struct value part,
                      const struct decode_sink *sink, struct err_reason *why)
{
    if (value_kind(part) == VALUE_NULL)
        return;
    if (value_kind(part) != VALUE_ARRAY) {
        elements_take(count, input, scratch, part, sink, make_point, why);
        return;
    }
    struct value_walk walk = value_walk(part);
    struct text key;
    struct value element;
    while (value_next(&walk, &key, &element))
        elements_take(count, input, scratch, element, sink, make_point, why);
}

static size_t count_parts(const struct value_path *path, struct value root)
{
    struct value_path_walk walk = value_path_walk(path, root, root);
    size_t count = 0;
    struct value part;
    while (value_path_next(&walk, &part))
        count +=
            value_kind(part) == VALUE_ARRAY ? value_count(part) : value_kind(part) != VALUE_NULL;
    return count;
}

static enum decode_verdict decode_parts(const struct decode_input *input,
                                        struct decode_scratch *scratch,
                                        const struct decode_sink *sink, enum reject *ret_reason,
                                        struct err_reason *why)
{
    const struct value_path *path = &((const struct json_plan *)input->prepared)->elements;
    struct value root, part;
    *ret_reason = payload_parse(input, scratch, &root, why);
    if (*ret_reason != REJECT_NONE)
        return DECODE_REJECTED;
    size_t parts = count_parts(path, root);
    if (parts == 0) {
        enum reject reason = refuse(why, path->optional ? REJECT_NONE : REJECT_WRONG_SHAPE,
                                    "there is no element at \"%.*s\"", REFUSE_ARGS(path->text));
        *ret_reason = reason;
        return reason == REJECT_NONE ? DECODE_IGNORED : DECODE_REJECTED;
    }
    struct elements_count count = {.crowded = parts > DECODE_MAX_UNTIMED};
    struct value_path_walk walk = value_path_walk(path, root, root);
    while (value_path_next(&walk, &part))
        take_part(&count, input, scratch, part, sink, why);
    return count.outcomes > 0 ? DECODED : DECODE_IGNORED;
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    const struct json_plan *plan = input->prepared;
    if (plan->parted)
        return decode_parts(input, scratch, sink, ret_reason, why);
    return elements_decode(input, scratch, sink, make_point, ret_reason, why);
}

const struct decoder json_decoder = {
    .name = "json",
    .help = "any JSON or msgpack: paths to fields, tags, time and elements in the configuration",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .prepare = json_plan_make,
    .release = json_plan_free,
    .decode = decode,
};
