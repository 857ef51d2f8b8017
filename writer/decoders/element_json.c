#include "writer/decoders/element_json.h"

#include <math.h>

#include "base/clock.h"

#define MAX_DEPTH 16

static void append_number(struct buf *out, double number)
{
    if (isfinite(number))
        buf_number(out, number);
    else
        buf_string(out, "null");
}

static void append_scalar(struct buf *out, struct value v)
{
    char time[CLOCK_RFC3339_SIZE];
    switch (value_kind(v)) {
    case VALUE_BOOL:
        buf_string(out, value_bool(v) ? "true" : "false");
        break;
    case VALUE_INTEGER:
        buf_integer(out, value_integer(v));
        break;
    case VALUE_NUMBER:
        append_number(out, value_number(v));
        break;
    case VALUE_TEXT:
    case VALUE_BYTES:
        buf_json_text(out, value_text(v));
        break;
    case VALUE_TIME:
        clock_format_rfc3339(value_time_ns(v), time);
        buf_json_text(out, text_of(time));
        break;
    default:
        buf_string(out, "null");
    }
}

struct level {
    struct value_walk walk;
    bool array, begun;
};

/* Opens a map or array as a new level, or writes the value; returns the depth that is open then. */
static int append_value(struct level *levels, int depth, struct value v, struct buf *out)
{
    enum value_kind kind = value_kind(v);
    bool array = kind == VALUE_ARRAY;
    if ((!array && kind != VALUE_MAP) || depth == MAX_DEPTH) {
        append_scalar(out, v);
        return depth;
    }
    buf_char(out, array ? '[' : '{');
    levels[depth] = (struct level){.walk = value_walk(v), .array = array};
    return depth + 1;
}

/* Shortens to the bound, at the start of a character. */
static void cut(struct buf *out, size_t start)
{
    size_t end = start + ELEMENT_JSON_MAX_BYTES;
    if (out->len <= end)
        return;
    while (end > start && ((unsigned char)out->data[end] & 0xc0) == 0x80)
        end--;
    buf_cut(out, end);
}

void element_json(struct value v, struct buf *out)
{
    struct level levels[MAX_DEPTH];
    size_t start = out->len;
    int depth = append_value(levels, 0, v, out);
    while (depth > 0 && out->len - start <= ELEMENT_JSON_MAX_BYTES && !out->failed) {
        struct level *level = &levels[depth - 1];
        struct text key;
        struct value element;
        if (!value_next(&level->walk, &key, &element)) {
            buf_char(out, level->array ? ']' : '}');
            depth--;
            continue;
        }
        if (level->begun)
            buf_char(out, ',');
        level->begun = true;
        if (!level->array) {
            buf_json_text(out, key);
            buf_char(out, ':');
        }
        depth = append_value(levels, depth, element, out);
    }
    cut(out, start);
}
