#include "base/zone_rule.h"

#include <time.h>

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400, CHANGE_S = 2 * HOUR_S };

static bool take(struct text *rest, char c)
{
    if (rest->len == 0 || rest->at[0] != c)
        return false;
    *rest = (struct text){rest->at + 1, rest->len - 1};
    return true;
}

static bool number(struct text *rest, int min, int max, int *ret_number)
{
    size_t len = 0;
    int value = 0;
    for (; len < rest->len && len < 3 && rest->at[len] >= '0' && rest->at[len] <= '9'; len++)
        value = value * 10 + (rest->at[len] - '0');
    if (len == 0 || value < min || value > max)
        return false;
    *rest = (struct text){rest->at + len, rest->len - len};
    *ret_number = value;
    return true;
}

/* "CET", or "<+03>". */
static bool name(struct text *rest)
{
    bool quoted = take(rest, '<');
    size_t len = 0;
    for (; len < rest->len; len++) {
        char c = rest->at[len];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool also = quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-');
        if (!letter && !also)
            break;
    }
    *rest = (struct text){rest->at + len, rest->len - len};
    return len >= 3 && (!quoted || take(rest, '>'));
}

/* [+-]h[:mm[:ss]] */
static bool clock_time(struct text *rest, int *ret_s)
{
    int hours, minutes = 0, seconds = 0;
    bool minus = take(rest, '-');
    if (!minus)
        (void)take(rest, '+');
    if (!number(rest, 0, 167, &hours) || (take(rest, ':') && !number(rest, 0, 59, &minutes)) ||
        (take(rest, ':') && !number(rest, 0, 59, &seconds)))
        return false;
    *ret_s = (minus ? -1 : 1) * (hours * HOUR_S + minutes * MINUTE_S + seconds);
    return true;
}

static bool change_day(struct text *rest, struct zone_day *day)
{
    bool right;
    if (take(rest, 'M')) {
        day->kind = ZONE_DAY_WEEK;
        right = number(rest, 1, 12, &day->month) && take(rest, '.') &&
                number(rest, 1, 5, &day->week) && take(rest, '.') &&
                number(rest, 0, 6, &day->weekday);
    } else if (take(rest, 'J')) {
        day->kind = ZONE_DAY_JULIAN;
        right = number(rest, 1, 365, &day->day);
    } else {
        day->kind = ZONE_DAY_COUNTED;
        right = number(rest, 0, 365, &day->day);
    }
    day->time_s = CHANGE_S;
    return right && (!take(rest, '/') || clock_time(rest, &day->time_s));
}

bool zone_rule_parse(struct text text, struct zone_rule *ret_rule)
{
    struct text rest = text;
    struct zone_rule rule = {0};
    int west_s;
    if (!name(&rest) || !clock_time(&rest, &west_s))
        return false;
    rule.standard_s = -west_s;
    if (rest.len > 0) {
        rule.changes = true;
        rule.daylight_s = rule.standard_s + HOUR_S;
        if (!name(&rest))
            return false;
        if (rest.len > 0 && rest.at[0] != ',') {
            if (!clock_time(&rest, &west_s))
                return false;
            rule.daylight_s = -west_s;
        }
        if (!take(&rest, ',') || !change_day(&rest, &rule.start) || !take(&rest, ',') ||
            !change_day(&rest, &rule.end) || rest.len > 0)
            return false;
    }
    *ret_rule = rule;
    return true;
}

/* As if UTC; gives the weekday too. timegm takes months and days beyond their range. */
static int64_t date_s(int year, int month, int day, int *ret_weekday)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    int64_t seconds = timegm(&tm);
    *ret_weekday = tm.tm_wday;
    return seconds;
}

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The clocks' own time at which they change that year. */
static int64_t change_s(const struct zone_day *day, int year)
{
    int weekday, length;
    if (day->kind == ZONE_DAY_WEEK) {
        int64_t first = date_s(year, day->month, 1, &weekday);
        int64_t next = date_s(year, day->month + 1, 1, &length);
        length = (int)((next - first) / DAY_S);
        int of_month = (day->weekday - weekday + 7) % 7 + (day->week - 1) * 7;
        if (of_month >= length)
            of_month -= 7;
        return first + (int64_t)of_month * DAY_S + day->time_s;
    }
    int of_year = day->day;
    if (day->kind == ZONE_DAY_JULIAN)
        of_year -= leap(year) && of_year >= 60 ? 0 : 1;
    return date_s(year, 1, 1, &weekday) + (int64_t)of_year * DAY_S + day->time_s;
}

int zone_rule_offset_s(const struct zone_rule *rule, int64_t utc_s)
{
    struct tm tm;
    time_t standard = (time_t)(utc_s + rule->standard_s);
    if (!rule->changes || !gmtime_r(&standard, &tm))
        return rule->standard_s;
    int year = tm.tm_year + 1900;
    int64_t start = change_s(&rule->start, year) - rule->standard_s;
    int64_t end = change_s(&rule->end, year) - rule->daylight_s;
    bool daylight = start < end ? utc_s >= start && utc_s < end : utc_s >= start || utc_s < end;
    return daylight ? rule->daylight_s : rule->standard_s;
}
