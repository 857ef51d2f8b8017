#include "query-service/statistics/stored.h"

#include <stdio.h>

#include "base/clock.h"
#include "query-service/statistics/stretch.h"

/* So long after the first message the services may begin to report. */
#define SETTLING_NS (60 * CLOCK_NS_PER_S)

/* What is gathered while the results are read, in the order of the plan. */
struct reading {
    const struct gather_results *results;
    unsigned next;
    struct figures *figures;
    int64_t first_ns;       /* start of what the services said; 0: nothing */
    int64_t told_ns;        /* end of what they said */
    int64_t newest_ns;      /* the same, and of the last events */
    int64_t last_window_ns; /* the last one that anything lies in; 0: none */
    int64_t begin_ns;       /* the first events, of the day before the period on; 0: none */
    bool ledger_told[PERIOD_WINDOWS_MAX];
};

static const struct table *next_table(struct reading *r)
{
    return r->results->at[r->next++].table;
}

/* A number below 0 is no figure of a service, whoever stored it. */
static struct fields_number cell(const struct table *table, size_t series, size_t row,
                                 struct text column)
{
    double number;
    if (!table_number(table, series, row, table_column(table, series, column), &number) ||
        number < 0)
        return (struct fields_number){0};
    return fields_number(number);
}

/* 0 for a time that no writer can have given, so that what is added to it later fits. */
static int64_t time_ns(const struct table *table, size_t series, size_t row)
{
    int64_t ms = table_time_ms(table, series, row), limit_ms = INT64_MAX / 2 / CLOCK_NS_PER_MS;
    return ms > 0 && ms < limit_ms ? ms * CLOCK_NS_PER_MS : 0;
}

static void set_field(struct service_metrics *metrics, const struct fields_row *row,
                      struct fields_number number)
{
    char *at = (char *)metrics + row->offset;
    if (!number.present)
        return;
    if (row->type == FIELDS_NUMBER)
        memcpy(at, &number, sizeof number);
    else if (number.value >= 0 && number.value < 18446744073709551616.0)
        memcpy(at, &(struct fields_unsigned){(uint64_t)number.value, true},
               sizeof(struct fields_unsigned));
}

static void read_last_of(const struct table *table, size_t series, struct text service,
                         struct service_metrics *ret_metrics)
{
    *ret_metrics = (struct service_metrics){.time_ns = time_ns(table, series, 0)};
    fields_copy(ret_metrics->service, sizeof ret_metrics->service, service);
    for (size_t i = 0; i < service_metrics_table.count; i++) {
        const struct fields_row *row = &service_metrics_table.rows[i];
        if (stretch_field(row))
            set_field(ret_metrics, row, cell(table, series, 0, text_of(row->name)));
    }
}

static void read_last(struct reading *r)
{
    const struct table *table = next_table(r);
    for (size_t i = 0; i < table_series_count(table); i++) {
        struct text name = table_tag(table, i, TEXT("service"));
        if (name.len == 0 || table_rows(table, i) == 0)
            continue;
        int64_t end_ns = time_ns(table, i, 0);
        r->told_ns = end_ns > r->told_ns ? end_ns : r->told_ns;
        struct figures_service *service = figures_service(r->figures, name);
        if (!service)
            continue;
        read_last_of(table, i, name, &service->last);
        service->last_update_ns = end_ns;
    }
}

/* The window that a row belongs to, NULL when there is none. */
static struct figures_window *window_of(struct reading *r, int64_t at_ns)
{
    const struct period *period = &r->figures->period;
    unsigned i = period_window_of(period, at_ns > period->from_ns ? at_ns : period->from_ns);
    if (i >= r->figures->windows_count)
        return NULL;
    struct figures_window *window = &r->figures->windows[i];
    if (window->time_ns > r->last_window_ns)
        r->last_window_ns = window->time_ns;
    return window;
}

static void read_newest(struct reading *r, const struct stretch *last)
{
    const struct table *table = next_table(r);
    if (table_rows(table, 0) == 0)
        return;
    int64_t end_ns = time_ns(table, 0, 0) + last->granule_s * CLOCK_NS_PER_S;
    r->newest_ns = end_ns > r->newest_ns ? end_ns : r->newest_ns;
}

