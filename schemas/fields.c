#include "schemas/fields.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "schemas/message_time.h"

static const void *member(const void *message, const struct fields_row *row)
{
    return (const char *)message + row->offset;
}

static void *member_of(void *message, const struct fields_row *row)
{
    return (char *)message + row->offset;
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

static enum err wrong(const struct fields_row *row, struct value v, const char *right,
                      struct err_reason *why)
{
    return err_explain(why, ERR_INVALID, "%s: %s is here, and %s is due", row->name,
                       value_kind_name(value_kind(v)), right);
}

static enum err decode_schema(const struct fields_row *row, struct value v, void *at,
                              struct err_reason *why)
{
    (void)at;
    if (value_kind(v) != VALUE_INTEGER)
        return wrong(row, v, "a whole number", why);
    if (value_integer(v) != (int64_t)row->max)
        return err_explain(why, ERR_UNSUPPORTED, "%s: version %" PRId64 " is here, and %d is known",
                           row->name, value_integer(v), (int)row->max);
    return ERR_OK;
}

static enum err decode_text(const struct fields_row *row, struct value v, void *at,
                            struct err_reason *why)
{
    struct text text = value_text(v);
    if (value_kind(v) != VALUE_TEXT)
        return wrong(row, v, "text", why);
    if (text.len < (size_t)row->min || text.len >= row->size)
        return err_explain(why, ERR_INVALID, "%s: %zu bytes are here, and %zu to %zu are due",
                           row->name, text.len, (size_t)row->min, row->size - 1);
    if (text.len > 0 && memchr(text.at, '\0', text.len))
        return err_explain(why, ERR_INVALID, "%s: a NUL byte is in it", row->name);
    fields_copy(at, row->size, text);
    return ERR_OK;
}

static enum err decode_borrowed(const struct fields_row *row, struct value v, void *at,
                                struct err_reason *why)
{
    if (value_kind(v) != VALUE_TEXT)
        return wrong(row, v, "text", why);
    if (value_text(v).len < (size_t)row->min)
        return err_explain(why, ERR_INVALID, "%s: is empty, and something is due", row->name);
    *(struct text *)at = value_text(v);
    return ERR_OK;
}

static enum err decode_word(const struct fields_row *row, struct value v, void *at,
                            struct err_reason *why)
{
    struct text text = value_text(v);
    if (value_kind(v) != VALUE_TEXT)
        return wrong(row, v, "text", why);
    for (unsigned i = 1; row->words[i]; i++) {
        if (!text_equal(text, text_of(row->words[i])))
            continue;
        *(unsigned *)at = i;
        return ERR_OK;
    }
    struct buf known = {0};
    for (unsigned i = 1; row->words[i]; i++)
        buf_printf(&known, "%s%s", i > 1 ? ", " : "", row->words[i]);
    err_explain(why, ERR_INVALID, "%s: \"%.*s\" is none of %s", row->name,
                (int)(text.len > 60 ? 60 : text.len), text.at, buf_cstr(&known));
    buf_free(&known);
    return ERR_INVALID;
}

static enum err decode_bool(const struct fields_row *row, struct value v, void *at,
                            struct err_reason *why)
{
    if (value_kind(v) != VALUE_BOOL)
        return wrong(row, v, "true or false", why);
    *(bool *)at = value_bool(v);
    return ERR_OK;
}

static enum err in_range(const struct fields_row *row, double number, struct err_reason *why)
{
    if (number < row->min)
        return err_explain(why, ERR_INVALID, "%s: %g is here, and at least %g is due", row->name,
                           number, row->min);
    if (row->max > 0 && number > row->max)
        return err_explain(why, ERR_INVALID, "%s: %g is here, and at most %g is due", row->name,
                           number, row->max);
    return ERR_OK;
}

/* A whole number from 0 on; above 53 bits JSON gives it as a double. */
static enum err read_count(const struct fields_row *row, struct value v, uint64_t *ret_count,
                           struct err_reason *why)
{
    bool integer = value_kind(v) == VALUE_INTEGER;
    double number = value_number(v);
    if ((!integer && value_kind(v) != VALUE_NUMBER) || !(number >= 0) || number >= 0x1p64 ||
        number != floor(number))
        return wrong(row, v, "a whole number from 0 on", why);
    enum err e = in_range(row, number, why);
    if (e == ERR_OK)
        *ret_count = integer ? (uint64_t)value_integer(v) : (uint64_t)number;
    return e;
}

static enum err decode_unsigned(const struct fields_row *row, struct value v, void *at,
                                struct err_reason *why)
{
    uint64_t count;
    enum err e = read_count(row, v, &count, why);
    if (e == ERR_OK)
        *(struct fields_unsigned *)at = fields_unsigned(count);
    return e;
}

static enum err decode_number(const struct fields_row *row, struct value v, void *at,
                              struct err_reason *why)
{
    enum value_kind kind = value_kind(v);
    double number = value_number(v);
    if ((kind != VALUE_INTEGER && kind != VALUE_NUMBER) || !isfinite(number))
        return wrong(row, v, "a finite number", why);
    enum err e = in_range(row, number, why);
    if (e == ERR_OK)
        *(struct fields_number *)at = fields_number(number);
    return e;
}

static enum err decode_time(const struct fields_row *row, struct value v, void *at,
                            struct err_reason *why)
{
    struct err_reason inner = {""};
    int64_t time_ns = value_time_ns(v);
    if (value_kind(v) == VALUE_TIME && (time_ns == INT64_MIN || time_ns == INT64_MAX))
        return err_explain(why, ERR_INVALID, "%s: is out of range", row->name); /* saturated */
    if (value_kind(v) != VALUE_TIME && value_kind(v) != VALUE_TEXT)
        return wrong(row, v, "an RFC 3339 time", why);
    if (value_kind(v) == VALUE_TEXT &&
        message_time_rfc3339(value_text(v), &time_ns, &inner) != ERR_OK)
        return err_explain(why, ERR_INVALID, "%s: %s", row->name, inner.text);
    *(int64_t *)at = time_ns;
    return ERR_OK;
}

static enum err decode_integer_text(const struct fields_row *row, struct value v, void *at,
                                    struct err_reason *why)
{
    long long integer;
    if (value_kind(v) != VALUE_TEXT || !text_integer(value_text(v), &integer))
        return wrong(row, v, "a whole number as text", why);
    *(int64_t *)at = integer;
    return ERR_OK;
}

static enum err decode_counts(const struct fields_row *row, struct value v, void *at,
                              struct err_reason *why)
{
    struct fields_count *counts = at;
    size_t room = row->size / sizeof *counts, used = 0;
    struct text key;
    struct value count;
    if (value_kind(v) != VALUE_MAP)
        return wrong(row, v, "an object of whole numbers", why);
    for (struct value_walk walk = value_walk(v); value_next(&walk, &key, &count);) {
        if (key.len == 0 || key.len >= FIELDS_COUNT_NAME_SIZE || memchr(key.at, '\0', key.len) ||
            used == room)
            return err_explain(why, ERR_INVALID,
                               "%s: at most %zu names of 1 to %d bytes without NUL are due",
                               row->name, room, FIELDS_COUNT_NAME_SIZE - 1);
        enum err e = read_count(row, count, &counts[used].count, why);
        if (e != ERR_OK)
            return e;
        fields_copy(counts[used++].name, FIELDS_COUNT_NAME_SIZE, key);
    }
    return ERR_OK;
}

/* A line a type; the words are for the documentation. */
static const struct codec {
    bool (*encode)(const struct fields_row *row, const void *at, struct buf *out);
    enum err (*decode)(const struct fields_row *row, struct value v, void *at,
                       struct err_reason *why);
    const char *type;
} codecs[] = {
    [FIELDS_SCHEMA] = {encode_schema, decode_schema, "integer"},
    [FIELDS_TEXT] = {encode_text, decode_text, "text"},
    [FIELDS_BORROWED] = {encode_borrowed, decode_borrowed, "text"},
    [FIELDS_WORD] = {encode_word, decode_word, "word"},
    [FIELDS_BOOL] = {encode_bool, decode_bool, "boolean"},
    [FIELDS_UNSIGNED] = {encode_unsigned, decode_unsigned, "integer"},
    [FIELDS_NUMBER] = {encode_number, decode_number, "number"},
    [FIELDS_TIME] = {encode_time, decode_time, "RFC 3339 time"},
    [FIELDS_INTEGER_TEXT] = {encode_integer_text, decode_integer_text, "integer as text"},
    [FIELDS_COUNTS] = {encode_counts, decode_counts, "object of integers"},
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
        if (!codecs[row->type].encode(row, member(message, row), out)) {
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

enum err fields_decode(const struct fields_table *table, struct value root, void *ret_message,
                       struct err_reason *why)
{
    if (value_kind(root) != VALUE_MAP)
        return err_explain(why, ERR_INVALID, "%s: %s is here, and an object is due", table->name,
                           value_kind_name(value_kind(root)));
    void *message = calloc(1, table->size);
    if (!message)
        return err_explain(why, ERR_NOMEM, "%s: no memory to read it", table->name);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < table->count; i++) {
        const struct fields_row *row = &table->rows[i];
        struct value v;
        if (value_get(root, text_of(row->name), &v) && value_kind(v) != VALUE_NULL)
            e = codecs[row->type].decode(row, v, member_of(message, row), why);
        else if (row->required)
            e = err_explain(why, ERR_INVALID, "%s: is missing (%s)", row->name, row->help);
    }
    if (e == ERR_OK)
        memcpy(ret_message, message, table->size);
    free(message);
    return e;
}

void fields_help(const struct fields_table *table, struct buf *out)
{
    buf_string(out, "| field | type | always there | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct fields_row *row = &table->rows[i];
        buf_printf(out, "| `%s` | %s%s | %s | %s |\n", row->name, codecs[row->type].type,
                   row->nullable ? " or null" : "", row->required ? "yes" : "no", row->help);
    }
}
