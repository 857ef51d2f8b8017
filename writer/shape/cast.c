#include "writer/shape/cast.h"

#include <math.h>

#define INTEGER_END  9223372036854775808.0 /* 2^63 */
#define MEMORY_BYTES 64

static const struct text words[] = {[false] = {"false", 5}, [true] = {"true", 4}};

static size_t skip_digits(struct text t, size_t at)
{
    while (at < t.len && t.at[at] >= '0' && t.at[at] <= '9')
        at++;
    return at;
}

static bool is_at(struct text t, size_t at, char a, char b)
{
    return at < t.len && (t.at[at] == a || t.at[at] == b);
}

/* RFC 8259, section 6. *ret_whole: it has neither fraction nor exponent. */
static bool is_json_number(struct text t, bool *ret_whole)
{
    size_t begin = is_at(t, 0, '-', '-'), at = skip_digits(t, begin), before;
    if (at == begin || (t.at[begin] == '0' && at > begin + 1))
        return false;
    *ret_whole = at == t.len;
    if (is_at(t, at, '.', '.')) {
        before = at + 1;
        at = skip_digits(t, before);
        if (at == before)
            return false;
    }
    if (is_at(t, at, 'e', 'E')) {
        before = at + 1 + is_at(t, at + 1, '+', '-');
        at = skip_digits(t, before);
        if (at == before)
            return false;
    }
    return at == t.len;
}

static bool number_of_integer(int64_t integer, double *ret_number)
{
    *ret_number = (double)integer;
    return *ret_number < INTEGER_END && (int64_t)*ret_number == integer;
}

static bool number_of_text(struct text text, double *ret_number)
{
    long long integer;
    bool whole;
    if (!is_json_number(text, &whole))
        return false;
    return whole ? text_integer(text, &integer) && number_of_integer(integer, ret_number)
                 : text_number(text, ret_number);
}

static bool to_number(const struct point_field *value, bool booleans, double *ret_number)
{
    switch (value->type) {
    case FIELD_NUMBER:
        *ret_number = value->number;
        return true;
    case FIELD_INTEGER:
        return number_of_integer(value->integer, ret_number);
    case FIELD_BOOL:
        *ret_number = value->truth;
        return booleans;
    case FIELD_TEXT:
        return number_of_text(value->text, ret_number);
    }
    return false;
}

static bool to_integer(const struct point_field *value, bool booleans, int64_t *ret_integer)
{
    long long integer;
    double number;
    bool whole;
    if (value->type == FIELD_TEXT && is_json_number(value->text, &whole) && whole) {
        if (!text_integer(value->text, &integer))
            return false;
        *ret_integer = integer;
        return true;
    }
    if (!to_number(value, booleans, &number) || number != floor(number) || number < -INTEGER_END ||
        number >= INTEGER_END)
        return false;
    *ret_integer = (int64_t)number;
    return true;
}

static bool to_truth(const struct point_field *value, bool booleans, bool *ret_truth)
{
    double number;
    if (value->type == FIELD_TEXT) {
        *ret_truth = text_equal(value->text, words[true]);
        return *ret_truth || text_equal(value->text, words[false]);
    }
    if (!booleans || !to_number(value, false, &number) || (number != 0 && number != 1))
        return false;
    *ret_truth = number != 0;
    return true;
}

static bool to_text(const struct point_field *value, struct buf *memory, struct text *ret_text)
{
    size_t before = memory->len;
    if (value->type == FIELD_BOOL) {
        *ret_text = words[value->truth];
        return true;
    }
    if (memory->failed || memory->capacity - memory->len < MEMORY_BYTES ||
        (value->type == FIELD_NUMBER && !isfinite(value->number)))
        return false;
    if (value->type == FIELD_INTEGER)
        buf_integer(memory, value->integer);
    else
        buf_number(memory, value->number);
    *ret_text = (struct text){memory->data + before, memory->len - before};
    return true;
}

bool cast_exact(const struct point_field *value, enum field_type to, bool booleans,
                struct buf *memory, struct point_field *ret_value)
{
    struct point_field cast = {.key = value->key, .type = to};
    bool exact = false;
    if (value->type == to) {
        *ret_value = *value;
        return true;
    }
    switch (to) {
    case FIELD_NUMBER:
        exact = to_number(value, booleans, &cast.number);
        break;
    case FIELD_INTEGER:
        exact = to_integer(value, booleans, &cast.integer);
        break;
    case FIELD_BOOL:
        exact = to_truth(value, booleans, &cast.truth);
        break;
    case FIELD_TEXT:
        exact = to_text(value, memory, &cast.text);
        break;
    }
    if (exact)
        *ret_value = cast;
    return exact;
}

bool cast_type_of(struct text word, enum field_type *ret_type)
{
    static const struct {
        struct text word;
        enum field_type type;
    } types[] = {{{"float", 5}, FIELD_NUMBER},
                 {{"integer", 7}, FIELD_INTEGER},
                 {{"boolean", 7}, FIELD_BOOL},
                 {{"text", 4}, FIELD_TEXT}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!text_equal(word, types[i].word))
            continue;
        *ret_type = types[i].type;
        return true;
    }
    return false;
}
