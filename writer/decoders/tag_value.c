#include "writer/decoders/tag_value.h"

#include <math.h>

#include "writer/decoders/names.h"
#include "writer/decoders/refuse.h"

enum reject tag_value(struct value v, struct text key, struct decode_scratch *scratch,
                      struct text *ret_text, struct err_reason *why)
{
    enum value_kind kind = value_kind(v);
    if (kind == VALUE_NULL)
        *ret_text = (struct text){0};
    else if (kind == VALUE_TEXT)
        *ret_text = value_text(v);
    else if (kind == VALUE_BOOL)
        *ret_text = value_bool(v) ? TEXT("true") : TEXT("false");
    else if ((kind != VALUE_INTEGER && kind != VALUE_NUMBER) || !isfinite(value_number(v)))
        return refuse(why, REJECT_BAD_VALUE,
                      "the tag \"%.*s\" is %s; text, a finite number or a boolean was due",
                      REFUSE_ARGS(key), value_kind_name(kind));
    else if (!names_number(&scratch->names, value_number(v), ret_text))
        return refuse(why, REJECT_TOO_MANY, "more than %d tags", POINT_MAX_TAGS);
    return REJECT_NONE;
}
