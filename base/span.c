#include "base/span.h"

#include <stddef.h>
#include <stdio.h>

/* The largest first; those that are only read stand behind the count of the written ones. */
static const struct unit {
    char letter;
    int64_t seconds;
} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}, {'w', 604800}};
enum { WRITTEN = 4 };

static int64_t seconds_of(char letter)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].letter == letter)
            return units[i].seconds;
    return 0;
}

static enum err refuse(struct err_reason *why, struct text text, const char *found)
{
    size_t shown = text.len < 40 ? text.len : 40;
    return err_explain(why, ERR_INVALID,
                       "\"%.*s\" %s; right would be a whole number with s, m, h, d or w, like 15m "
                       "or 24h",
                       (int)shown, shown ? text.at : "", found);
}

enum err span_parse(struct text text, int64_t *ret_s, struct err_reason *why)
{
    if (text.len == 0)
        return refuse(why, text, "is no span of time");
    char last = text.at[text.len - 1];
    int64_t unit_s = seconds_of(last), seconds;
    struct text digits = {text.at, text.len - (unit_s ? 1 : 0)};
    long long number;
    bool whole = digits.len > 0 && digits.at[0] >= '0' && digits.at[0] <= '9';
    for (size_t i = 0; i < digits.len; i++)
        whole = whole && digits.at[i] >= '0' && digits.at[i] <= '9';
    if (!whole)
        return refuse(why, text, "is no span of time");
    if (!unit_s)
        return refuse(why, text, "is without a unit");
    if (!text_integer(digits, &number) || __builtin_mul_overflow(number, unit_s, &seconds) ||
        seconds > SPAN_MAX_S)
        return refuse(why, text, "is longer than 292 years");
    if (seconds == 0)
        return refuse(why, text, "is no time at all");
    *ret_s = seconds;
    return ERR_OK;
}

void span_format(int64_t seconds, char ret_text[SPAN_TEXT_BYTES])
{
    size_t i = 0;
    if (seconds < 0)
        seconds = 0;
    while (i < WRITTEN - 1 && (seconds == 0 || seconds % units[i].seconds != 0))
        i++;
    snprintf(ret_text, SPAN_TEXT_BYTES, "%lld%c", (long long)(seconds / units[i].seconds),
             units[i].letter);
}
