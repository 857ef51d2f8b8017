#include "query-service/endpoints/cells.h"

#include <math.h>

void cells_write(struct value value, struct buf *out)
{
    switch (value_kind(value)) {
    case VALUE_BOOL:
        buf_string(out, value_bool(value) ? "true" : "false");
        break;
    case VALUE_INTEGER:
        buf_integer(out, value_integer(value));
        break;
    case VALUE_NUMBER:
        if (isfinite(value_number(value)))
            buf_number(out, value_number(value));
        else
            buf_string(out, "null");
        break;
    case VALUE_TEXT:
        buf_json_text(out, value_text(value));
        break;
    case VALUE_NULL:
    case VALUE_BYTES:
    case VALUE_TIME:
    case VALUE_ARRAY:
    case VALUE_MAP:
        buf_string(out, "null");
        break;
    }
}

bool cells_askable(struct text text)
{
    return text.len == 0 || (!memchr(text.at, '\0', text.len) && !memchr(text.at, '\r', text.len));
}
