#include "influx/line.h"

/* The rules here are those of InfluxDB 1.6.7's own reader (models/points.go), found by sending it
 * lines: docs/influxdb.md has them in words. */

#define KEY_MAX_BYTES 65535 /* of the series key, four bytes of 1.x's own, and the field key */
#define KEY_OWN_BYTES 4

/* What ends a name. */
enum { COMMA = 1, SPACE = 2, EQUALS = 4 };
static const uint8_t ends[256] = {[','] = COMMA, [' '] = SPACE, ['='] = EQUALS};

/* One line being read. */
struct reading {
    struct text line;
    size_t at;
    struct buf *scratch; /* has room for the whole line, so what is in it does not move */
    struct point *point;
    struct err_reason *why;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The place of the first newline that is not inside quoted text, or the length. Quotes count only
 * behind the first space, where a value begins: elsewhere they are ordinary bytes. */
static size_t line_length(struct text t)
{
    bool in_fields = false, quoted = false;
    size_t equals = 0, commas = 0;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.at[i];
        if (c == '\n' && !quoted)
            return i;
        if (c == '\\' && i + 2 < t.len)
            i++;
        else if (c == ' ')
            in_fields = true;
        else if (in_fields && !quoted && c == '=')
            equals++;
        else if (in_fields && !quoted && c == ',')
            commas++;
        else if (c == '"' && equals > commas)
            quoted = !quoted;
    }
    return t.len;
}

static struct text text_from(struct text t, size_t start)
{
    return (struct text){t.at + start, t.len - start};
}

bool line_next(struct text *rest, struct text *ret_line)
{
    while (rest->len > 0) {
        if (is_blank(rest->at[0]) || rest->at[0] == '\r' || rest->at[0] == '\n') {
            *rest = text_from(*rest, 1);
            continue;
        }
        bool comment = rest->at[0] == '#';
        const char *newline = comment ? memchr(rest->at, '\n', rest->len) : NULL;
        size_t len = !comment  ? line_length(*rest)
                     : newline ? (size_t)(newline - rest->at)
                               : rest->len;
        struct text line = {rest->at, len};
        *rest = text_from(*rest, len < rest->len ? len + 1 : len);
        if (comment)
            continue;
        if (line.at[line.len - 1] == '\r')
            line.len--;
        *ret_line = line;
        return true;
    }
    return false;
}

static enum err refuse(const struct reading *r, size_t at, const char *words)
{
    return err_explain(r->why, ERR_INVALID, "column %zu: %s", at + 1, words);
}

/* The place of the first byte of the kinds `stops` without a backslash before it, or the line's
 * length. */
static size_t name_end(const struct reading *r, unsigned stops)
{
    for (size_t i = r->at; i < r->line.len; i++)
        if ((ends[(unsigned char)r->line.at[i]] & stops) &&
            !(i > r->at && r->line.at[i - 1] == '\\'))
            return i;
    return r->line.len;
}

/* The bytes from `at` to `end` without the backslashes that stand before one of `escapable`. */
static struct text unescaped(struct reading *r, size_t at, size_t end, const char *escapable)
{
    struct text raw = {r->line.at + at, end - at};
    if (raw.len == 0 || !memchr(raw.at, '\\', raw.len))
        return raw;
    size_t start = r->scratch->len;
    char *to = r->scratch->data + start;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.at[i] == '\\' && i + 1 < raw.len && raw.at[i + 1] != '\0' &&
            strchr(escapable, raw.at[i + 1]))
            i++;
        *to++ = raw.at[i];
    }
    r->scratch->len = (size_t)(to - r->scratch->data);
    return (struct text){r->scratch->data + start, r->scratch->len - start};
}

static enum err read_measurement(struct reading *r)
{
    size_t end = name_end(r, COMMA | SPACE);
    if (end == r->at)
        return refuse(r, r->at, "the measurement is missing");
    r->point->measurement = unescaped(r, r->at, end, ", =");
    r->at = end;
    return ERR_OK;
}