static void read_events(struct reading *r)
{
    const struct table *table = next_table(r);
    for (size_t row = 0; row < table_rows(table, 0); row++) {
        struct figures_window *window = window_of(r, time_ns(table, 0, row));
        if (window)
            tally_sum(&window->count, cell(table, 0, row, TEXT("events")));
    }
}

static void read_window(struct reading *r, int64_t at_ns, const struct tally *sums, bool ledger)
{
    struct figures_window *window = window_of(r, at_ns);
    if (!window)
        return;
    tally_sum(&window->errors, sums->write_errors);
    if (r->figures->only_service[0])
        tally_sum(&window->count, sums->events);
    if (ledger)
        r->ledger_told[window - r->figures->windows] = true;
}

static void read_services(struct reading *r)
{
    const struct table *table = next_table(r);
    for (size_t i = 0; i < table_series_count(table); i++) {
        struct text name = table_tag(table, i, TEXT("service"));
        struct figures_service *service = name.len ? figures_service(r->figures, name) : NULL;
        bool ledger = service && service->last.received.present;
        for (size_t row = 0; name.len && row < table_rows(table, i); row++) {
            struct tally sums = {
                .events = cell(table, i, row, TEXT("events_processed")),
                .write_attempts = cell(table, i, row, TEXT("write_attempts")),
                .write_errors = cell(table, i, row, TEXT("write_errors")),
            };
            tally_rate(&sums);
            read_window(r, time_ns(table, i, row), &sums, ledger);
            tally_add(&r->figures->sums, &sums);
            if (service)
                tally_add(&service->sums, &sums);
        }
    }
}

static void add_processing(struct tally *tally, double weighted, double weight)
{
    tally->processing_ms_weighted += weighted;
    tally->processing_weight += weight;
}

/* A service that writes is judged by its attempts: of it no rate is taken. */
static void add_success(struct tally *tally, double weighted, double weight)
{
    if (tally->write_attempts.present)
        return;
    tally->success_weighted += weighted;
    tally->success_weight += weight;
}

static void read_mean(struct reading *r, void (*add)(struct tally *, double, double))
{
    const struct table *table = next_table(r);
    for (size_t i = 0; i < table_series_count(table); i++) {
        struct text name = table_tag(table, i, TEXT("service"));
        struct figures_service *service = name.len ? figures_service(r->figures, name) : NULL;
        struct fields_number weighted = cell(table, i, 0, TEXT("weighted"));
        if (service && weighted.present)
            add(&service->sums, weighted.value, cell(table, i, 0, TEXT("weight")).value);
    }
}

/* Of all together, when those of each are known. */
static void sum_means(struct figures *figures)
{
    for (unsigned i = 0; i < figures->services_count; i++) {
        const struct tally *sums = &figures->services[i].sums;
        tally_add(&figures->sums, &(struct tally){
                                      .processing_ms_weighted = sums->processing_ms_weighted,
                                      .processing_weight = sums->processing_weight,
                                      .success_weighted = sums->success_weighted,
                                      .success_weight = sums->success_weight,
                                  });
    }
}

static void read_first(struct reading *r, const struct stretch *stretch)
{
    const struct table *table = next_table(r);
    if (table_rows(table, 0) == 0 || r->first_ns != 0)
        return;
    r->first_ns = time_ns(table, 0, 0);
    if (!stretch->rows_end)
        return;
    struct fields_number interval_s = cell(table, 0, 0, TEXT("interval_s"));
    bool said = interval_s.present && interval_s.value > 0 && interval_s.value <= 3600;
    r->first_ns -= (int64_t)((said ? interval_s.value : PERIOD_FINE_S) * CLOCK_NS_PER_S);
}

/* The 10 s rows, which come behind those of 5 min, tell more exactly when these begin. */
static void read_begin(struct reading *r)
{
    const struct table *table = next_table(r);
    int64_t begin_ns = table_rows(table, 0) > 0 ? time_ns(table, 0, 0) : 0;
    if (r->begin_ns == 0 ||
        (begin_ns > r->begin_ns && begin_ns < r->begin_ns + PERIOD_COARSE_S * CLOCK_NS_PER_S))
        r->begin_ns = begin_ns;
}

