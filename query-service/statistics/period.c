#include "query-service/statistics/period.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/span.h"

#define DAY_S          86400
#define WINDOWS_WANTED 30
#define SETTLED_NS     (60 * CLOCK_NS_PER_S) /* 5 min rows are stored so long after their window */

static int64_t set_back(int64_t ns, int64_t step_ns)
{
    int64_t rest = ns % step_ns;
    return ns - (rest < 0 ? rest + step_ns : rest);
}

static enum err read_span(const char *what, struct text text, int64_t *ret_s,
                          struct err_reason *why)
{
    struct err_reason words = {""};
    if (span_parse(text, ret_s, &words) != ERR_OK)
        return err_explain(why, ERR_INVALID, "%s %s", what, words.text);
    return ERR_OK;
}

static enum err read_length(struct text name, int64_t *ret_s, struct err_reason *why)
{
    enum err e = read_span("period", name, ret_s, why);
    if (e != ERR_OK)
        return e;
    if (*ret_s < 60 || *ret_s > PERIOD_MAX_S || name.len >= sizeof((struct period *)NULL)->name)
        return err_explain(why, ERR_INVALID,
                           "period \"%.*s\" is out of range; right would be 1m to 3660d",
                           (int)(name.len < 40 ? name.len : 40), name.at);
    return ERR_OK;
}

static int64_t usual_window_s(int64_t length_s, int64_t granule_s)
{
    static const int64_t usual_s[] = {10, 60, 300, 900, 3600, 6 * 3600, DAY_S};
    for (size_t i = 0; i < sizeof usual_s / sizeof usual_s[0]; i++)
        if (usual_s[i] >= granule_s && length_s <= WINDOWS_WANTED * usual_s[i])
            return usual_s[i];
    int64_t share = WINDOWS_WANTED * DAY_S;
    return (length_s + share - 1) / share * DAY_S;
}

/* A window that no row of the granule straddles. */
static enum err read_window(struct text window, int64_t length_s, int64_t granule_s, int64_t *ret_s,
                            struct err_reason *why)
{
    int64_t window_s;
    char granule[SPAN_TEXT_BYTES];
    span_format(granule_s, granule);
    enum err e = read_span("window", window, &window_s, why);
    if (e != ERR_OK)
        return e;
    if (window_s > length_s)
        return err_explain(why, ERR_INVALID, "window is longer than the period");
    if (window_s % granule_s != 0)
        return err_explain(why, ERR_INVALID,
                           "window of %llds: for this period right would be a multiple of %s",
                           (long long)window_s, granule);
    if (length_s / window_s > PERIOD_WINDOWS_MAX - 2)
        return err_explain(why, ERR_INVALID,
                           "window of %llds makes more than %d of them; right would be at least "
                           "%llds",
                           (long long)window_s, PERIOD_WINDOWS_MAX,
                           (long long)(length_s / (PERIOD_WINDOWS_MAX - 2) / granule_s + 1) *
                               granule_s);
    *ret_s = window_s;
    return ERR_OK;
}

static void place(struct period *period, int64_t end_ns, int64_t now_ns, int64_t granule_s)
{
    period->to_ns = set_back(end_ns, PERIOD_FINE_S * CLOCK_NS_PER_S);
    period->from_ns =
        set_back(period->to_ns - period->length_s * CLOCK_NS_PER_S, granule_s * CLOCK_NS_PER_S);
    period->split_ns = period->from_ns;
    if (!period->coarse)
        return;
    int64_t settled = now_ns - SETTLED_NS < period->to_ns ? now_ns - SETTLED_NS : period->to_ns;
    settled = set_back(settled, PERIOD_COARSE_S * CLOCK_NS_PER_S);
    if (settled > period->from_ns)
        period->split_ns = settled;
}

enum err period_make(struct text name, struct text window, int64_t end_ns, int64_t now_ns,
                     struct period *ret_period, struct err_reason *why)
{
    struct period period = {0};
    int64_t window_s;
    if (name.len == 0)
        name = TEXT("1h");
    enum err e = read_length(name, &period.length_s, why);
    if (e != ERR_OK)
        return e;
    if (end_ns > now_ns)
        return err_explain(why, ERR_INVALID, "end lies in the future");
    if ((end_ns ? end_ns : now_ns) < (period.length_s + PERIOD_COARSE_S) * CLOCK_NS_PER_S)
        return err_explain(why, ERR_INVALID, "the period begins before 1970");
    period.coarse = period.length_s >= PERIOD_COARSE_FROM_S;
    int64_t granule_s = period.coarse ? PERIOD_COARSE_S : PERIOD_FINE_S;
    window_s = usual_window_s(period.length_s, granule_s);
    if (window.len != 0)
        e = read_window(window, period.length_s, granule_s, &window_s, why);
    if (e != ERR_OK)
        return e;
    snprintf(period.name, sizeof period.name, "%.*s", TEXT_ARGS(name));
    period.window_ns = window_s * CLOCK_NS_PER_S;
    place(&period, end_ns ? end_ns : now_ns, now_ns, granule_s);
    *ret_period = period;
    return ERR_OK;
}

unsigned period_windows(const struct period *period)
{
    int64_t first = set_back(period->from_ns, period->window_ns);
    int64_t last = set_back(period->to_ns - 1, period->window_ns);
    return (unsigned)((last - first) / period->window_ns) + 1;
}

int64_t period_window_start(const struct period *period, unsigned i)
{
    return set_back(period->from_ns, period->window_ns) + (int64_t)i * period->window_ns;
}

unsigned period_window_of(const struct period *period, int64_t time_ns)
{
    int64_t first = set_back(period->from_ns, period->window_ns);
    unsigned windows = period_windows(period);
    if (time_ns < first || time_ns - first >= (int64_t)windows * period->window_ns)
        return windows;
    return (unsigned)((time_ns - first) / period->window_ns);
}
