#include "schemas/message_time.h"

#include <math.h>

#include "base/buf.h"
#include "base/clock.h"

#define SECONDS_PER_DAY 86400

/* A date and a time as they are written. */
struct civil {
    int year, month, day, hour, minute, second;
    int64_t fraction_ns;
    int offset_minutes;
};

static bool digits(struct text *rest, unsigned count, int *ret_number)
{
    int number = 0;
    if (rest->len < count)
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (rest->at[i] < '0' || rest->at[i] > '9')
            return false;
        number = number * 10 + (rest->at[i] - '0');
    }
    *rest = (struct text){rest->at + count, rest->len - count};
    *ret_number = number;
    return true;
}

static bool one_of(struct text *rest, const char *set)
{
    if (rest->len == 0 || rest->at[0] == '\0' || !strchr(set, rest->at[0]))
        return false;
    *rest = (struct text){rest->at + 1, rest->len - 1};
    return true;
}

static bool fraction(struct text *rest, int64_t *ret_ns)
{
    int64_t ns = 0, unit = CLOCK_NS_PER_S;
    size_t count = 0;
    for (; count < rest->len && rest->at[count] >= '0' && rest->at[count] <= '9'; count++) {
        unit /= 10; /* 0 from the tenth digit on: finer than a nanosecond is cut */
        ns += unit * (rest->at[count] - '0');
    }
    *rest = (struct text){rest->at + count, rest->len - count};
    *ret_ns = ns;
    return count > 0;
}

