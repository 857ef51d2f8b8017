/* Numbers as decimal text: buf_integer and buf_number of base/buf.h.
 *
 * Nearly every reading of a house has few digits. A decimal m / 10^k with m < 10^15 and
 * k <= 22 is read back exactly when that one division gives the number again, and no
 * other decimal of 15 digits does; so one or two multiplications find the shortest form.
 * Only what needs 16 or 17 digits goes to the C library. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

enum {
    MAX_DIGITS = 20,
    MAX_TEXT = 48,
};

/* Significant digits d1 d2 d3 ... with the point `point` places behind the start. */
struct decimal {
    char digits[MAX_DIGITS];
    int count;
    int point;
};

/* Backwards from `end`; gives where the digits begin. */
static char *write_digits(uint64_t integer, char *end)
{
    do {
        *--end = (char)('0' + integer % 10);
        integer /= 10;
    } while (integer > 0);
    return end;
}

void buf_integer(struct buf *b, long long integer)
{
    char text[24];
    uint64_t size = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
    char *start = write_digits(size, text + sizeof text);
    if (integer < 0)
        *--start = '-';
    buf_append(b, start, (size_t)(text + sizeof text - start));
}

/* m / 10^places as a decimal, if that is exactly the way the number is read back. */
static bool try_places(double number, int places, struct decimal *ret_decimal)
{
    uint64_t m = (uint64_t)(number * powers[places] + 0.5);
    if (m == 0 || m >= UINT64_C(1000000000000000) || (double)m / powers[places] != number)
        return false;
    while (places > 0 && m % 10 == 0) {
        m /= 10;
        places--;
    }
    char text[MAX_DIGITS];
    char *start = write_digits(m, text + sizeof text);
    ret_decimal->count = (int)(text + sizeof text - start);
    memcpy(ret_decimal->digits, start, (size_t)ret_decimal->count);
    ret_decimal->point = ret_decimal->count - places;
    return true;
}

static bool by_arithmetic(double number, struct decimal *ret_decimal)
{
    if (number >= 1e15 || number < 1e-7)
        return false;
    if (number < 1e12 && try_places(number, 3, ret_decimal))
        return true;
    int places = 0; /* as many as leave fifteen digits */
    while (number * powers[places] < 1e14 && places < 22)
        places++;
    return try_places(number, places, ret_decimal);
}

/* The C library's "d.ddde+xx"; the locale may have put anything for the point. */
static void by_library(double number, struct decimal *ret_decimal)
{
    int fewest = number < DBL_MIN ? 0 : 14; /* what is denormal has fewer than 15 digits */
    for (int precision = fewest; precision <= 16; precision++) {
        char text[MAX_TEXT], plain[MAX_TEXT];
        snprintf(text, sizeof text, "%.*e", precision, number);
        const char *mark = strrchr(text, 'e');
        ret_decimal->count = 0;
        for (const char *c = text; c < mark; c++)
            if (*c >= '0' && *c <= '9')
                ret_decimal->digits[ret_decimal->count++] = *c;
        int len = snprintf(plain, sizeof plain, "%c.%.*s%s", ret_decimal->digits[0],
                           ret_decimal->count - 1, ret_decimal->digits + 1, mark);
        double back;
        long long exponent = 0;
        text_integer(text_of(mark + 1), &exponent);
        ret_decimal->point = (int)exponent + 1;
        if (text_number((struct text){plain, (size_t)len}, &back) && back == number)
            break;
    }
    while (ret_decimal->count > 1 && ret_decimal->digits[ret_decimal->count - 1] == '0')
        ret_decimal->count--;
}

static char *put(char *to, const char *digits, int count)
{
    if (count > 0)
        memcpy(to, digits, (size_t)count);
    return to + (count > 0 ? count : 0);
}

static char *put_zeros(char *to, int count)
{
    for (; count > 0; count--)
        *to++ = '0';
    return to;
}

/* From 1e-6 up to 1e21 plainly, beyond that with an exponent. */
static char *put_decimal(char *to, const struct decimal *d)
{
    if (d->point > 21 || d->point < -5) {
        *to++ = d->digits[0];
        if (d->count > 1)
            *to++ = '.';
        to = put(to, d->digits + 1, d->count - 1);
        int exponent = d->point - 1;
        *to++ = 'e';
        *to++ = exponent < 0 ? '-' : '+';
        char text[8];
        char *start =
            write_digits((uint64_t)(exponent < 0 ? -exponent : exponent), text + sizeof text);
        return put(to, start, (int)(text + sizeof text - start));
    }
    if (d->point <= 0) {
        to = put(to, "0.", 2);
        to = put_zeros(to, -d->point);
        return put(to, d->digits, d->count);
    }
    int whole = d->count < d->point ? d->count : d->point;
    to = put(to, d->digits, whole);
    to = put_zeros(to, d->point - whole);
    if (d->count > whole)
        *to++ = '.';
    return put(to, d->digits + whole, d->count - whole);
}

void buf_number(struct buf *b, double number)
{
    if (!isfinite(number)) {
        b->failed = true;
        return;
    }
    char *start = buf_reserve(b, MAX_TEXT);
    if (!start)
        return;
    char *to = start;
    if (signbit(number))
        *to++ = '-';
    number = fabs(number);
    struct decimal d = {.digits = "0", .count = 1, .point = 1};
    if (number > 0 && !by_arithmetic(number, &d))
        by_library(number, &d);
    to = put_decimal(to, &d);
    b->len += (size_t)(to - start);
}