static void read_all(struct reading *r, bool of_all)
{
    struct stretch stretches[2];
    unsigned count = stretch_list(&r->figures->period, stretches);
    read_last(r);
    r->newest_ns = r->told_ns;
    if (of_all)
        read_newest(r, &stretches[count - 1]);
    for (unsigned i = 0; i < count && of_all; i++)
        read_events(r);
    for (unsigned i = 0; i < count; i++)
        read_services(r);
    for (unsigned i = 0; i < count; i++)
        read_mean(r, add_processing);
    for (unsigned i = 0; i < count; i++)
        read_mean(r, add_success);
    sum_means(r->figures);
    for (unsigned i = 0; i < count; i++)
        read_first(r, &stretches[i]);
    for (unsigned i = 0; i < count; i++)
        read_begin(r);
}

/* --- what follows -------------------------------------------------------------- */

/* Nothing came in: a ledger told of the window, and that at a time when at least its first row
 * would have been stored. */
static bool is_quiet(const struct reading *r, unsigned i)
{
    const struct figures *f = r->figures;
    return !f->only_service[0] && !f->windows[i].count.present && r->ledger_told[i] &&
           f->windows[i].time_ns + PERIOD_FINE_S * CLOCK_NS_PER_S <= r->told_ns;
}

/* Gives the first window with events, NULL when there is none. */
static const struct figures_window *count_events(struct reading *r)
{
    struct figures *f = r->figures;
    const struct figures_window *first = NULL;
    for (unsigned i = 0; i < f->windows_count; i++) {
        if (is_quiet(r, i))
            f->windows[i].count = fields_number(0);
        if (f->windows[i].count.present && !first)
            first = &f->windows[i];
        tally_sum(&f->events, f->windows[i].count);
    }
    if (!f->events.present)
        figures_miss(f, "metrics.total_events", "nothing is stored of it in this period");
    return first;
}

/* Events were stored before the services' figures were: the sums of these are no totals. */
static void services_came_later(struct figures *f, int64_t since_ns)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(since_ns, time);
    f->sums_whole = false;
    for (unsigned i = 0; i < f->services_count; i++)
        f->services[i].whole = false;
    static const char *const figures[] = {"metrics.total_writes", "metrics.write_errors",
                                          "metrics.services"};
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        figures_miss(f, figures[i], "the services' figures are stored since %s only", time);
}

/* The house is younger than the period: its first row lies within, and no events before it. */
static bool is_young(const struct reading *r, const struct figures_window *events)
{
    return r->begin_ns > r->figures->period.from_ns &&
           (!events || r->begin_ns < events->time_ns + r->figures->period.window_ns);
}

/* When the period's events begin, and how exactly that is known: to their window, or, of a young
 * house, to their row. */
static int64_t events_begin(const struct reading *r, const struct figures_window *events,
                            int64_t *ret_unsure_ns)
{
    bool young = is_young(r, events);
    *ret_unsure_ns = young ? PERIOD_FINE_S * CLOCK_NS_PER_S : r->figures->period.window_ns;
    if (!events || r->figures->only_service[0])
        return 0;
    return young ? r->begin_ns : events->time_ns;
}

/* What is not stored yet of a period that ends now is not known, and no silence. */
static void end_open(struct figures *f, int64_t newest_ns, int64_t now_ns)
{
    char time[CLOCK_RFC3339_SIZE];
    int64_t untold_ns = f->period.to_ns - newest_ns;
    if (!f->age_s.present || untold_ns <= 0 || now_ns - f->period.to_ns > SETTLING_NS)
        return;
    f->span_s -= (double)untold_ns / CLOCK_NS_PER_S;
    if (untold_ns <= SETTLING_NS)
        return;
    clock_format_rfc3339(newest_ns, time);
    figures_miss(f, "metrics", "nothing is stored since %s: what came later is not counted", time);
}

/* The services' rows tell exactly from when to when something is stored. Events, and rows of 5 min,
 * count where they reach further. */