static bool zone(struct text *rest, int *ret_minutes)
{
    int hours, minutes;
    if (one_of(rest, "Zz")) {
        *ret_minutes = 0;
        return true;
    }
    bool minus = rest->len > 0 && rest->at[0] == '-';
    if (!one_of(rest, "+-") || !digits(rest, 2, &hours) || !one_of(rest, ":") ||
        !digits(rest, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_minutes = (minus ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01, by counting years from March on, so that the leap day comes last. */
static int64_t days_since_epoch(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool civil_valid(const struct civil *c)
{
    return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= month_days(c->year, c->month) && c->hour <= 23 && c->minute <= 59 &&
           c->second <= 60;
}

static int64_t civil_seconds(const struct civil *c)
{
    return days_since_epoch(c->year, c->month, c->day) * SECONDS_PER_DAY + c->hour * 3600 +
           c->minute * 60 + c->second - (int64_t)c->offset_minutes * 60;
}

/* A leap second is added only at the end of a month, UTC; counted as :60 it is the first second of
 * the next. An offset moves it by less than a day, so that month is this one or the one after. */
static bool leap_second_valid(const struct civil *c)
{
    int64_t seconds = civil_seconds(c), day = seconds / SECONDS_PER_DAY;
    int year = c->month == 12 ? c->year + 1 : c->year, month = c->month == 12 ? 1 : c->month + 1;
    return seconds % SECONDS_PER_DAY == 0 && (day == days_since_epoch(c->year, c->month, 1) ||
                                              day == days_since_epoch(year, month, 1));
}

/* False when 64 bits of nanoseconds do not hold it. Before 1970 the second after is taken and the
 * rest of it given back, because the smallest int64_t lies within a second whose start does not
 * fit. */
static bool civil_ns(const struct civil *c, int64_t *ret_ns)
{
    int64_t seconds = civil_seconds(c), rest = c->fraction_ns, ns;
    if (seconds < 0) {
        seconds++;
        rest -= CLOCK_NS_PER_S;
    }
    if (__builtin_mul_overflow(seconds, CLOCK_NS_PER_S, &ns) ||
        __builtin_add_overflow(ns, rest, &ns))
        return false;
    *ret_ns = ns;
    return true;
}

static enum err not_a_time(struct text t, const char *right, struct err_reason *why)
{
    return err_explain(why, ERR_INVALID, "\"%.*s\" %s", (int)(t.len > 60 ? 60 : t.len), t.at,
                       right);
}

static enum err out_of_range(struct err_reason *why)
{
    return err_explain(why, ERR_INVALID,
                       "the time is outside of the years 1677 to 2262 that "
                       "nanoseconds can count");
}

/* Everything before the zone. */
static bool date_and_time(struct text *rest, struct civil *c)
{
    return digits(rest, 4, &c->year) && one_of(rest, "-") && digits(rest, 2, &c->month) &&
           one_of(rest, "-") && digits(rest, 2, &c->day) && one_of(rest, "Tt ") &&
           digits(rest, 2, &c->hour) && one_of(rest, ":") && digits(rest, 2, &c->minute) &&
           one_of(rest, ":") && digits(rest, 2, &c->second) &&
           (!one_of(rest, ".") || fraction(rest, &c->fraction_ns));
}

static const char no_such_time[] = "names a day or a time that does not exist";

enum err message_time_rfc3339(struct text t, int64_t *ret_time_ns, struct err_reason *why)
{
    struct text rest = t;
    struct civil c = {0};
    if (!date_and_time(&rest, &c))
        return not_a_time(t, "is no RFC 3339 time, such as 2026-11-20T10:00:00Z", why);
    if (!civil_valid(&c))
        return not_a_time(t, no_such_time, why);
    if (rest.len == 0)
        return not_a_time(t, "lacks a zone: add Z, or an offset such as +01:00", why);
    if (!zone(&rest, &c.offset_minutes) || rest.len > 0)
        return not_a_time(t, "ends with something else than Z or an offset such as +01:00", why);
    if (c.second == 60 && !leap_second_valid(&c))
        return not_a_time(t, no_such_time, why);
    if (!civil_ns(&c, ret_time_ns))
        return out_of_range(why);
    return ERR_OK;
}

/* Takes off the digits at the start of `rest`, the first of which is worth `place` ns and each
 * further one a tenth of it; downwards, because the negative numbers reach one further. False on
 * overflow.
 */
static bool subtract_fraction(struct text *rest, int64_t place, int64_t *ns)
{
    bool fits = true;
    while (rest->len > 0 && rest->at[0] >= '0' && rest->at[0] <= '9') {
        fits = fits && !__builtin_sub_overflow(*ns, place * (rest->at[0] - '0'), ns);
        place /= 10; /* 0 in the end: finer than a nanosecond is cut */
        *rest = (struct text){rest->at + 1, rest->len - 1};
    }
    return fits;
}

static bool subtract_whole(struct text *rest, int64_t unit_ns, int64_t *ns)
{
    bool fits = true;
    while (rest->len > 0 && rest->at[0] >= '0' && rest->at[0] <= '9') {
        fits = fits && !__builtin_mul_overflow(*ns, 10, ns) &&
               !__builtin_sub_overflow(*ns, unit_ns * (rest->at[0] - '0'), ns);
        *rest = (struct text){rest->at + 1, rest->len - 1};
    }
    return fits;
}

/* Reads a decimal number exactly, in units of `unit_ns`; an exponent is not taken. */
static enum err epoch_text(struct text t, int64_t unit_ns, int64_t *ret_time_ns,
                           struct err_reason *why)
{
    struct text rest = t;
    int64_t ns = 0;
    bool minus = one_of(&rest, "-");
    const char *start = rest.at;
    bool fits = subtract_whole(&rest, unit_ns, &ns);
    bool well_formed = rest.at != start;
    if (well_formed && one_of(&rest, ".")) {
        start = rest.at;
        fits = subtract_fraction(&rest, unit_ns / 10, &ns) && fits;
        well_formed = rest.at != start;
    }
    if (!well_formed || rest.len > 0)
        return not_a_time(t, "is no decimal number", why);
    if (!fits || (!minus && __builtin_sub_overflow(0, ns, &ns)))
        return out_of_range(why);
    *ret_time_ns = ns;
    return ERR_OK;
}

/* A double, by its shortest decimal text. Text with an exponent is either tiny or whole. */
static enum err epoch_number(double number, int64_t unit_ns, int64_t *ret_time_ns,
                             struct err_reason *why)
{
    if (!(fabs(number) < 0x1p63 / (double)unit_ns)) /* NaN as well */
        return out_of_range(why);
    struct buf text = {0};
    enum err e = ERR_OK;
    buf_number(&text, number);
    if (text.failed)
        e = err_explain(why, ERR_NOMEM, "no memory to read the number");
    else if (!memchr(text.data, 'e', text.len))
        e = epoch_text(buf_view(&text), unit_ns, ret_time_ns, why);
    else if (number == trunc(number))
        *ret_time_ns = (int64_t)number * unit_ns;
    else
        *ret_time_ns = llround(number * (double)unit_ns);
    buf_free(&text);
    return e;
}

enum err message_time_epoch(struct value v, int64_t unit_ns, int64_t *ret_time_ns,
                            struct err_reason *why)
{
    int64_t ns;
    switch (value_kind(v)) {
    case VALUE_INTEGER:
        if (__builtin_mul_overflow(value_integer(v), unit_ns, &ns))
            return out_of_range(why);
        *ret_time_ns = ns;
        return ERR_OK;
    case VALUE_NUMBER:
        return epoch_number(value_number(v), unit_ns, ret_time_ns, why);
    case VALUE_TEXT:
        return epoch_text(value_text(v), unit_ns, ret_time_ns, why);
    default:
        return err_explain(why, ERR_INVALID, "%s is here, and a number is due",
                           value_kind_name(value_kind(v)));
    }
}

static enum err time_value(struct value v, int64_t *ret_time_ns, struct err_reason *why)
{
    if (value_kind(v) == VALUE_TEXT)
        return message_time_rfc3339(value_text(v), ret_time_ns, why);
    if (value_kind(v) != VALUE_TIME)
        return err_explain(why, ERR_INVALID,
                           "%s is here, and RFC 3339 text is due; time_s, time_ms and time_ns take "
                           "numbers",
                           value_kind_name(value_kind(v)));
    int64_t ns = value_time_ns(v);
    if (ns == INT64_MAX || ns == INT64_MIN)
        return out_of_range(why);
    *ret_time_ns = ns;
    return ERR_OK;
}

/* unit_ns 0: RFC 3339 text or a msgpack timestamp. */
static const struct time_key {
    struct text name;
    int64_t unit_ns;
} keys[] = {
    {{"time", 4}, 0},
    {{"time_s", 6}, CLOCK_NS_PER_S},
    {{"time_ms", 7}, CLOCK_NS_PER_MS},
    {{"time_ns", 7}, 1},
};

enum err message_time(struct value map, bool *ret_present, int64_t *ret_time_ns,
                      struct err_reason *why)
{
    const struct time_key *found = NULL;
    struct value at = {0}, v;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (!value_get(map, keys[i].name, &v) || value_kind(v) == VALUE_NULL)
            continue;
        if (found)
            return err_explain(why, ERR_INVALID, "%s and %s are both here, and one time is due",
                               found->name.at, keys[i].name.at);
        found = &keys[i];
        at = v;
    }
    if (!found) {
        *ret_present = false;
        return ERR_OK;
    }
    struct err_reason inner = {""};
    int64_t time_ns;
    enum err e = found->unit_ns ? message_time_epoch(at, found->unit_ns, &time_ns, &inner)
                                : time_value(at, &time_ns, &inner);
    if (e != ERR_OK)
        return err_explain(why, e, "%s: %s", found->name.at, inner.text);
    *ret_present = true;
    *ret_time_ns = time_ns;
    return ERR_OK;
}
