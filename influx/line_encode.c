#include "influx/line.h"

#include <math.h>

/* InfluxDB 1.x refuses a series key and field key beyond 65,535 bytes with four bytes of its own
 * between the two (models/points.go, MaxKeyLength and seriesKeySize). */
#define NAMES_MAX_BYTES 65531

/* Older 3.x takes no longer text than this. */
#define TEXT_MAX_BYTES 65536

/* Where a byte cannot just be copied. */
enum { IN_MEASUREMENT = 1, IN_KEY = 2, IN_TEXT = 4 };
#define IN_NAMES (IN_MEASUREMENT | IN_KEY)

static const uint8_t special[256] = {
    [0x00] = IN_NAMES | IN_TEXT,
    [0x01 ... 0x0c] = IN_NAMES,
    ['\r'] = IN_NAMES | IN_TEXT,
    [0x0e ... 0x1f] = IN_NAMES,
    [' '] = IN_NAMES,
    ['"'] = IN_TEXT,
    [','] = IN_NAMES,
    ['='] = IN_KEY,
    ['\\'] = IN_NAMES | IN_TEXT,
    [0x7f] = IN_NAMES,
    [0x80 ... 0xff] = IN_NAMES | IN_TEXT,
};

static const char replacement[3] = "\xEF\xBF\xBD"; /* U+FFFD in UTF-8 */

/* One line under construction. */
struct writing {
    struct buf *out;
    size_t start;     /* of the line in `out` */
    unsigned cleaned; /* how often something was changed or left out */
};

struct span {
    size_t at, len;
};

/* Copies the sequence at *at, or writes U+FFFD for its first byte. */
static char *write_multibyte(struct writing *w, char *to, const unsigned char **at,
                             const unsigned char *end)
{
    size_t len = text_utf8_sequence((struct text){(const char *)*at, (size_t)(end - *at)});
    if (len == 0) {
        memcpy(to, replacement, sizeof replacement);
        *at += 1;
        w->cleaned++;
        return to + sizeof replacement;
    }
    memcpy(to, *at, len);
    *at += len;
    return to + len;
}

/* Writes a measurement (IN_MEASUREMENT), a tag or field key or a tag value (IN_KEY). */
static void write_name(struct writing *w, struct text name, uint8_t where)
{
    char *to = buf_reserve(w->out, 3 * name.len);
    if (!to)
        return;
    const char *begin = to;
    const unsigned char *at = (const unsigned char *)name.at, *end = at + name.len;
    while (at < end) {
        if (!(special[*at] & where)) {
            *to++ = (char)*at++;
        } else if (*at >= 0x80) {
            to = write_multibyte(w, to, &at, end);
        } else if (*at == ' ' || *at == ',' || *at == '=') {
            *to++ = '\\';
            *to++ = (char)*at++;
        } else {
            *to++ = *at++ == '\\' ? '/' : '_';
            w->cleaned++;
        }
    }
    w->out->len += (size_t)(to - begin);
}

/* Writes a text field's value with its quotes, cut where the next character would not fit. */
static void write_text(struct writing *w, struct text text)
{
    struct text kept = {text.at, text.len > TEXT_MAX_BYTES ? TEXT_MAX_BYTES + 1 : text.len};
    char *to = buf_reserve(w->out, 3 * kept.len + 2);
    if (!to)
        return;
    const char *begin = to;
    const unsigned char *at = (const unsigned char *)kept.at, *end = at + kept.len;
    size_t escapes = 0;
    *to++ = '"';
    while (at < end) {
        char *before = to;
        if (!(special[*at] & IN_TEXT)) {
            *to++ = (char)*at++;
        } else if (*at >= 0x80) {
            to = write_multibyte(w, to, &at, end);
        } else if (*at == '"' || *at == '\\') {
            *to++ = '\\';
            *to++ = (char)*at++;
            escapes++;
        } else {
            *to++ = '_';
            at++;
            w->cleaned++;
        }
        if ((size_t)(to - begin) - 1 - escapes > TEXT_MAX_BYTES) {
            to = before;
            w->cleaned++;
            break;
        }
    }
    *to++ = '"';
    w->out->len += (size_t)(to - begin);
}

static void write_measurement(struct writing *w, struct text name)
{
    if (name.at[0] == '#') { /* would be a comment */
        buf_char(w->out, '_');
        w->cleaned++;
        name = (struct text){name.at + 1, name.len - 1};
    }
    write_name(w, name, IN_MEASUREMENT);
}

/* Writes a key behind `separator`. False, with nothing written, when cleaning made it equal to
 * one that is there: duplicates are an error in 1.x (tags) and 3.x (both). Keys that were never
 * cleaned differ, so only a line that was cleaned is looked through. */
static bool write_key(struct writing *w, char separator, struct text key, struct span *keys,
                      unsigned *key_count)
{
    size_t before = w->out->len;
    buf_char(w->out, separator);
    write_name(w, key, IN_KEY);
    if (text_equal(key, TEXT("time"))) { /* reserved: a tag is refused, a field silently dropped */
        buf_char(w->out, '_');
        w->cleaned++;
    }
    if (w->out->failed)
        return true;
    struct span span = {before + 1, w->out->len - before - 1};
    for (unsigned i = 0; w->cleaned && i < *key_count; i++)
        if (keys[i].len == span.len &&
            memcmp(w->out->data + keys[i].at, w->out->data + span.at, span.len) == 0) {
            buf_cut(w->out, before);
            w->cleaned++;
            return false;
        }
    keys[(*key_count)++] = span;
    return true;
}