static void cover(struct reading *r, const struct figures_window *events, int64_t now_ns)
{
    struct figures *f = r->figures;
    int64_t first_ns = r->first_ns, newest_ns = r->newest_ns, window_ns = f->period.window_ns;
    int64_t unsure_ns, events_ns = events_begin(r, events, &unsure_ns);
    /* A row of 5 min begins before its figures, one of a clock that is wrong before the house. */
    if (first_ns && is_young(r, events) && r->begin_ns - first_ns > unsure_ns)
        first_ns = r->begin_ns;
    if (events_ns && (first_ns == 0 || events_ns + unsure_ns + SETTLING_NS <= first_ns)) {
        if (first_ns != 0)
            services_came_later(f, first_ns);
        first_ns = events_ns;
    }
    if (r->last_window_ns && r->last_window_ns >= newest_ns)
        newest_ns = r->last_window_ns + window_ns < f->period.to_ns ? r->last_window_ns + window_ns
                                                                    : f->period.to_ns;
    figures_cover(f, first_ns, newest_ns, now_ns);
    end_open(f, newest_ns, now_ns);
    if (is_young(r, events))
        f->span_s = f->covers_s;
}

/* Who was heard on the bus is shown, with its state, also when nothing is stored of it. */
static void take_states(struct figures *figures, const struct live *live)
{
    struct live_service heard;
    for (unsigned i = 0; live && live_service(live, i, &heard); i++) {
        if (figures->only_service[0] && strcmp(figures->only_service, heard.name) != 0)
            continue;
        struct figures_service *row = figures_service(figures, text_of(heard.name));
        if (!row)
            continue;
        row->state = live_state(&heard);
        /* of one whose rows have none of the fields that were asked for */
        if (row->last_update_ns == 0 && heard.metrics &&
            heard.metrics->time_ns > figures->period.from_ns &&
            heard.metrics->time_ns <= figures->period.to_ns)
            row->last_update_ns = heard.metrics->time_ns;
    }
}

static enum err check_results(const struct gather_results *results, unsigned first, unsigned count,
                              struct err_reason *why)
{
    for (unsigned i = first; i < first + count; i++) {
        const struct gather_result *result = i < results->count ? &results->at[i] : NULL;
        if (!result)
            return err_explain(why, ERR_INVALID, "an answer is missing");
        if (result->outcome != ERR_OK)
            return err_explain(why, result->outcome, "%s", result->words);
        if (table_partial(result->table))
            return err_explain(why, ERR_TOO_LARGE,
                               "InfluxDB left rows out of its answer (max-row-limit)");
    }
    return ERR_OK;
}

static bool is_empty(const struct gather_results *results, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++)
        if (table_series_count(results->at[i].table) > 0)
            return false;
    return true;
}

static enum err unknown_service(const struct live *live, struct text service,
                                struct err_reason *why)
{
    struct live_service heard;
    char names[256] = "none";
    size_t len = 0;
    for (unsigned i = 0; live && live_service(live, i, &heard); i++)
        if (len + strlen(heard.name) + 3 < sizeof names)
            len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "",
                                    heard.name);
    return err_explain(why, ERR_NOT_FOUND,
                       "service \"%.*s\": nothing is stored of it in this period, and it was not "
                       "heard of; known are: %s",
                       (int)(service.len < 64 ? service.len : 64), service.at, names);
}

enum err stored_figures(const struct gather_results *results, unsigned first,
                        const struct period *period, struct text service, const struct live *live,
                        int64_t now_ns, struct figures *ret_figures, struct err_reason *why)
{
    struct stretch stretches[2];
    struct reading reading = {.results = results, .next = first, .figures = ret_figures};
    unsigned count = stretch_list(period, stretches);
    unsigned statements = service.len ? 1 + 5 * count : 2 + 6 * count;
    enum err e = check_results(results, first, statements, why);
    if (e == ERR_OK && service.len && is_empty(results, first, statements - count) &&
        !(live && live_knows(live, service)))
        e = unknown_service(live, service, why);
    if (e == ERR_OK)
        e = figures_begin(ret_figures, FIGURES_INFLUXDB, period, service);
    if (e != ERR_OK)
        return e;
    read_all(&reading, service.len == 0);
    cover(&reading, count_events(&reading), now_ns);
    take_states(ret_figures, live);
    figures_end(ret_figures);
    return ERR_OK;
}
