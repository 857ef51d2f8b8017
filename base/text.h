/* A borrowed run of bytes: where it starts and how long it is. It owns nothing,
 * is not terminated, and lives as long as what it points into. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct text {
    const char *at;
    size_t len;
};

/* TEXT("literal") is a constant text of a string literal. */
#define TEXT(literal) ((struct text){("" literal ""), sizeof(literal) - 1})

/* For printf: "%.*s", TEXT_ARGS(t). */
#define TEXT_ARGS(t) (int)(t).len, (t).at

static inline struct text text_of(const char *terminated)
{
    return (struct text){terminated, terminated ? strlen(terminated) : 0};
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool text_starts(struct text whole, struct text start)
{
    return whole.len >= start.len && (start.len == 0 || memcmp(whole.at, start.at, start.len) == 0);
}

/* text_compare orders by bytes, as memcmp does, the shorter first. */
int text_compare(struct text a, struct text b);

/* text_trim gives the text without white space (space, tab, CR, LF) at both ends. */
struct text text_trim(struct text t);

/* text_utf8_valid tells whether all bytes are well-formed UTF-8 (RFC 3629: no
 * surrogates, no overlong forms, nothing above U+10FFFF). NUL bytes are valid. */
bool text_utf8_valid(struct text t);

/* text_utf8_sequence gives the length (1 to 4) of the well-formed UTF-8 sequence that
 * the text begins with; 0 when it begins with none, or is empty. */
size_t text_utf8_sequence(struct text t);

/* text_number reads the whole text as a decimal number: digits with an optional
 * sign, fraction and exponent, independent of the locale. At least one digit must
 * stand before or behind the point (".5" and "5." are numbers). Not hexadecimal, not
 * "nan" or "inf", no white space; false as well when the number overflows or is
 * written with more than TEXT_NUMBER_MAX bytes. What is too small becomes 0. */
#define TEXT_NUMBER_MAX 1024
bool text_number(struct text t, double *ret_number);

/* text_integer reads the whole text as a signed 64-bit decimal integer; false
 * for anything else and for overflow. */
bool text_integer(struct text t, long long *ret_integer);

/* text_write writes all of it to a descriptor; false when that failed, errno saying why. */
bool text_write(int descriptor, struct text t);

#endif
