/* JSON into nodes: one pass, no recursion, RFC 8259 to the letter. */
#include <math.h>

#include "base/value_node.h"

struct reader {
    struct value_document *document;
    struct text payload;
    size_t at;
    struct err_reason *why;
    unsigned depth;
    uint32_t open[VALUE_JSON_LEVELS]; /* indices of the containers we are inside of */
};

static enum err fail(const struct reader *r, size_t at, const char *expected)
{
    if (at >= r->payload.len)
        return err_explain(r->why, ERR_INVALID, "JSON ends at byte %zu where %s was expected", at,
                           expected);
    unsigned char found = (unsigned char)r->payload.at[at];
    if (found > 0x20 && found < 0x7F)
        return err_explain(r->why, ERR_INVALID, "JSON: %s expected at byte %zu, found '%c'",
                           expected, at, found);
    return err_explain(r->why, ERR_INVALID, "JSON: %s expected at byte %zu, found byte 0x%02X",
                       expected, at, found);
}

/* The byte at `at`, or -1 behind the end. */
static int peek(const struct reader *r, size_t at)
{
    return at < r->payload.len ? (unsigned char)r->payload.at[at] : -1;
}

static int skip_white(struct reader *r)
{
    int c = peek(r, r->at);
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t')
        c = peek(r, ++r->at);
    return c;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_digits(const struct reader *r, size_t at)
{
    while (is_digit(peek(r, at)))
        at++;
    return at;
}

static enum err read_number(struct reader *r)
{
    size_t at = r->at + (peek(r, r->at) == '-');
    bool whole = true;
    if (!is_digit(peek(r, at)))
        return fail(r, at, "a digit");
    at = peek(r, at) == '0' ? at + 1 : skip_digits(r, at);
    if (peek(r, at) == '.') {
        whole = false;
        if (!is_digit(peek(r, ++at)))
            return fail(r, at, "a digit behind the point");
        at = skip_digits(r, at);
    }
    if (peek(r, at) == 'e' || peek(r, at) == 'E') {
        whole = false;
        at++;
        at += peek(r, at) == '+' || peek(r, at) == '-';
        if (!is_digit(peek(r, at)))
            return fail(r, at, "a digit of the exponent");
        at = skip_digits(r, at);
    }
    struct text written = {r->payload.at + r->at, at - r->at};
    struct value_node node = {.kind = VALUE_NUMBER};
    long long integer;
    if (whole && text_integer(written, &integer)) {
        node.kind = VALUE_INTEGER;
        node.integer = integer;
    } else if (!text_number(written, &node.number)) {
        node.number = *written.at == '-' ? -INFINITY : INFINITY;
    }
    r->at = at;
    return value_node_add(r->document, node);
}

static int hex_value(int c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits at `at`; -1 when they are not all hexadecimal. */
static int32_t read_hex(const struct reader *r, size_t at)
{
    int32_t unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_value(peek(r, at + i));
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static char *put_utf8(char *to, int32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xE0 | code >> 12);
        } else {
            *to++ = (char)(0xF0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 0x3F));
        }
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (code & 0x3F));
    return to;
}

/* \uXXXX with r->at on its first digit; a surrogate needs its other half, as it
 * is no character of its own. */
