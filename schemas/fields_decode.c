#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/spelling.h"
#include "schemas/fields.h"
#include "schemas/message_time.h"

enum { QUOTED = 60 }; /* of a text that is wrong, so many bytes are shown */

static int quoted(struct text text)
{
    return (int)(text.len > QUOTED ? QUOTED : text.len);
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

/* The index of the text among a row's words; 0 and an explanation when it is none of them. */
static unsigned find_word(const struct fields_row *row, struct text text, struct err_reason *why)
{
    for (unsigned i = 1; row->words[i]; i++)
        if (text_equal(text, text_of(row->words[i])))
            return i;
    struct buf known = {0};
    for (unsigned i = 1; row->words[i]; i++)
        buf_printf(&known, "%s%s", i > 1 ? ", " : "", row->words[i]);
    err_explain(why, ERR_INVALID, "%s: \"%.*s\" is none of %s", row->name, quoted(text), text.at,
                buf_cstr(&known));
    buf_free(&known);
    return 0;
}

static enum err check_length(const struct fields_row *row, struct text text, struct err_reason *why)
{
    if (text.len < (size_t)row->min)
        return err_explain(why, ERR_INVALID, "%s: is empty, and something is due", row->name);
    if (row->max > 0 && text.len > (size_t)row->max)
        return err_explain(why, ERR_INVALID, "%s: %zu bytes are here, and at most %zu are due",
                           row->name, text.len, (size_t)row->max);
    return ERR_OK;
}

static enum err decode_borrowed(const struct fields_row *row, struct value v, void *at,
                                struct err_reason *why)
{
    if (value_kind(v) != VALUE_TEXT)
        return wrong(row, v, "text", why);
    if (row->words && find_word(row, value_text(v), why) == 0)
        return ERR_INVALID;
    enum err e = check_length(row, value_text(v), why);
    if (e == ERR_OK)
        *(struct text *)at = value_text(v);
    return e;
}

static enum err decode_word(const struct fields_row *row, struct value v, void *at,
                            struct err_reason *why)
{
    if (value_kind(v) != VALUE_TEXT)
        return wrong(row, v, "text", why);
    unsigned word = find_word(row, value_text(v), why);
    if (word == 0)
        return ERR_INVALID;
    *(unsigned *)at = word;
    return ERR_OK;
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
    if (row->above_min && number <= row->min)
        return err_explain(why, ERR_INVALID, "%s: %g is here, and more than %g is due", row->name,
                           number, row->min);
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

static enum err decode_time_or_none(const struct fields_row *row, struct value v, void *at,
                                    struct err_reason *why)
{
    int64_t time_ns = 0;
    enum err e = decode_time(row, v, &time_ns, why);
    if (e == ERR_OK && time_ns == 0)
        return err_explain(why, ERR_INVALID, "%s: 1970-01-01T00:00:00Z cannot be said here",
                           row->name);
    if (e == ERR_OK)
        *(int64_t *)at = time_ns;
    return e;
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

/* Where the name goes among the `used` ones, which are sorted. */
static size_t place_of(const struct fields_text *texts, size_t used, struct text name)
{
    size_t at = used;
    while (at > 0 && text_compare(name, texts[at - 1].name) <= 0)
        at--;
    return at;
}

static enum err check_text_of(const struct fields_row *row, struct text name, struct value text,
                              struct err_reason *why)
{
    if (name.len == 0)
        return err_explain(why, ERR_INVALID, "%s: a name in it is empty", row->name);
    if (row->words && find_word(row, name, why) == 0)
        return ERR_INVALID;
    if (value_kind(text) != VALUE_TEXT)
        return err_explain(why, ERR_INVALID, "%s: %s is under \"%.*s\", and text is due", row->name,
                           value_kind_name(value_kind(text)), quoted(name), name.at);
    return check_length(row, value_text(text), why);
}

/* Sorted by name, so that two messages that say the same are equal. */
static enum err decode_texts(const struct fields_row *row, struct value v, void *at,
                             struct err_reason *why)
{
    struct fields_text *texts = at;
    size_t room = row->size / sizeof *texts, used = 0;
    struct text name;
    struct value text;
    if (value_kind(v) != VALUE_MAP)
        return wrong(row, v, "an object of texts", why);
    if (value_count(v) > room)
        return err_explain(why, ERR_INVALID, "%s: %zu names are here, and at most %zu are due",
                           row->name, value_count(v), room);
    for (struct value_walk walk = value_walk(v); value_next(&walk, &name, &text); used++) {
        enum err e = check_text_of(row, name, text, why);
        if (e != ERR_OK)
            return e;
        size_t place = place_of(texts, used, name);
        if (place < used && text_equal(texts[place].name, name))
            return err_explain(why, ERR_INVALID, "%s: \"%.*s\" is there twice", row->name,
                               quoted(name), name.at);
        memmove(&texts[place + 1], &texts[place], (used - place) * sizeof *texts);
        texts[place] = (struct fields_text){name, value_text(text)};
    }
    if (used < value_count(v))
        return err_explain(why, ERR_INVALID, "%s: a name in it is not text", row->name);
    return ERR_OK;
}

static enum err (*const decoders[])(const struct fields_row *row, struct value v, void *at,
                                    struct err_reason *why) = {
    [FIELDS_SCHEMA] = decode_schema,
    [FIELDS_TEXT] = decode_text,
    [FIELDS_BORROWED] = decode_borrowed,
    [FIELDS_WORD] = decode_word,
    [FIELDS_BOOL] = decode_bool,
    [FIELDS_UNSIGNED] = decode_unsigned,
    [FIELDS_NUMBER] = decode_number,
    [FIELDS_TIME] = decode_time,
    [FIELDS_INTEGER_TEXT] = decode_integer_text,
    [FIELDS_COUNTS] = decode_counts,
    [FIELDS_TEXTS] = decode_texts,
    [FIELDS_TIME_OR_NONE] = decode_time_or_none,
};

/* What a message without an object has is absent. */
static enum err decode_members(const struct fields_table *table, struct value root,
                               void *ret_message, struct err_reason *why)
{
    void *message = calloc(1, table->size);
    if (!message)
        return err_explain(why, ERR_NOMEM, "%s: no memory to read it", table->name);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < table->count; i++) {
        const struct fields_row *row = &table->rows[i];
        struct value v;
        if (value_get(root, text_of(row->name), &v) && value_kind(v) != VALUE_NULL)
            e = decoders[row->type](row, v, (char *)message + row->offset, why);
        else if (row->required)
            e = err_explain(why, ERR_INVALID, "%s: is missing (%s)", row->name, row->help);
    }
    if (e == ERR_OK)
        memcpy(ret_message, message, table->size);
    free(message);
    return e;
}

static enum err check_object(const struct fields_table *table, struct value root,
                             struct err_reason *why)
{
    if (value_kind(root) == VALUE_MAP)
        return ERR_OK;
    return err_explain(why, ERR_INVALID, "%s: %s is here, and an object is due", table->name,
                       value_kind_name(value_kind(root)));
}

enum err fields_decode(const struct fields_table *table, struct value root, void *ret_message,
                       struct err_reason *why)
{
    enum err e = check_object(table, root, why);
    return e == ERR_OK ? decode_members(table, root, ret_message, why) : e;
}

static const char *name_at(const void *table, size_t index)
{
    return ((const struct fields_table *)table)->rows[index].name;
}

static enum err unknown_key(const struct fields_table *table, struct text key,
                            struct err_reason *why)
{
    size_t nearest = spelling_nearest(key, table->count, table, name_at);
    if (nearest < table->count)
        return err_explain(why, ERR_INVALID, "\"%.*s\" is not known here, \"%s\" is", quoted(key),
                           key.at, name_at(table, nearest));
    struct buf known = {0};
    for (size_t i = 0; i < table->count; i++)
        buf_printf(&known, "%s%s", i > 0 ? ", " : "", name_at(table, i));
    err_explain(why, ERR_INVALID, "\"%.*s\" is not known here; known are %s", quoted(key), key.at,
                buf_cstr(&known));
    buf_free(&known);
    return ERR_INVALID;
}

/* Every key is one of the table, and stands there once. */
static enum err check_keys(const struct fields_table *table, struct value root,
                           struct err_reason *why)
{
    uint64_t seen = 0;
    size_t walked = 0;
    struct text key;
    struct value v;
    for (struct value_walk walk = value_walk(root); value_next(&walk, &key, &v); walked++) {
        size_t i = 0;
        while (i < table->count && !text_equal(key, text_of(table->rows[i].name)))
            i++;
        if (i == table->count)
            return unknown_key(table, key, why);
        if (seen & UINT64_C(1) << i)
            return err_explain(why, ERR_INVALID, "%s: is there twice", table->rows[i].name);
        seen |= UINT64_C(1) << i;
    }
    if (walked < value_count(root))
        return err_explain(why, ERR_INVALID, "%s: a key is not text", table->name);
    return ERR_OK;
}

enum err fields_decode_strict(const struct fields_table *table, struct value root,
                              void *ret_message, struct err_reason *why)
{
    enum err e = root.node ? check_object(table, root, why) : ERR_OK;
    if (e == ERR_OK)
        e = check_keys(table, root, why);
    return e == ERR_OK ? decode_members(table, root, ret_message, why) : e;
}
