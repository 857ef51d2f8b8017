#include "writer/decoders/python.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ASCII's part of what str.strip() takes away. */
static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static struct text strip(struct text t)
{
    while (t.len > 0 && is_space(t.at[0])) {
        t.at++;
        t.len--;
    }
    while (t.len > 0 && is_space(t.at[t.len - 1]))
        t.len--;
    return t;
}

/* The words for what is not finite, with or without a sign. */
static bool is_not_finite(struct text t)
{
    static const char *const words[] = {"nan", "inf", "infinity"};
    if (t.len > 0 && (t.at[0] == '-' || t.at[0] == '+'))
        t = (struct text){t.at + 1, t.len - 1};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (t.len == strlen(words[i]) && strncasecmp(t.at, words[i], t.len) == 0)
            return true;
    return false;
}

/* Passes over digits, single underscores between them; false where there is none. */
static bool pass_digits(struct text *rest)
{
    size_t i = 0;
    while (i < rest->len &&
           (is_digit(rest->at[i]) || (rest->at[i] == '_' && i > 0 && rest->at[i - 1] != '_')))
        i++;
    bool right = i > 0 && rest->at[i - 1] != '_';
    rest->at += i;
    rest->len -= i;
    return right;
}

static bool pass(struct text *rest, const char *any_of)
{
    if (rest->len == 0 || rest->at[0] == '\0' || !strchr(any_of, rest->at[0]))
        return false;
    rest->at++;
    rest->len--;
    return true;
}

static bool starts_with_digit(struct text rest)
{
    return rest.len > 0 && (is_digit(rest.at[0]) || rest.at[0] == '_');
}

static bool is_decimal(struct text rest)
{
    pass(&rest, "+-");
    bool whole = starts_with_digit(rest), fraction = false;
    if (whole && !pass_digits(&rest))
        return false;
    if (pass(&rest, ".")) {
        fraction = starts_with_digit(rest);
        if (fraction && !pass_digits(&rest))
            return false;
    }
    if (!whole && !fraction)
        return false;
    if (pass(&rest, "eE")) {
        pass(&rest, "+-");
        if (!pass_digits(&rest))
            return false;
    }
    return rest.len == 0;
}

enum python_number python_float(struct text t, double *ret_number)
{
    char plain[TEXT_NUMBER_MAX];
    size_t len = 0;
    t = strip(t);
    if (is_not_finite(t))
        return PYTHON_NOT_FINITE;
    if (!is_decimal(t))
        return PYTHON_NO_NUMBER;
    for (size_t i = 0; i < t.len; i++) {
        if (t.at[i] == '_')
            continue;
        if (len == sizeof plain)
            return PYTHON_NOT_FINITE;
        plain[len++] = t.at[i];
    }
    return text_number((struct text){plain, len}, ret_number) ? PYTHON_FINITE : PYTHON_NOT_FINITE;
}

static void put(struct buf *out, const char *bytes, size_t len)
{
    if (out->failed || out->capacity - out->len < len)
        out->failed = true;
    else
        buf_append(out, bytes, len);
}

static void put_string(struct buf *out, const char *terminated)
{
    put(out, terminated, strlen(terminated));
}

/* A number's digits and the place of its point among them, read back from buf_number's text. */
struct digits {
    char at[32];
    int count, point;
};

static void take_digits(struct text number, struct digits *ret_digits)
{
    const char *mark = memchr(number.at, 'e', number.len);
    size_t mantissa = mark ? (size_t)(mark - number.at) : number.len;
    long long exponent = 0;
    bool behind = false;
    *ret_digits = (struct digits){.count = 0};
    for (size_t i = 0; i < mantissa; i++) {
        char c = number.at[i];
        if (c == '.')
            behind = true;
        else if (is_digit(c) && (ret_digits->count > 0 || c != '0')) {
            ret_digits->at[ret_digits->count++] = c;
            ret_digits->point += !behind;
        } else if (is_digit(c) && behind)
            ret_digits->point--;
    }
    while (ret_digits->count > 0 && ret_digits->at[ret_digits->count - 1] == '0')
        ret_digits->count--;
    if (mark)
        text_integer((struct text){mark + 1, number.len - mantissa - 1}, &exponent);
    ret_digits->point += (int)exponent;
}

