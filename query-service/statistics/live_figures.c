#include <stdio.h>

#include "base/clock.h"
#include "query-service/statistics/live_samples.h"

#define GAP_NS        (5 * CLOCK_NS_PER_S)  /* between two messages: nothing was missed */
#define LEDGER_GAP_NS (30 * CLOCK_NS_PER_S) /* longer growth is not of one window */

/* A stretch of time that was heard without a gap; empty when nothing was. */
struct reach {
    int64_t since_ns, until_ns;
};

static bool is_in(const struct period *period, const struct sample *sample)
{
    return sample->end_ns > period->from_ns && sample->end_ns <= period->to_ns;
}

/* Of the intervals that ended in the period: the last run of them without a gap. */
static struct reach reach_of(const struct service *service, const struct period *period)
{
    struct reach reach = {0};
    for (unsigned i = service->samples_count; i-- > 0;) {
        const struct sample *sample = live_sample(service, i);
        if (!is_in(period, sample))
            continue;
        if (reach.until_ns && reach.since_ns - sample->end_ns > GAP_NS)
            break;
        if (!reach.until_ns)
            reach.until_ns = sample->end_ns;
        reach.since_ns = sample->start_ns;
    }
    return reach;
}

static bool is_ledger(const struct service *service)
{
    return service->has_metrics && service->metrics.received.present;
}

/* Growth since long before the period is not the period's. */
static bool grew_in(const struct period *period, const struct sample *sample)
{
    return is_in(period, sample) && sample->grown.present &&
           sample->grown_from_ns >= period->from_ns - LEDGER_GAP_NS;
}

static struct reach ledger_reach(const struct service *service, const struct period *period)
{
    struct reach reach = {0};
    for (unsigned i = service->samples_count; i-- > 0;) {
        const struct sample *sample = live_sample(service, i);
        if (!is_in(period, sample))
            continue;
        if (!reach.until_ns)
            reach.until_ns = sample->end_ns;
        if (!grew_in(period, sample)) {
            reach.since_ns = reach.since_ns ? reach.since_ns : sample->end_ns;
            break;
        }
        reach.since_ns = sample->grown_from_ns;
    }
    return reach;
}

/* Names what is not told of the whole period, and tells whether it is. */
static bool is_whole(struct figures *figures, const char *figure, const char *service,
                     struct reach reach)
{
    char time[CLOCK_RFC3339_SIZE];
    const struct period *period = &figures->period;
    if (reach.until_ns == 0) {
        figures_miss(figures, figure, "%s told nothing of this period", service);
        return false;
    }
    if (reach.since_ns - period->from_ns > GAP_NS) {
        clock_format_rfc3339(reach.since_ns, time);
        figures_miss(figures, figure, "%s was heard since %s only", service, time);
        return false;
    }
    if (period->to_ns - reach.until_ns > LIVE_LAG_S * CLOCK_NS_PER_S) {
        clock_format_rfc3339(reach.until_ns, time);
        figures_miss(figures, figure, "%s was last heard at %s", service, time);
        return false;
    }
    return true;
}

/* --- windows ------------------------------------------------------------------- */

static void add_windows(struct figures *figures, const struct service *service)
{
    bool one = figures->only_service[0] != '\0';
    for (unsigned i = 0; i < service->samples_count; i++) {
        const struct sample *sample = live_sample(service, i);
        unsigned w = period_window_of(&figures->period, sample->end_ns - 1);
        if (!is_in(&figures->period, sample) || w >= figures->windows_count)
            continue;
        tally_sum(&figures->windows[w].errors, sample->tally.write_errors);
        if (one)
            tally_sum(&figures->windows[w].count, sample->tally.events);
        else if (grew_in(&figures->period, sample))
            tally_sum(&figures->windows[w].count, sample->grown);
    }
}

enum { COUNT = 1, ERRORS = 2 };

/* Windows that the stretch of time touches were not heard whole: they are not told. */
static void blur(struct figures *figures, int64_t from_ns, int64_t to_ns, int what)
{
    for (unsigned i = 0; i < figures->windows_count; i++) {
        struct figures_window *window = &figures->windows[i];
        if (window->time_ns >= to_ns || window->time_ns + figures->period.window_ns <= from_ns)
            continue;
        if (what & COUNT)
            window->count = (struct fields_number){0};
        if (what & ERRORS)
            window->errors = (struct fields_number){0};
    }
}

/* What a service says of its intervals is missing between them. */
static void blur_gaps(struct figures *figures, const struct service *service, int what)
{
    int64_t told_ns = figures->period.from_ns;
    for (unsigned i = 0; i < service->samples_count; i++) {
        const struct sample *sample = live_sample(service, i);
        if (!is_in(&figures->period, sample))
            continue;
        if (sample->start_ns - told_ns > GAP_NS)
            blur(figures, told_ns, sample->start_ns, what);
        told_ns = sample->end_ns > told_ns ? sample->end_ns : told_ns;
    }
}

