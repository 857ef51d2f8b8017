#include "writer/decoders/elements.h"

#include "writer/decoders/element_json.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

enum reject elements_give(struct elements_count *count, const struct point *point,
                          const struct decode_sink *sink, struct err_reason *why)
{
    unsigned index = count->index++;
    if (!point)
        return REJECT_NONE;
    if (point->timed) {
        if (!count->crowded)
            count->places = index + 1;
        sink->point(sink->context, point, index);
        return REJECT_NONE;
    }
    if (count->places == DECODE_MAX_UNTIMED)
        return refuse(why, REJECT_TOO_MANY,
                      "more than %d elements without a time of their own in one message; give "
                      "each its time or send several messages",
                      DECODE_MAX_UNTIMED);
    sink->point(sink->context, point, count->places++);
    return REJECT_NONE;
}

unsigned elements_place_rejected(struct elements_count *count)
{
    return count->crowded ? DECODE_MAX_UNTIMED + count->behind++ : count->places++;
}

static enum reject make_one(const struct decode_input *input, struct decode_scratch *scratch,
                            struct value element, elements_make *make, struct err_reason *why)
{
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    if (value_kind(element) != VALUE_MAP)
        return refuse(why, REJECT_WRONG_SHAPE, "this is %s; an object was due",
                      value_kind_name(value_kind(element)));
    return make(input, scratch, element, why);
}

void elements_take(struct elements_count *count, const struct decode_input *input,
                   struct decode_scratch *scratch, struct value element,
                   const struct decode_sink *sink, elements_make *make, struct err_reason *why)
{
    struct err_reason words = {""};
    enum reject reason = make_one(input, scratch, element, make, &words);
    bool left_out = reason == REJECT_NONE && scratch->point.field_count == 0;
    enum reject given = elements_give(
        count, reason == REJECT_NONE && !left_out ? &scratch->point : NULL, sink, &words);
    if (left_out) {
        (void)refuse(why, REJECT_NONE, "%s", words.text);
        return;
    }
    count->outcomes++;
    if (reason == REJECT_NONE)
        reason = given;
    if (reason == REJECT_NONE)
        return;
    struct buf json = {0};
    element_json(element, &json);
    sink->reject(sink->context, reason, words.text, elements_place_rejected(count),
                 buf_view(&json));
    buf_free(&json);
}

static enum decode_verdict decode_array(const struct decode_input *input,
                                        struct decode_scratch *scratch, struct value array,
                                        const struct decode_sink *sink, elements_make *make,
                                        struct err_reason *why)
{
    struct elements_count count = {.crowded = value_count(array) > DECODE_MAX_UNTIMED};
    struct value_walk walk = value_walk(array);
    struct text key;
    struct value element;
    while (value_next(&walk, &key, &element))
        elements_take(&count, input, scratch, element, sink, make, why);
    return count.outcomes > 0 ? DECODED : DECODE_IGNORED;
}

enum decode_verdict elements_decode(const struct decode_input *input,
                                    struct decode_scratch *scratch, const struct decode_sink *sink,
                                    elements_make *make, enum reject *ret_reason,
                                    struct err_reason *why)
{
    struct value root;
    enum reject reason = payload_parse(input, scratch, &root, why);
    if (reason == REJECT_NONE && value_kind(root) == VALUE_ARRAY) {
        if (value_count(root) > 0)
            return decode_array(input, scratch, root, sink, make, why);
        reason = refuse(why, REJECT_NO_FIELDS, "the array is empty");
    }
    if (reason == REJECT_NONE)
        reason = make_one(input, scratch, root, make, why);
    if (reason == REJECT_NONE && scratch->point.field_count == 0)
        return DECODE_IGNORED;
    return finish_single(sink, &scratch->point, reason, ret_reason);
}
