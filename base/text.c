#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int text_compare(struct text a, struct text b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct text text_trim(struct text t)
{
    while (t.len > 0 && is_white(t.at[0])) {
        t.at++;
        t.len--;
    }
    while (t.len > 0 && is_white(t.at[t.len - 1]))
        t.len--;
    return t;
}

/* The lead byte gives the length and narrows the second byte (Unicode, table 3-7). */
size_t text_utf8_sequence(struct text t)
{
    if (t.len == 0)
        return 0;
    const unsigned char *s = (const unsigned char *)t.at;
    unsigned char lead = s[0];
    if (lead < 0x80)
        return 1;
    size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead < 0xC2 || lead > 0xF4 || t.len < length)
        return 0;
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

bool text_utf8_valid(struct text t)
{
    size_t at = 0;
    while (at < t.len) {
        uint64_t eight;
        if (t.len - at >= sizeof eight) { /* most of what arrives is ASCII */
            memcpy(&eight, t.at + at, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        size_t length = text_utf8_sequence((struct text){t.at + at, t.len - at});
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

/* What one pass over a decimal number finds. */
struct decimal {
    uint64_t mantissa; /* of the first 19 significant digits */
    int digits;        /* significant ones, leading zeros not counted */
    long exponent;     /* of ten, to be put to the mantissa */
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t scan_digits(struct text t, size_t at, bool fraction, struct decimal *d)
{
    for (; at < t.len && is_digit(t.at[at]); at++) {
        unsigned digit = (unsigned)(t.at[at] - '0');
        if (digit != 0 || d->digits > 0)
            d->digits++;
        if (d->digits <= 19) {
            d->mantissa = d->mantissa * 10 + digit;
            d->exponent -= fraction;
        }
    }
    return at;
}

static bool scan_exponent(struct text t, size_t at, struct decimal *d)
{
    bool negative = at < t.len && t.at[at] == '-';
    if (at < t.len && (t.at[at] == '-' || t.at[at] == '+'))
        at++;
    if (at == t.len)
        return false;
    long exponent = 0;
    for (; at < t.len; at++) {
        if (!is_digit(t.at[at]))
            return false;
        if (exponent < 100000)
            exponent = exponent * 10 + (t.at[at] - '0');
    }
    d->exponent += negative ? -exponent : exponent;
    return true;
}

static bool scan_decimal(struct text t, struct decimal *d)
{
    size_t at = 0;
    d->negative = t.len > 0 && t.at[0] == '-';
    if (t.len > 0 && (t.at[0] == '-' || t.at[0] == '+'))
        at++;
    size_t start = at;
    at = scan_digits(t, at, false, d);
    size_t counted = at - start;
    if (at < t.len && t.at[at] == '.') {
        start = at + 1;
        at = scan_digits(t, start, true, d);
        counted += at - start;
    }
    if (counted == 0)
        return false;
    if (at < t.len && (t.at[at] == 'e' || t.at[at] == 'E'))
        return scan_exponent(t, at + 1, d);
    return at == t.len;
}

static bool number_by_library(struct text t, double *ret_number)
{
    char terminated[TEXT_NUMBER_MAX + 1];
    memcpy(terminated, t.at, t.len);
    terminated[t.len] = '\0';
    /* The "C" locale is a constant of the C library: nothing is allocated. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return false;
    double number = strtod_l(terminated, NULL, plain);
    freelocale(plain);
    if (!isfinite(number))
        return false;
    *ret_number = number;
    return true;
}

bool text_number(struct text t, double *ret_number)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal d = {0};
    if (t.len > TEXT_NUMBER_MAX || !scan_decimal(t, &d))
        return false;
    if (d.digits > 15 || d.exponent < -22 || d.exponent > 22)
        return number_by_library(t, ret_number);
    /* Both operands are exact doubles, so the one operation rounds once, rightly. */
    double number = (double)d.mantissa;
    number = d.exponent < 0 ? number / powers[-d.exponent] : number * powers[d.exponent];
    *ret_number = d.negative ? -number : number;
    return true;
}

bool text_integer(struct text t, long long *ret_integer)
{
    size_t at = 0;
    bool negative = t.len > 0 && t.at[0] == '-';
    if (t.len > 0 && (t.at[0] == '-' || t.at[0] == '+'))
        at++;
    if (at == t.len)
        return false;
    long long integer = 0; /* counted downwards, where there is room for one more */
    for (; at < t.len; at++) {
        if (!is_digit(t.at[at]) || __builtin_mul_overflow(integer, 10, &integer) ||
            __builtin_sub_overflow(integer, t.at[at] - '0', &integer))
            return false;
    }
    if (!negative && integer == LLONG_MIN)
        return false;
    *ret_integer = negative ? integer : -integer;
    return true;
}

bool text_write(int descriptor, struct text t)
{
    while (t.len > 0) {
        ssize_t n = write(descriptor, t.at, t.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        t.at += n;
        t.len -= (size_t)n;
    }
    return true;
}