/* What a ledger has grown is known over a gap too, but not in which of its windows. */
static void blur_ledger(struct figures *figures, const struct service *service)
{
    const struct period *period = &figures->period;
    int64_t told_ns = period->from_ns;
    for (unsigned i = 0; i < service->samples_count; i++) {
        const struct sample *sample = live_sample(service, i);
        if (!is_in(period, sample))
            continue;
        if (!grew_in(period, sample))
            blur(figures, told_ns, sample->end_ns, COUNT);
        else if (sample->grown_from_ns - told_ns > GAP_NS)
            blur(figures, told_ns, sample->grown_from_ns, COUNT);
        else if (sample->end_ns - sample->grown_from_ns > LEDGER_GAP_NS &&
                 period_window_of(period, sample->grown_from_ns) !=
                     period_window_of(period, sample->end_ns - 1))
            blur(figures, sample->grown_from_ns, sample->end_ns, COUNT);
        told_ns = sample->end_ns > told_ns ? sample->end_ns : told_ns;
    }
}

/* --- figures ------------------------------------------------------------------- */

static bool is_asked(const struct figures *figures, const struct service *service)
{
    return figures->only_service[0] == '\0' || strcmp(figures->only_service, service->name) == 0;
}

static void judge_whole(struct figures *figures, struct figures_service *row, struct reach reach)
{
    char figure[sizeof figures->missing[0].figure];
    snprintf(figure, sizeof figure, "metrics.services.%s.events_processed", row->name);
    row->whole = is_whole(figures, figure, row->name, reach);
    if (row->whole || !row->sums.write_attempts.present)
        return;
    figures->sums_whole = false;
    (void)is_whole(figures, "metrics.total_writes", row->name, reach);
    (void)is_whole(figures, "metrics.write_errors", row->name, reach);
}

static void add_service(struct figures *figures, const struct service *service)
{
    struct tally sums = {0};
    for (unsigned i = 0; i < service->samples_count; i++)
        if (is_in(&figures->period, live_sample(service, i)))
            tally_add(&sums, &live_sample(service, i)->tally);
    tally_add(&figures->sums, &sums);
    struct figures_service *row = figures_service(figures, text_of(service->name));
    if (!row)
        return;
    row->sums = sums;
    row->last = service->metrics;
    row->last_update_ns = service->has_metrics ? service->metrics.time_ns : 0;
    row->state = service->has_status ? service->status.state : service->metrics.state;
    if (sums.events.present || sums.write_attempts.present)
        judge_whole(figures, row, reach_of(service, &figures->period));
}

/* The events, and how far what was heard of them reaches: what all their tellers were heard in. */
static struct reach add_events(struct figures *figures, const struct service *service,
                               struct reach all)
{
    bool one = figures->only_service[0] != '\0';
    if (!one && !is_ledger(service))
        return all;
    struct reach reach =
        one ? reach_of(service, &figures->period) : ledger_reach(service, &figures->period);
    for (unsigned i = 0; i < service->samples_count; i++) {
        const struct sample *sample = live_sample(service, i);
        if (!one && grew_in(&figures->period, sample))
            tally_sum(&figures->events, sample->grown);
        else if (one && is_in(&figures->period, sample))
            tally_sum(&figures->events, sample->tally.events);
    }
    if (!is_whole(figures, "metrics.total_events", service->name, reach))
        figures->events_whole = false;
    if (all.until_ns == 0)
        return reach;
    all.since_ns = reach.since_ns > all.since_ns ? reach.since_ns : all.since_ns;
    all.until_ns = reach.until_ns > all.until_ns ? reach.until_ns : all.until_ns;
    return all;
}

static void add_all_windows(const struct live *live, struct figures *figures)
{
    bool one = figures->only_service[0] != '\0';
    for (unsigned i = 0; i < live->count; i++)
        if (is_asked(figures, live->services[i]))
            add_windows(figures, live->services[i]);
    for (unsigned i = 0; i < live->count; i++) {
        const struct service *service = live->services[i];
        if (!is_asked(figures, service))
            continue;
        bool tells_errors = service->metrics.write_errors.present;
        blur_gaps(figures, service, (one ? COUNT : 0) | (tells_errors ? ERRORS : 0));
        if (!one && is_ledger(service))
            blur_ledger(figures, service);
    }
}

static struct reach join(struct reach a, struct reach b)
{
    if (a.until_ns == 0 || b.until_ns == 0)
        return a.until_ns ? a : b;
    return (struct reach){
        .since_ns = a.since_ns < b.since_ns ? a.since_ns : b.since_ns,
        .until_ns = a.until_ns > b.until_ns ? a.until_ns : b.until_ns,
    };
}

enum err live_figures(const struct live *live, const struct period *period, struct text service,
                      int64_t now_ns, struct figures *ret_figures)
{
    struct reach events = {0}, any = {0};
    enum err e = figures_begin(ret_figures, FIGURES_SERVICES_FALLBACK, period, service);
    if (e != ERR_OK)
        return e;
    for (unsigned i = 0; i < live->count; i++) {
        if (!is_asked(ret_figures, live->services[i]))
            continue;
        add_service(ret_figures, live->services[i]);
        events = add_events(ret_figures, live->services[i], events);
        any = join(any, reach_of(live->services[i], period));
    }
    add_all_windows(live, ret_figures);
    if (!ret_figures->events.present)
        figures_miss(ret_figures, "metrics.total_events",
                     service.len ? "the service told nothing of its events in this period"
                                 : "no service that keeps a ledger was heard in this period");
    events = events.until_ns ? events : any;
    figures_cover(ret_figures, events.since_ns, events.until_ns, now_ns);
    figures_end(ret_figures);
    return ERR_OK;
}