/* Reads `key=value`, r->at behind the comma. */
static enum err read_tag(struct reading *r)
{
    size_t key_at = r->at, key_end = name_end(r, COMMA | SPACE | EQUALS);
    if (key_end == key_at)
        return refuse(r, key_at, "a tag's key is missing");
    if (key_end == r->line.len || r->line.at[key_end] != '=')
        return refuse(r, key_end, "a tag needs =value");
    size_t value_at = r->at = key_end + 1, value_end = name_end(r, COMMA | SPACE | EQUALS);
    if (value_end == value_at)
        return refuse(r, value_at, "a tag's value is missing");
    if (value_end < r->line.len && r->line.at[value_end] == '=')
        return refuse(r, value_end, "an = in a tag's value needs a backslash before it");
    struct text key = unescaped(r, key_at, key_end, ", =");
    if (text_equal(key, TEXT("time")))
        return refuse(r, key_at, "a tag cannot be called time");
    unsigned before = r->point->tag_count;
    if (point_tag(r->point, key, unescaped(r, value_at, value_end, ", =")) != ERR_OK)
        return refuse(r, key_at, "more tags than a point may have");
    if (r->point->tag_count == before)
        return refuse(r, key_at, "the tag is there twice");
    r->at = value_end;
    return ERR_OK;
}

/* Reads quoted text, r->at on its first quote. */
static enum err read_quoted(struct reading *r, struct point_field *ret_field)
{
    size_t begin = r->at + 1, i = begin;
    while (i < r->line.len && r->line.at[i] != '"')
        i += r->line.at[i] == '\\' ? 2 : 1;
    if (i >= r->line.len)
        return refuse(r, r->at, "the quote is never closed");
    ret_field->type = FIELD_TEXT;
    ret_field->text = unescaped(r, begin, i, "\"\\");
    r->at = i + 1;
    return ERR_OK;
}

