#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

char *buf_reserve(struct buf *b, size_t more)
{
    if (b->failed)
        return NULL;
    if (b->capacity - b->len >= more && b->data)
        return b->data + b->len;
    size_t wanted;
    if (__builtin_add_overflow(b->len, more, &wanted)) {
        b->failed = true;
        return NULL;
    }
    size_t capacity = b->capacity < 64 ? 64 : b->capacity;
    while (capacity < wanted)
        capacity = capacity > SIZE_MAX / 2 ? wanted : capacity * 2;
    char *data = realloc(b->data, capacity);
    if (!data) {
        b->failed = true;
        return NULL;
    }
    b->data = data;
    b->capacity = capacity;
    return b->data + b->len;
}

void buf_append(struct buf *b, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    char *to = buf_reserve(b, len);
    if (!to)
        return;
    memcpy(to, bytes, len);
    b->len += len;
}

void buf_text(struct buf *b, struct text t)
{
    buf_append(b, t.at, t.len);
}

void buf_string(struct buf *b, const char *terminated)
{
    buf_append(b, terminated, strlen(terminated));
}

void buf_char(struct buf *b, char c)
{
    buf_append(b, &c, 1);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *to = len < 0 ? NULL : buf_reserve(b, (size_t)len + 1);
    if (to) {
        vsnprintf(to, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    } else {
        b->failed = true;
    }
    va_end(again);
}

static void append_escape(struct buf *b, unsigned char c)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    if (c < sizeof letters && letters[c])
        buf_append(b, (char[]){'\\', letters[c]}, 2);
    else
        buf_printf(b, "\\u%04x", (unsigned)c);
}

void buf_json_text(struct buf *b, struct text t)
{
    buf_char(b, '"');
    size_t plain = 0; /* what may go out in one piece, up to `at` */
    for (size_t at = 0; at < t.len;) {
        unsigned char c = (unsigned char)t.at[at];
        size_t length = text_utf8_sequence((struct text){t.at + at, t.len - at});
        if (length > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) {
            at += length;
            continue;
        }
        buf_append(b, t.at + plain, at - plain);
        if (length == 0)
            buf_string(b, "\xEF\xBF\xBD");
        else
            append_escape(b, c);
        plain = ++at;
    }
    buf_append(b, t.at + plain, t.len - plain);
    buf_char(b, '"');
}

void buf_cut(struct buf *b, size_t len)
{
    if (len < b->len)
        b->len = len;
}

const char *buf_cstr(struct buf *b)
{
    char *end = buf_reserve(b, 1);
    if (!end)
        return "";
    *end = '\0';
    return b->data;
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}
