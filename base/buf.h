/* A growable run of bytes that is made once, filled, emptied and filled again.
 *
 * Appending never fails visibly: when memory runs out, `failed` is set, later
 * appends do nothing, and whoever finishes the buffer checks `failed` once.
 * A zeroed struct is an empty buffer. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/text.h"

struct buf {
    char *data; /* owned; NULL while nothing was appended; not terminated */
    size_t len;
    size_t capacity;
    bool failed;
};

void buf_append(struct buf *b, const void *bytes, size_t len);
void buf_text(struct buf *b, struct text t);
void buf_string(struct buf *b, const char *terminated);
void buf_char(struct buf *b, char c);
/* buf_printf follows the locale where it prints a double: use buf_number for those. */
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* buf_integer and buf_number append decimal text without the locale; buf_number
 * writes the shortest form that reads back as the same double, which is valid JSON and
 * line protocol (21.5, 1, -0, 1e+21, 1.5e-7). NaN and infinities have no such
 * form: they set `failed`. */
void buf_integer(struct buf *b, long long integer);
void buf_number(struct buf *b, double number);

/* buf_reserve makes room for `more` bytes behind len and returns where they go,
 * or NULL (failed set). The caller adds what it wrote to len. */
char *buf_reserve(struct buf *b, size_t more);

/* buf_json_text appends a JSON string with its quotes; bytes that are not UTF-8
 * become U+FFFD. */
void buf_json_text(struct buf *b, struct text t);

/* buf_cut shortens the buffer to `len` bytes (an earlier length of it). */
void buf_cut(struct buf *b, size_t len);

/* buf_cstr terminates the content, which does not count as content, and returns
 * it; "" when memory ran out. */
const char *buf_cstr(struct buf *b);

static inline struct text buf_view(const struct buf *b)
{
    return (struct text){b->data, b->len};
}

/* buf_reset empties the buffer, clears `failed` and keeps the memory; buf_free gives it back. */
void buf_reset(struct buf *b);
void buf_free(struct buf *b);

#endif