/* Puts the indices of the tags in the order of their keys' bytes. Few, and often in order. */
static void sort_tags(const struct point *p, uint8_t order[POINT_MAX_TAGS])
{
    for (unsigned i = 0; i < p->tag_count; i++) {
        unsigned place = i;
        for (; place > 0; place--) {
            if (text_compare(p->tags[order[place - 1]].key, p->tags[i].key) <= 0)
                break;
            order[place] = order[place - 1];
        }
        order[place] = (uint8_t)i;
    }
}

static enum err write_tags(struct writing *w, const struct point *p, struct err_reason *why)
{
    uint8_t order[POINT_MAX_TAGS];
    struct span keys[POINT_MAX_TAGS];
    unsigned key_count = 0;
    sort_tags(p, order);
    for (unsigned i = 0; i < p->tag_count; i++) {
        const struct point_tag *tag = &p->tags[order[i]];
        if (tag->key.len == 0 || tag->value.len == 0) {
            w->cleaned++;
            continue;
        }
        if (tag->key.len > NAMES_MAX_BYTES || tag->value.len > NAMES_MAX_BYTES)
            return err_explain(why, ERR_INVALID,
                               "a tag's key of %zu and value of %zu bytes: all names of a line "
                               "together may have %d",
                               tag->key.len, tag->value.len, NAMES_MAX_BYTES);
        if (!write_key(w, ',', tag->key, keys, &key_count))
            continue;
        buf_char(w->out, '=');
        write_name(w, tag->value, IN_KEY);
    }
    return ERR_OK;
}

static void write_value(struct writing *w, const struct point_field *field)
{
    switch (field->type) {
    case FIELD_NUMBER:
        buf_number(w->out, field->number);
        break;
    case FIELD_INTEGER:
        buf_integer(w->out, field->integer);
        buf_char(w->out, 'i');
        break;
    case FIELD_BOOL:
        if (field->truth)
            buf_append(w->out, "true", 4);
        else
            buf_append(w->out, "false", 5);
        break;
    case FIELD_TEXT:
        write_text(w, field->text);
        break;
    }
}

static enum err write_fields(struct writing *w, const struct point *p, struct err_reason *why)
{
    struct span keys[POINT_MAX_FIELDS];
    unsigned key_count = 0;
    size_t series_len = w->out->len - w->start;
    for (unsigned i = 0; i < p->field_count; i++) {
        const struct point_field *field = &p->fields[i];
        if (field->key.len == 0 || (field->type == FIELD_NUMBER && !isfinite(field->number))) {
            w->cleaned++;
            continue;
        }
        if (field->key.len > NAMES_MAX_BYTES)
            return err_explain(why, ERR_INVALID, "a field's key of %zu bytes: at most %d",
                               field->key.len, NAMES_MAX_BYTES);
        if (!write_key(w, key_count ? ',' : ' ', field->key, keys, &key_count))
            continue;
        if (!w->out->failed && series_len + keys[key_count - 1].len > NAMES_MAX_BYTES)
            return err_explain(why, ERR_INVALID,
                               "measurement, tags and a field's key have %zu bytes together: at "
                               "most %d",
                               series_len + keys[key_count - 1].len, NAMES_MAX_BYTES);
        buf_char(w->out, '=');
        write_value(w, field);
    }
    if (key_count == 0 && !w->out->failed)
        return err_explain(why, ERR_INVALID, "no field that can be stored");
    return ERR_OK;
}

static enum err write_line(struct writing *w, const struct point *p, struct err_reason *why)
{
    if (p->measurement.len == 0)
        return err_explain(why, ERR_INVALID, "the measurement is empty");
    if (p->measurement.len > NAMES_MAX_BYTES)
        return err_explain(why, ERR_INVALID, "a measurement of %zu bytes: at most %d",
                           p->measurement.len, NAMES_MAX_BYTES);
    if (p->timed && (p->time_ns < LINE_TIME_MIN_NS || p->time_ns > LINE_TIME_MAX_NS))
        return err_explain(why, ERR_INVALID, "the time %lld ns is beyond what InfluxDB can hold",
                           (long long)p->time_ns);
    write_measurement(w, p->measurement);
    enum err err = write_tags(w, p, why);
    if (err == ERR_OK)
        err = write_fields(w, p, why);
    if (err != ERR_OK)
        return err;
    if (p->timed) {
        buf_char(w->out, ' ');
        buf_integer(w->out, p->time_ns);
    }
    buf_char(w->out, '\n');
    return w->out->failed ? err_explain(why, ERR_NOMEM, "no memory for a line") : ERR_OK;
}

enum err line_encode(const struct point *p, struct buf *out, unsigned *ret_cleaned,
                     struct err_reason *why)
{
    struct writing w = {.out = out, .start = out->len};
    enum err err = write_line(&w, p, why);
    if (err != ERR_OK) {
        buf_cut(out, w.start);
        return err;
    }
    *ret_cleaned = w.cleaned;
    return ERR_OK;
}