/* Plain from 0.0001 on and below 1e16, always with a point; else with an exponent of two digits. */
static void put_digits(struct buf *out, const struct digits *d)
{
    char text[64];
    int len;
    if (d->count == 0)
        len = snprintf(text, sizeof text, "0.0");
    else if (d->point <= -4 || d->point > 16)
        len = snprintf(text, sizeof text, "%c%s%.*se%c%02d", d->at[0], d->count > 1 ? "." : "",
                       d->count - 1, d->at + 1, d->point > 0 ? '+' : '-',
                       d->point > 0 ? d->point - 1 : 1 - d->point);
    else if (d->point <= 0)
        len = snprintf(text, sizeof text, "0.%.*s%.*s", -d->point, "0000", d->count, d->at);
    else if (d->count <= d->point)
        len = snprintf(text, sizeof text, "%.*s%.*s.0", d->count, d->at, d->point - d->count,
                       "0000000000000000");
    else
        len = snprintf(text, sizeof text, "%.*s.%.*s", d->point, d->at, d->count - d->point,
                       d->at + d->point);
    put(out, text, (size_t)len);
}

static void put_number(struct buf *out, double number)
{
    struct digits digits;
    if (isnan(number)) {
        put_string(out, "nan");
        return;
    }
    if (signbit(number))
        put_string(out, "-");
    if (isinf(number)) {
        put_string(out, "inf");
        return;
    }
    if (out->failed || out->capacity - out->len < 64) { /* more than buf_number ever writes */
        out->failed = true;
        return;
    }
    size_t before = out->len;
    buf_number(out, fabs(number));
    take_digits((struct text){out->data + before, out->len - before}, &digits);
    buf_cut(out, before);
    put_digits(out, &digits);
}

/* In single quotes, or in double ones where that saves escaping. */
static void put_quoted(struct buf *out, struct text t)
{
    bool has_single = t.len > 0 && memchr(t.at, '\'', t.len);
    bool has_double = t.len > 0 && memchr(t.at, '"', t.len);
    char quote = has_single && !has_double ? '"' : '\'';
    put(out, &quote, 1);
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.at[i];
        unsigned char next = i + 1 < t.len ? (unsigned char)t.at[i + 1] : 0;
        bool hidden = c == 0xc2 && (next <= 0xa0 || next == 0xad); /* U+0080 to U+00A0, U+00AD */
        const char *named = c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : NULL;
        char escaped[8];
        if (named) {
            put_string(out, named);
        } else if (c == '\\' || c == (unsigned char)quote) {
            put_string(out, "\\");
            put(out, &t.at[i], 1);
        } else if (c < 0x20 || c == 0x7f || hidden) {
            int len = snprintf(escaped, sizeof escaped, "\\x%02x", hidden ? next : c);
            put(out, escaped, (size_t)len);
            i += hidden;
        } else {
            put(out, &t.at[i], 1);
        }
    }
    put(out, &quote, 1);
}

static void put_value(struct buf *out, struct value v, unsigned depth);

/* Bounded by PYTHON_MAX_DEPTH. */
static void put_members(struct buf *out, struct value v, bool map, unsigned depth)
{
    struct value_walk walk = value_walk(v);
    struct text key;
    struct value member;
    if (depth == PYTHON_MAX_DEPTH)
        out->failed = true;
    put_string(out, map ? "{" : "[");
    for (bool first = true; !out->failed && value_next(&walk, &key, &member); first = false) {
        if (!first)
            put_string(out, ", ");
        if (map) {
            put_quoted(out, key);
            put_string(out, ": ");
        }
        put_value(out, member, depth + 1);
    }
    put_string(out, map ? "}" : "]");
}

static void put_value(struct buf *out, struct value v, unsigned depth)
{
    char digits[24];
    switch (value_kind(v)) {
    case VALUE_NULL:
        put_string(out, "None");
        return;
    case VALUE_BOOL:
        put_string(out, value_bool(v) ? "True" : "False");
        return;
    case VALUE_INTEGER:
        snprintf(digits, sizeof digits, "%lld", (long long)value_integer(v));
        put_string(out, digits);
        return;
    case VALUE_NUMBER:
        put_number(out, value_number(v));
        return;
    case VALUE_TEXT:
        put_quoted(out, value_text(v));
        return;
    case VALUE_ARRAY:
    case VALUE_MAP:
        put_members(out, v, value_kind(v) == VALUE_MAP, depth);
        return;
    case VALUE_BYTES:
    case VALUE_TIME:
        break;
    }
    out->failed = true;
}

bool python_text(struct value v, struct buf *out, struct text *ret_text)
{
    if (value_kind(v) == VALUE_TEXT) {
        *ret_text = value_text(v);
        return true;
    }
    size_t before = out->len;
    bool had_failed = out->failed;
    put_value(out, v, 0);
    bool written = !out->failed;
    if (written) {
        *ret_text = (struct text){out->data + before, out->len - before};
    } else {
        buf_cut(out, before);
        out->failed = had_failed;
    }
    return written;
}
