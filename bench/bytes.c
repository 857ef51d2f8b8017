#include "bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bytes_put(struct bytes *b, const void *data, size_t len)
{
    if (b->capacity - b->len < len) {
        size_t capacity = (b->len + len) * 2 + 64;
        char *at = realloc(b->at, capacity);
        if (!at) {
            fprintf(stderr, "out of memory\n");
            exit(1);
        }
        b->at = at;
        b->capacity = capacity;
    }
    if (len > 0)
        memcpy(b->at + b->len, data, len);
    b->len += len;
}

void bytes_string(struct bytes *b, const char *terminated)
{
    bytes_put(b, terminated, strlen(terminated));
}

void bytes_byte(struct bytes *b, unsigned byte)
{
    char c = (char)byte;
    bytes_put(b, &c, 1);
}

void bytes_unsigned(struct bytes *b, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    bytes_put(b, digits + at, sizeof(digits) - at);
}

void bytes_tenths(struct bytes *b, unsigned tenths)
{
    bytes_unsigned(b, tenths / 10);
    if (tenths % 10 == 0)
        return;
    bytes_byte(b, '.');
    bytes_byte(b, '0' + tenths % 10);
}

void bytes_big_endian(struct bytes *b, uint64_t number, unsigned size)
{
    while (size-- > 0)
        bytes_byte(b, (unsigned)(number >> (8 * size)) & 0xff);
}

void bytes_template(struct bytes *b, const char *pattern, uint64_t number)
{
    const char *mark;
    while ((mark = strstr(pattern, "%d"))) {
        bytes_put(b, pattern, (size_t)(mark - pattern));
        bytes_unsigned(b, number);
        pattern = mark + 2;
    }
    bytes_string(b, pattern);
}

void bytes_free(struct bytes *b)
{
    free(b->at);
    *b = (struct bytes){0};
}
