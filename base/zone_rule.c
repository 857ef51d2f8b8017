#include "base/zone_rule.h"

enum { DAY_S = 86400 };

/* What is left of the text that is read. */
struct reader {
    struct text left;
    bool bad;
};

static bool take(struct reader *r, char c)
{
    if (r->left.len == 0 || r->left.at[0] != c)
        return false;
    r->left.at++;
    r->left.len--;
    return true;
}

static bool digit_next(const struct reader *r)
{
    return r->left.len > 0 && r->left.at[0] >= '0' && r->left.at[0] <= '9';
}

static int read_int(struct reader *r, int most)
{
    int n = 0;
    if (!digit_next(r))
        r->bad = true;
    while (digit_next(r) && n <= most) {
        n = n * 10 + (r->left.at[0] - '0');
        take(r, r->left.at[0]);
    }
    if (n > most)
        r->bad = true;
    return n;
}

/* A name is letters, or anything in angle brackets. */
static void read_name(struct reader *r)
{
    size_t len = 0;
    bool quoted = take(r, '<');
    while (len < r->left.len &&
           (quoted ? r->left.at[len] != '>'
                   : (r->left.at[len] | 0x20) >= 'a' && (r->left.at[len] | 0x20) <= 'z'))
        len++;
    r->bad |= len < 3;
    r->left.at += len;
    r->left.len -= len;
    r->bad |= quoted && !take(r, '>');
}

/* [+-]hh[:mm[:ss]], up to 167 hours (RFC 8536, section 3.3.1). */
static int32_t read_time(struct reader *r)
{
    bool negative = take(r, '-');
    if (!negative)
        take(r, '+');
    int32_t seconds = read_int(r, 167) * 3600;
    if (take(r, ':'))
        seconds += read_int(r, 59) * 60;
    if (take(r, ':'))
        seconds += read_int(r, 59);
    return negative ? -seconds : seconds;
}

static struct zone_rule_date read_date(struct reader *r)
{
    struct zone_rule_date date = {.kind = 'D', .time_s = 2 * 3600};
    r->bad |= !take(r, ',');
    if (take(r, 'M')) {
        date.kind = 'M';
        date.month = read_int(r, 12);
        r->bad |= !take(r, '.');
        date.week = read_int(r, 5);
        r->bad |= !take(r, '.');
        date.day = read_int(r, 6);
        r->bad |= date.month < 1 || date.week < 1;
    } else {
        date.kind = take(r, 'J') ? 'J' : 'D';
        date.day = read_int(r, 365);
        r->bad |= date.kind == 'J' && date.day < 1;
    }
    if (take(r, '/'))
        date.time_s = read_time(r);
    return date;
}

bool zone_rule_parse(struct text text, struct zone_rule *ret_rule)
{
    struct reader r = {.left = text};
    struct zone_rule rule = {0};
    read_name(&r);
    rule.standard_s = -read_time(&r); /* POSIX counts to the west */
    if (r.left.len > 0) {
        rule.changes = true;
        read_name(&r);
        rule.summer_s = rule.standard_s + 3600;
        if (r.left.len > 0 && r.left.at[0] != ',')
            rule.summer_s = -read_time(&r);
        rule.begin = read_date(&r);
        rule.end = read_date(&r);
    }
    if (r.bad || r.left.len > 0)
        return false;
    *ret_rule = rule;
    return true;
}

static bool leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to the first of January; also for years before. */
static int64_t year_start(int64_t year)
{
    int64_t y = year - 1;
    return 365 * (year - 1970) + (y / 4 - y / 100 + y / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static int64_t month_start(int64_t year, int month)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    return year_start(year) + before[month - 1] + (month > 2 && leap(year));
}

/* Seconds of local time, as if the clock went by UTC. */
static int64_t date_in_year(const struct zone_rule_date *date, int64_t year)
{
    int64_t day = year_start(year) + date->day;
    if (date->kind == 'J') {
        day += (date->day >= 60 && leap(year)) - 1;
    } else if (date->kind == 'M') {
        int64_t first = month_start(year, date->month);
        int64_t next =
            date->month == 12 ? year_start(year + 1) : month_start(year, date->month + 1);
        int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970 began on a Thursday */
        day = first + (date->day - weekday + 7) % 7 + 7 * (date->week - 1);
        if (day >= next)
            day -= 7;
    }
    return day * DAY_S + date->time_s;
}

int32_t zone_rule_offset_s(const struct zone_rule *rule, int64_t utc_s, int64_t *ret_until_s)
{
    int64_t year = 1970 + utc_s / 31556952, last = INT64_MIN;
    int32_t offset = rule->standard_s;
    *ret_until_s = INT64_MAX;
    if (!rule->changes)
        return offset;
    for (int64_t y = year - 2; y <= year + 2; y++) {
        int64_t begin = date_in_year(&rule->begin, y) - rule->standard_s;
        int64_t end = date_in_year(&rule->end, y) - rule->summer_s;
        for (int i = 0; i < 2; i++) {
            int64_t at = i == 0 ? begin : end;
            if (at <= utc_s && at >= last) {
                last = at;
                offset = i == 0 ? rule->summer_s : rule->standard_s;
            } else if (at > utc_s && at < *ret_until_s) {
                *ret_until_s = at;
            }
        }
    }
    return offset;
}
