#include "writer/decoders/flatten.h"

#include <math.h>

#include "writer/decoders/names.h"
#include "writer/decoders/refuse.h"

/* A map or array that is being walked. */
struct level {
    struct value_walk walk;
    struct text prefix;
    size_t index;
    bool array;
};

static enum reject add_number(struct point *point, struct text name, double number,
                              enum err *ret_err, struct err_reason *why)
{
    if (isinf(number))
        return refuse(why, REJECT_BAD_VALUE, "\"%.*s\" is infinite or out of a number's range",
                      REFUSE_ARGS(name));
    if (!isnan(number))
        *ret_err = point_number(point, name, number);
    return REJECT_NONE;
}

static enum reject add_text(struct point *point, struct text name, struct text text,
                            const struct flatten *how, enum err *ret_err, struct err_reason *why)
{
    double number;
    if (how->numbers_in_text && text_number(text_trim(text), &number))
        return add_number(point, name, number, ret_err, why);
    if (how->texts)
        *ret_err = point_text(point, name, text);
    return REJECT_NONE;
}

static enum reject add_scalar(struct point *point, struct text name, struct value v,
                              const struct flatten *how, struct err_reason *why)
{
    enum value_kind kind = value_kind(v);
    enum reject reason = REJECT_NONE;
    enum err err = ERR_OK;
    switch (kind) {
    case VALUE_NULL:
        break;
    case VALUE_BOOL:
        err = point_bool(point, name, value_bool(v));
        break;
    case VALUE_INTEGER:
    case VALUE_NUMBER:
        reason = add_number(point, name, value_number(v), &err, why);
        break;
    case VALUE_TEXT:
        reason = add_text(point, name, value_text(v), how, &err, why);
        break;
    default:
        return refuse(why, REJECT_BAD_VALUE,
                      "\"%.*s\" is %s; a field is a number, a boolean or text", REFUSE_ARGS(name),
                      value_kind_name(kind));
    }
    if (err != ERR_OK)
        return refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return reason;
}

static enum reject full_name(struct level *level, struct text key, struct decode_scratch *scratch,
                             struct text *ret_name, struct err_reason *why)
{
    struct text own = key;
    bool room = !level->array || names_number(&scratch->names, (double)level->index++, &own);
    enum reject reason = refuse_name("a field", own, why);
    if (reason != REJECT_NONE)
        return reason;
    if (!room || !names_join(&scratch->names, level->prefix, '.', own, ret_name))
        return refuse(why, REJECT_TOO_MANY, "too many nested names");
    return refuse_name("a field", *ret_name, why);
}

static bool left_out(const struct flatten *how, const struct level *level, int depth,
                     struct text key, enum value_kind kind)
{
    return (depth == 0 && !level->array && how->skip && how->skip(key)) ||
           (kind == VALUE_ARRAY && !how->arrays);
}

static bool excepted(const struct flatten *how, struct text name)
{
    for (size_t i = 0; i < how->except_count; i++) {
        if (text_equal(how->except[i], name))
            return true;
    }
    return false;
}

/* One member: a scalar becomes a field, a map or array the next level. */
static enum reject take_member(struct level *levels, int *depth, struct text key, struct value v,
                               const struct flatten *how, struct decode_scratch *scratch,
                               struct err_reason *why)
{
    struct level *level = &levels[*depth];
    enum value_kind kind = value_kind(v);
    struct text name;
    if (left_out(how, level, *depth, key, kind))
        return REJECT_NONE;
    enum reject reason = full_name(level, key, scratch, &name, why);
    if (reason != REJECT_NONE || excepted(how, name))
        return reason;
    if (kind != VALUE_MAP && kind != VALUE_ARRAY)
        return add_scalar(&scratch->point, name, v, how, why);
    if (*depth + 1 == FLATTEN_MAX_DEPTH)
        return refuse(why, REJECT_WRONG_SHAPE, "\"%.*s\" is nested deeper than %d levels",
                      REFUSE_ARGS(name), FLATTEN_MAX_DEPTH);
    levels[++*depth] =
        (struct level){.walk = value_walk(v), .prefix = name, .array = kind == VALUE_ARRAY};
    return REJECT_NONE;
}

enum reject flatten_map(struct value map, const struct flatten *how, struct decode_scratch *scratch,
                        struct err_reason *why)
{
    struct level levels[FLATTEN_MAX_DEPTH];
    int depth = 0;
    levels[0] = (struct level){
        .walk = value_walk(map), .prefix = how->prefix, .array = value_kind(map) == VALUE_ARRAY};
    while (depth >= 0) {
        struct text key;
        struct value v;
        if (!value_next(&levels[depth].walk, &key, &v)) {
            depth--;
            continue;
        }
        enum reject reason = take_member(levels, &depth, key, v, how, scratch, why);
        if (reason != REJECT_NONE && how->strict)
            return reason;
        if (reason == REJECT_TOO_MANY) /* nothing more fits: do not look at a million others */
            return REJECT_NONE;
    }
    return REJECT_NONE;
}

enum reject flatten_value(struct text name, struct value v, const struct flatten *how,
                          struct decode_scratch *scratch, struct err_reason *why)
{
    enum value_kind kind = value_kind(v);
    struct flatten inside = *how;
    enum reject reason = refuse_name("a field", name, why);
    if (reason != REJECT_NONE || (kind == VALUE_ARRAY && !how->arrays))
        return reason;
    if (kind != VALUE_MAP && kind != VALUE_ARRAY)
        return add_scalar(&scratch->point, name, v, how, why);
    inside.prefix = name;
    inside.skip = NULL;
    return flatten_map(v, &inside, scratch, why);
}
