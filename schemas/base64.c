#include "schemas/base64.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct text bytes, struct buf *out)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < left ? (unsigned char)bytes.at[i + k] : 0);
        char four[4];
        for (size_t k = 0; k < 4; k++)
            four[k] = k <= left ? alphabet[group >> (18 - 6 * k) & 63] : '=';
        buf_append(out, four, sizeof(four));
    }
}

/* The value of one character, 64 for one that is none. */
static uint32_t sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Four characters, of which `used` are not padding. */
static bool decode_group(const char *four, size_t used, struct buf *out)
{
    uint32_t group = 0;
    for (size_t k = 0; k < 4; k++) {
        uint32_t value = k < used ? sextet(four[k]) : 0;
        if (value == 64)
            return false;
        group = group << 6 | value;
    }
    if (group & (0xFFFFFFU >> (8 * (used - 1))))
        return false;
    for (size_t k = 0; k + 1 < used; k++)
        buf_char(out, (char)(group >> (16 - 8 * k) & 0xFF));
    return true;
}

enum err base64_decode(struct text text, struct buf *out)
{
    if (text.len % 4 != 0)
        return ERR_INVALID;
    size_t before = out->len;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t used = 4;
        if (i + 4 == text.len)
            while (used > 2 && text.at[i + used - 1] == '=')
                used--;
        if (!decode_group(text.at + i, used, out)) {
            buf_cut(out, before);
            return ERR_INVALID;
        }
    }
    return ERR_OK;
}
