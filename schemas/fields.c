#include "schemas/fields.h"

#include <inttypes.h>
#include <math.h>

#include "base/clock.h"

static const void *member(const void *message, const struct fields_row *row)
{
    return (const char *)message + row->offset;
}

void fields_copy(char *to, size_t size, struct text from)
{
    size_t len = from.len < size ? from.len : size - 1;
    while (len < from.len && len > 0 && ((unsigned char)from.at[len] & 0xC0) == 0x80)
        len--; /* back to the start of the character that does not fit */
    if (len > 0)
        memcpy(to, from.at, len);
    to[len] = '\0';
}

/* Encoding: each writes what the member says and returns true, or false when it says nothing. */

static bool encode_schema(const struct fields_row *row, const void *at, struct buf *out)
{
    (void)at;
    buf_integer(out, (long long)row->max);
    return true;
}

static bool encode_text(const struct fields_row *row, const void *at, struct buf *out)
{
    const char *text = at;
    if (text[0] == '\0' && !row->required)
        return false;
    buf_json_text(out, (struct text){text, strnlen(text, row->size)});
    return true;
}

static bool encode_borrowed(const struct fields_row *row, const void *at, struct buf *out)
{
    const struct text *text = at;
    if (text->len == 0 && !row->required)
        return false;
    buf_json_text(out, *text);
    return true;
}

static bool encode_word(const struct fields_row *row, const void *at, struct buf *out)
{
    unsigned word = *(const unsigned *)at;
    if (word == 0)
        return false;
    buf_json_text(out, text_of(row->words[word]));
    return true;
}

static bool encode_bool(const struct fields_row *row, const void *at, struct buf *out)
{
    (void)row;
    if (!*(const bool *)at)
        return false;
    buf_string(out, "true");
    return true;
}

static bool encode_unsigned(const struct fields_row *row, const void *at, struct buf *out)
{
    const struct fields_unsigned *number = at;
    (void)row;
    if (!number->present)
        return false;
    buf_printf(out, "%" PRIu64, number->value);
    return true;
}

static bool encode_number(const struct fields_row *row, const void *at, struct buf *out)
{
    const struct fields_number *number = at;
    (void)row;
    if (!number->present || !isfinite(number->value))
        return false;
    buf_number(out, number->value + 0.0); /* a zero has no sign: JSON's -0 reads as a whole 0 */
    return true;
}

static bool encode_time(const struct fields_row *row, const void *at, struct buf *out)
{
    char text[CLOCK_RFC3339_SIZE];
    (void)row;
    clock_format_rfc3339(*(const int64_t *)at, text);
    buf_json_text(out, text_of(text));
    return true;
}

static bool encode_time_or_none(const struct fields_row *row, const void *at, struct buf *out)
{
    return *(const int64_t *)at != 0 && encode_time(row, at, out);
}

static bool encode_integer_text(const struct fields_row *row, const void *at, struct buf *out)
{
    (void)row;
    buf_printf(out, "\"%" PRId64 "\"", *(const int64_t *)at);
    return true;
}

static bool encode_counts(const struct fields_row *row, const void *at, struct buf *out)
{
    const struct fields_count *counts = at;
    size_t room = row->size / sizeof *counts;
    if (counts[0].name[0] == '\0')
        return false;
    buf_char(out, '{');
    for (size_t i = 0; i < room && counts[i].name[0]; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_json_text(
            out, (struct text){counts[i].name, strnlen(counts[i].name, FIELDS_COUNT_NAME_SIZE)});
        buf_printf(out, ":%" PRIu64, counts[i].count);
    }
    buf_char(out, '}');
    return true;
}

static bool encode_texts(const struct fields_row *row, const void *at, struct buf *out)
{
    const struct fields_text *texts = at;
    size_t room = row->size / sizeof *texts;
    if (texts[0].name.len == 0)
        return false;
    for (size_t i = 0; i < room && texts[i].name.len > 0; i++) {
        buf_char(out, i > 0 ? ',' : '{');
        buf_json_text(out, texts[i].name);
        buf_char(out, ':');
        buf_json_text(out, texts[i].value);
    }
    buf_char(out, '}');
    return true;
}

static bool (*const encoders[])(const struct fields_row *row, const void *at, struct buf *out) = {
    [FIELDS_SCHEMA] = encode_schema,
    [FIELDS_TEXT] = encode_text,
    [FIELDS_BORROWED] = encode_borrowed,
    [FIELDS_WORD] = encode_word,
    [FIELDS_BOOL] = encode_bool,
    [FIELDS_UNSIGNED] = encode_unsigned,
    [FIELDS_NUMBER] = encode_number,
    [FIELDS_TIME] = encode_time,
    [FIELDS_INTEGER_TEXT] = encode_integer_text,
    [FIELDS_COUNTS] = encode_counts,
    [FIELDS_TEXTS] = encode_texts,
    [FIELDS_TIME_OR_NONE] = encode_time_or_none,
};

void fields_encode(const struct fields_table *table, const void *message, struct buf *out)
{
    char before = '{';
    for (size_t i = 0; i < table->count; i++) {
        const struct fields_row *row = &table->rows[i];
        size_t start = out->len;
        buf_char(out, before);
        buf_json_text(out, text_of(row->name));
        buf_char(out, ':');
        if (!encoders[row->type](row, member(message, row), out)) {
            if (!row->nullable) {
                buf_cut(out, start);
                continue;
            }
            buf_string(out, "null");
        }
        before = ',';
    }
    if (before == '{')
        buf_char(out, '{');
    buf_char(out, '}');
}