static enum err read_unicode(struct reader *r, char **to)
{
    size_t start = r->at;
    int32_t code = read_hex(r, r->at);
    if (code < 0)
        return fail(r, start, "four hexadecimal digits");
    r->at += 4;
    if (code >= 0xD800 && code <= 0xDFFF) {
        int32_t low =
            peek(r, r->at) == '\\' && peek(r, r->at + 1) == 'u' ? read_hex(r, r->at + 2) : -1;
        if (code > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
            return err_explain(r->why, ERR_INVALID, "JSON: half a surrogate pair at byte %zu",
                               start - 2);
        r->at += 6;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    *to = put_utf8(*to, code);
    return ERR_OK;
}

static enum err read_escape(struct reader *r, char **to)
{
    static const char meaning[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                      ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    int c = peek(r, ++r->at);
    if (c == 'u') {
        r->at++;
        return read_unicode(r, to);
    }
    if (c < 0 || !meaning[c])
        return fail(r, r->at, "one of \"\\/bfnrtu behind a backslash");
    *(*to)++ = meaning[c];
    r->at++;
    return ERR_OK;
}

/* Advances over what stands for itself in a string. */
static enum err skip_plain(struct reader *r)
{
    for (;;) {
        int c = peek(r, r->at);
        if (c == '"' || c == '\\')
            return ERR_OK;
        if (c < 0x20)
            return fail(r, r->at,
                        c < 0 ? "the end of the text, '\"'"
                              : "an escape instead of a control character");
        size_t length = 1;
        if (c >= 0x80)
            length =
                text_utf8_sequence((struct text){r->payload.at + r->at, r->payload.len - r->at});
        if (length == 0)
            return fail(r, r->at, "well-formed UTF-8");
        r->at += length;
    }
}

/* The rest of a string from its first backslash on; `start` is behind the quote. What
 * is unescaped is never longer than what is left of the payload, so one reservation is
 * enough and the texts before it stay where they are. */
static enum err read_escaped(struct reader *r, size_t start, struct text *ret_text)
{
    struct buf *unescaped = &r->document->unescaped;
    if (unescaped->len == 0 && !buf_reserve(unescaped, r->payload.len - start))
        return ERR_NOMEM;
    char *begin = unescaped->data + unescaped->len;
    char *to = begin;
    for (size_t plain = start;;) {
        memcpy(to, r->payload.at + plain, r->at - plain);
        to += r->at - plain;
        if (peek(r, r->at) == '"')
            break;
        enum err err = read_escape(r, &to);
        if (err != ERR_OK)
            return err;
        plain = r->at;
        err = skip_plain(r);
        if (err != ERR_OK)
            return err;
    }
    unescaped->len += (size_t)(to - begin);
    *ret_text = (struct text){begin, (size_t)(to - begin)};
    return ERR_OK;
}

static enum err read_string(struct reader *r)
{
    size_t start = ++r->at;
    enum err err = skip_plain(r);
    if (err != ERR_OK)
        return err;
    struct text text = {r->payload.at + start, r->at - start};
    if (peek(r, r->at) == '\\') {
        err = read_escaped(r, start, &text);
        if (err != ERR_OK)
            return err;
    }
    r->at++;
    return value_node_add(r->document, (struct value_node){.kind = VALUE_TEXT, .text = text});
}

static enum err read_literal(struct reader *r, struct text word, struct value_node node)
{
    struct text rest = {r->payload.at + r->at, r->payload.len - r->at};
    if (!text_starts(rest, word))
        return fail(r, r->at, "a value (text, number, object, array, true, false or null)");
    r->at += word.len;
    return value_node_add(r->document, node);
}

static enum err read_key(struct reader *r)
{
    if (skip_white(r) != '"')
        return fail(r, r->at, "a key in quotes");
    enum err err = read_string(r);
    if (err != ERR_OK)
        return err;
    if (skip_white(r) != ':')
        return fail(r, r->at, "':'");
    r->at++;
    return ERR_OK;
}

/* Opens a container; *ret_complete when it is empty and closed at once. */
static enum err open_container(struct reader *r, enum value_kind kind, bool *ret_complete)
{
    if (r->depth == VALUE_JSON_LEVELS)
        return err_explain(r->why, ERR_INVALID, "JSON: more than %d levels deep at byte %zu",
                           VALUE_JSON_LEVELS, r->at);
    size_t index = r->document->count;
    enum err err = value_node_add(r->document, (struct value_node){.kind = kind, .count = 0});
    if (err != ERR_OK)
        return err;
    r->at++;
    if (skip_white(r) == (kind == VALUE_MAP ? '}' : ']')) {
        r->at++;
        *ret_complete = true;
        return ERR_OK;
    }
    r->open[r->depth++] = (uint32_t)index;
    *ret_complete = false;
    return kind == VALUE_MAP ? read_key(r) : ERR_OK;
}

/* Reads one value, or opens one: *ret_complete tells which. */
static enum err read_value(struct reader *r, bool *ret_complete)
{
    *ret_complete = true;
    int c = skip_white(r);
    switch (c) {
    case '{':
        return open_container(r, VALUE_MAP, ret_complete);
    case '[':
        return open_container(r, VALUE_ARRAY, ret_complete);
    case '"':
        return read_string(r);
    case 't':
        return read_literal(r, TEXT("true"),
                            (struct value_node){.kind = VALUE_BOOL, .truth = true});
    case 'f':
        return read_literal(r, TEXT("false"),
                            (struct value_node){.kind = VALUE_BOOL, .truth = false});
    default:
        if (c == '-' || is_digit(c))
            return read_number(r);
        return read_literal(r, TEXT("null"), (struct value_node){.kind = VALUE_NULL});
    }
}

/* Behind a complete value: closes what ends here, up to the next comma or the end. */
static enum err read_behind(struct reader *r)
{
    while (r->depth > 0) {
        size_t index = r->open[r->depth - 1];
        struct value_node *container = &r->document->nodes[index];
        bool map = container->kind == VALUE_MAP;
        container->count++;
        int c = skip_white(r);
        if (c == ',') {
            r->at++;
            return map ? read_key(r) : ERR_OK;
        }
        if (c != (map ? '}' : ']'))
            return fail(r, r->at, map ? "',' or '}'" : "',' or ']'");
        r->at++;
        r->depth--;
        value_node_close(r->document, index);
    }
    return ERR_OK;
}

enum err value_json_read(struct value_document *document, struct text payload,
                         struct err_reason *why)
{
    struct reader r;
    r.document = document;
    r.payload = payload;
    r.at = text_starts(payload, TEXT("\xEF\xBB\xBF")) ? 3 : 0;
    r.why = why;
    r.depth = 0;
    do {
        bool complete;
        enum err err = read_value(&r, &complete);
        if (err == ERR_OK && complete)
            err = read_behind(&r);
        if (err != ERR_OK)
            return err;
    } while (r.depth > 0);
    skip_white(&r);
    return r.at == payload.len ? ERR_OK : fail(&r, r.at, "nothing more");
}