static bool boolean_of(struct text word, bool *ret_truth)
{
    static const struct {
        const char *word;
        bool truth;
    } words[] = {{"t", true},  {"T", true},  {"true", true},   {"True", true},   {"TRUE", true},
                 {"f", false}, {"F", false}, {"false", false}, {"False", false}, {"FALSE", false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(word, text_of(words[i].word))) {
            *ret_truth = words[i].truth;
            return true;
        }
    return false;
}

/* Reads a value without quotes: a boolean, 42i, 42u or a number. */
static bool bare_value(struct text word, struct point_field *ret_field)
{
    if (boolean_of(word, &ret_field->truth)) {
        ret_field->type = FIELD_BOOL;
        return true;
    }
    if (word.len == 0 || word.at[0] == '+')
        return false;
    char last = word.at[word.len - 1];
    if (last != 'i' && last != 'u') {
        ret_field->type = FIELD_NUMBER;
        return text_number(word, &ret_field->number);
    }
    long long integer;
    if (!text_integer((struct text){word.at, word.len - 1}, &integer) ||
        (last == 'u' && word.at[0] == '-'))
        return false;
    ret_field->type = FIELD_INTEGER;
    ret_field->integer = integer;
    return true;
}

static enum err read_bare(struct reading *r, struct point_field *ret_field)
{
    size_t begin = r->at;
    while (r->at < r->line.len && r->line.at[r->at] != ',' && r->line.at[r->at] != ' ')
        r->at++;
    if (r->at == begin)
        return refuse(r, begin, "a field's value is missing");
    if (!bare_value((struct text){r->line.at + begin, r->at - begin}, ret_field))
        return refuse(r, begin,
                      "the value is no number, no integer with an i, no boolean and not quoted");
    return ERR_OK;
}

/* Puts the field into the point; of two with one key and type the last holds. */
static enum err add_field(struct reading *r, const struct point_field *field, size_t key_at)
{
    struct point *p = r->point;
    for (unsigned i = 0; i < p->field_count; i++)
        if (text_equal(p->fields[i].key, field->key)) {
            if (p->fields[i].type != field->type)
                return refuse(r, key_at, "the field is there twice, with two types");
            p->fields[i] = *field;
            return ERR_OK;
        }
    if (p->field_count == POINT_MAX_FIELDS)
        return refuse(r, key_at, "more fields than a point may have");
    p->fields[p->field_count++] = *field;
    return ERR_OK;
}

/* Reads `key=value`, r->at on the key. */
static enum err read_field(struct reading *r, size_t series_len)
{
    size_t key_at = r->at, key_end = name_end(r, COMMA | SPACE | EQUALS);
    if (key_end == key_at)
        return refuse(r, key_at, "a field's key is missing");
    if (key_end == r->line.len || r->line.at[key_end] != '=')
        return refuse(r, key_end, "a field needs =value");
    if (series_len + KEY_OWN_BYTES + key_end - key_at > KEY_MAX_BYTES)
        return refuse(r, key_at, "measurement, tags and the field's key are too long together");
    r->at = key_end + 1;
    struct point_field field = {.key = unescaped(r, key_at, key_end, ", =\"")};
    bool quoted = r->at < r->line.len && r->line.at[r->at] == '"';
    enum err err = quoted ? read_quoted(r, &field) : read_bare(r, &field);
    if (err != ERR_OK)
        return err;
    if (r->at < r->line.len && r->line.at[r->at] != ',' && r->line.at[r->at] != ' ')
        return refuse(r, r->at, "a comma or a space is due behind the value");
    return add_field(r, &field, key_at);
}

static void skip_blanks(struct reading *r)
{
    while (r->at < r->line.len && is_blank(r->line.at[r->at]))
        r->at++;
}

static enum err read_fields(struct reading *r)
{
    size_t series_len = r->at;
    skip_blanks(r);
    size_t begin = r->at;
    if (r->at == r->line.len)
        return refuse(r, r->at, "the fields are missing");
    for (;;) {
        enum err err = read_field(r, series_len);
        if (err != ERR_OK)
            return err;
        if (r->at == r->line.len || r->line.at[r->at] == ' ')
            break;
        r->at++;
    }
    if (r->point->field_count == 1 && text_equal(r->point->fields[0].key, TEXT("time")))
        return refuse(r, begin, "a field cannot be called time");
    return ERR_OK;
}

static enum err read_time(struct reading *r)
{
    skip_blanks(r);
    if (r->at == r->line.len)
        return ERR_OK;
    size_t begin = r->at;
    while (r->at < r->line.len && r->line.at[r->at] != ' ')
        r->at++;
    long long time_ns;
    if (r->line.at[begin] == '+' ||
        !text_integer((struct text){r->line.at + begin, r->at - begin}, &time_ns))
        return refuse(r, begin, "the time is no whole number of nanoseconds");
    if (time_ns < LINE_TIME_MIN_NS || time_ns > LINE_TIME_MAX_NS)
        return refuse(r, begin, "the time is beyond what InfluxDB can hold");
    for (; r->at < r->line.len; r->at++)
        if (r->line.at[r->at] != ' ')
            return refuse(r, r->at, "something stands behind the time");
    r->point->time_ns = time_ns;
    r->point->timed = true;
    return ERR_OK;
}

enum err line_parse(struct text line, struct buf *scratch, struct point *ret_point,
                    struct err_reason *why)
{
    buf_reset(scratch);
    if (line.len > 0 && !buf_reserve(scratch, line.len))
        return err_explain(why, ERR_NOMEM, "no memory for a line of %zu bytes", line.len);
    struct reading r = {.line = line, .scratch = scratch, .point = ret_point, .why = why};
    point_clear(ret_point);
    enum err err = read_measurement(&r);
    while (err == ERR_OK && r.at < line.len && line.at[r.at] == ',') {
        r.at++;
        err = read_tag(&r);
    }
    if (err == ERR_OK)
        err = read_fields(&r);
    if (err == ERR_OK)
        err = read_time(&r);
    return err;
}
