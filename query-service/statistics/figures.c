#include "query-service/statistics/figures.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

const char *figures_source_name(enum figures_source source)
{
    return source == FIGURES_INFLUXDB ? "influxdb" : "services-fallback";
}

/* --- the figures of a period -------------------------------------------------- */

enum err figures_begin(struct figures *figures, enum figures_source source,
                       const struct period *period, struct text only_service)
{
    unsigned count = period_windows(period);
    struct figures_window *windows = realloc(figures->windows, count * sizeof *windows);
    if (!windows)
        return ERR_NOMEM;
    memset(windows, 0, count * sizeof *windows);
    memset(figures, 0, sizeof *figures);
    figures->windows = windows;
    figures->windows_count = count;
    for (unsigned i = 0; i < count; i++)
        figures->windows[i].time_ns = period_window_start(period, i);
    figures->source = source;
    figures->period = *period;
    figures->span_s = (double)(period->to_ns - period->from_ns) / CLOCK_NS_PER_S;
    figures->events_whole = figures->sums_whole = true;
    fields_copy(figures->only_service, sizeof figures->only_service, only_service);
    return ERR_OK;
}

void figures_free(struct figures *figures)
{
    free(figures->windows);
    memset(figures, 0, sizeof *figures);
}

struct figures_service *figures_service(struct figures *figures, struct text name)
{
    unsigned i = 0, count = figures->services_count;
    int order = 1;
    while (i < count && (order = text_compare(text_of(figures->services[i].name), name)) < 0)
        i++;
    if (i < count && order == 0)
        return &figures->services[i];
    if (count == FIGURES_SERVICES)
        figures_miss(figures, "metrics.services", "more than %d services: the last are left out",
                     FIGURES_SERVICES);
    if (i == FIGURES_SERVICES || name.len >= sizeof figures->services[0].name)
        return NULL;
    if (count < FIGURES_SERVICES)
        count = ++figures->services_count;
    struct figures_service *row = &figures->services[i];
    memmove(row + 1, row, (count - 1 - i) * sizeof *row);
    *row = (struct figures_service){.whole = true};
    fields_copy(row->name, sizeof row->name, name);
    return row;
}

void figures_miss(struct figures *figures, const char *figure, const char *reason, ...)
{
    va_list arguments;
    for (unsigned i = 0; i < figures->missing_count; i++)
        if (strcmp(figures->missing[i].figure, figure) == 0)
            return;
    if (figures->missing_count == FIGURES_MISSING)
        return;
    struct figures_missing *missing = &figures->missing[figures->missing_count++];
    snprintf(missing->figure, sizeof missing->figure, "%s", figure);
    va_start(arguments, reason);
    vsnprintf(missing->reason, sizeof missing->reason, reason, arguments);
    va_end(arguments);
}

static void end_service(struct figures *figures, const struct figures_service *row)
{
    char figure[sizeof figures->missing[0].figure];
    const char *nothing = "it told nothing of this in this period";
    const char *no_mean = "it told nothing of this, with events to weigh it by, in this period";
    snprintf(figure, sizeof figure, "metrics.services.%s.events_processed", row->name);
    if (!row->sums.events.present)
        figures_miss(figures, figure, "%s", nothing);
    snprintf(figure, sizeof figure, "metrics.services.%s.processing_time_ms", row->name);
    if (!tally_processing_ms(&row->sums).present)
        figures_miss(figures, figure, "%s",
                     row->sums.events.present && row->sums.events.value == 0
                         ? "it processed nothing in this period"
                         : no_mean);
    snprintf(figure, sizeof figure, "metrics.services.%s.success_rate", row->name);
    if (!tally_success_percent(&row->sums).present)
        figures_miss(figures, figure, "%s",
                     row->sums.write_attempts.present && row->sums.write_attempts.value == 0
                         ? "it wrote nothing in this period"
                         : no_mean);
}

void figures_end(struct figures *figures)
{
    const char *nobody = "no service told of writes in this period";
    const char *nothing = "nothing was written in this period";
    unsigned untold = 0;
    if (!figures_events_per_minute(figures).present)
        figures_miss(figures, "metrics.events_per_minute", "nothing is known of the events");
    if (!figures->sums.write_attempts.present)
        figures_miss(figures, "metrics.total_writes", "%s", nobody);
    if (!figures->sums.write_errors.present)
        figures_miss(figures, "metrics.write_errors", "%s", nobody);
    if (!tally_error_percent(&figures->sums).present)
        figures_miss(figures, "metrics.error_rate_percent", "%s",
                     figures->sums.write_errors.present ? nothing : nobody);
    for (unsigned i = 0; i < figures->windows_count; i++)
        untold += !figures->windows[i].count.present;
    if (untold > 0)
        figures_miss(figures, "trends", "%u of %u windows: nobody told of them", untold,
                     figures->windows_count);
    for (unsigned i = 0; i < figures->services_count; i++)
        end_service(figures, &figures->services[i]);
}

void figures_cover(struct figures *figures, int64_t first_ns, int64_t newest_ns, int64_t now_ns)
{
    const struct period *period = &figures->period;
    if (newest_ns <= first_ns)
        return;
    figures->age_s =
        fields_number(newest_ns < now_ns ? (double)(now_ns - newest_ns) / CLOCK_NS_PER_S : 0);
    first_ns = first_ns > period->from_ns ? first_ns : period->from_ns;
    newest_ns = newest_ns < period->to_ns ? newest_ns : period->to_ns;
    if (newest_ns > first_ns)
        figures->covers_s = (double)(newest_ns - first_ns) / CLOCK_NS_PER_S;
}

struct fields_number figures_total(bool whole, struct fields_number sum)
{
    return whole ? sum : (struct fields_number){0};
}

struct fields_number figures_total_events(const struct figures *figures)
{
    return figures_total(figures->events_whole, figures->events);
}

double figures_span_s(const struct figures *figures, bool whole)
{
    return whole ? figures->span_s : figures->covers_s;
}

struct fields_number figures_events_per_minute(const struct figures *figures)
{
    if (!figures->events.present)
        return (struct fields_number){0};
    return tally_quotient(figures->events.value,
                          figures_span_s(figures, figures->events_whole) / 60);
}
