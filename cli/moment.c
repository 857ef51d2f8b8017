#include "cli/moment.h"

#include <stdio.h>

#include "base/clock.h"
#include "schemas/message_time.h"

#define AGO_MAX_S 9000000000LL /* 285 years: what 64 bits of nanoseconds hold */

static const struct {
    char unit;
    long long seconds;
} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};

/* "2h", behind the minus. */
static bool read_span(struct text t, int64_t *ret_ns)
{
    long long count;
    if (t.len < 2 || t.at[0] < '0' || t.at[0] > '9')
        return false;
    char unit = t.at[--t.len];
    if (!text_integer(t, &count))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (units[i].unit != unit)
            continue;
        if (count > AGO_MAX_S / units[i].seconds)
            return false;
        *ret_ns = count * units[i].seconds * CLOCK_NS_PER_S;
        return true;
    }
    return false;
}

enum err moment_parse(struct text t, int64_t now_ns, int64_t *ret_ns, struct err_reason *why)
{
    int64_t ago_ns;
    if (text_equal(t, TEXT("now"))) {
        *ret_ns = now_ns;
        return ERR_OK;
    }
    if (t.len > 1 && t.at[0] == '-' && read_span((struct text){t.at + 1, t.len - 1}, &ago_ns) &&
        now_ns >= INT64_MIN + ago_ns) {
        *ret_ns = now_ns - ago_ns;
        return ERR_OK;
    }
    if (message_time_rfc3339(t, ret_ns, NULL) == ERR_OK)
        return ERR_OK;
    return err_explain(why, ERR_INVALID,
                       "\"%.*s\" is no time; right would be 2026-11-20T10:00:00Z, now, or so long "
                       "ago as -90s, -30m, -2h, -7d",
                       (int)(t.len < 64 ? t.len : 64), t.at);
}

void moment_span(int64_t span_ns, char ret_text[MOMENT_SPAN_SIZE])
{
    static const struct {
        double up_to_s, divisor;
        int digits;
        const char *unit;
    } forms[] = {{1, 0.001, 0, "ms"},
                 {120, 1, 1, "s"},
                 {7200, 60, 0, "min"},
                 {172800, 3600, 1, "h"},
                 {1e300, 86400, 1, "days"}};
    double seconds = (double)span_ns / 1e9;
    size_t i = 0;
    while (seconds >= forms[i].up_to_s)
        i++;
    snprintf(ret_text, MOMENT_SPAN_SIZE, "%.*f %s", forms[i].digits, seconds / forms[i].divisor,
             forms[i].unit);
}
