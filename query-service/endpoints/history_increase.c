/* How much a meter rose in each window: the sum of all rises from one reading to the next, each in
 * the window of the later reading. A fall means that the meter began again at 0, so that the whole
 * new reading is a rise.
 *
 * InfluxDB adds up, so that the cost does not lie in readings sent over. Without falls the rise of
 * a window is its last reading minus the last one before it. Each fall from p to n makes it n - p
 * too small by p; so the sum of all p of a window is asked for beside its readings. p is the mean
 * of the two readings minus half their difference, as InfluxDB has no function for the reading
 * before. */
#include <stdlib.h>

#include "influx/influxql.h"
#include "query-service/endpoints/history.h"

static void add_readings(const struct history *history, unsigned first, unsigned end,
                         struct buf *out)
{
    buf_string(out, "SELECT first(");
    influxql_identifier(history->request->field, out);
    buf_string(out, ") AS \"first\", last(");
    influxql_identifier(history->request->field, out);
    buf_string(out, ") AS \"last\"");
    history_from_run(history, first, end, out);
    history_group(history, first, out);
}

static void add_falls(const struct history *history, unsigned first, unsigned end, struct buf *out)
{
    const struct history_windows *w = &history->windows;
    struct text field = history->request->field;
    buf_string(out, "SELECT sum(\"p\") AS \"fallen\" FROM (SELECT moving_average(");
    influxql_identifier(field, out);
    buf_string(out, ", 2) - difference(");
    influxql_identifier(field, out);
    buf_string(out, ") / 2 AS \"p\", difference(");
    influxql_identifier(field, out);
    buf_string(out, ") AS \"d\"");
    history_from_run(history, first, end, out);
    buf_printf(out, ") WHERE \"d\" < 0 AND time >= %lldms AND time < %lldms",
               (long long)(w->starts_ms[first] > w->from_ms ? w->starts_ms[first] : w->from_ms),
               (long long)(w->starts_ms[end] < w->to_ms ? w->starts_ms[end] : w->to_ms));
    history_group(history, first, out);
}

void history_increase_plan(const struct history *history, struct gather_plan *plan)
{
    history_series_plan(history, plan);
    for (unsigned i = 0, end; i < history->windows.count; i = end) {
        end = history_windows_run(&history->windows, i);
        add_readings(history, i, end, gather_add_of(plan, history->request->measurement));
        add_falls(history, i, end, gather_add_of(plan, history->request->measurement));
    }
}

struct window {
    struct fields_number first, last;
    double fallen; /* sum of the readings before the falls, but for one before the run */
    bool begins_run;
};

static struct fields_number number_at(const struct table *table, size_t row, struct text column)
{
    struct fields_number n = {0};
    n.present = table_number(table, 0, row, table_column(table, 0, column), &n.value);
    return n;
}

static void take_run(const struct history *history, const struct table *readings,
                     const struct table *falls, struct window *windows)
{
    unsigned count = history->windows.count;
    for (size_t row = 0; row < table_rows(readings, 0); row++) {
        unsigned at = history_windows_of(&history->windows, table_time_ms(readings, 0, row));
        if (at == count)
            continue;
        windows[at].first = number_at(readings, row, TEXT("first"));
        windows[at].last = number_at(readings, row, TEXT("last"));
    }
    for (size_t row = 0; row < table_rows(falls, 0); row++) {
        unsigned at = history_windows_of(&history->windows, table_time_ms(falls, 0, row));
        if (at < count)
            windows[at].fallen = number_at(falls, row, TEXT("fallen")).value;
    }
}

/* `before` is the last reading before the window; in the first window with readings of a run the
 * fall from it is not among those that were asked for. */
static double rise_of(const struct window *window, struct fields_number before, bool first_of_run)
{
    double from = before.present ? before.value : window->first.value;
    double rise = window->last.value - from + window->fallen;
    if (first_of_run && window->first.value < from)
        rise += from;
    return rise > 0 ? rise : 0; /* what rounding leaves is no fall */
}

/* Between two readings a window without any rose by nothing that was told; before the first one
 * that is known and behind the last nobody knows. */
static void write_rows(const struct history *history, const struct window *windows,
                       struct fields_number before, struct buf *out)
{
    unsigned count = history->windows.count, told = count; /* told: behind the last with readings */
    bool first_of_run = true;
    while (told > 0 && !windows[told - 1].last.present)
        told--;
    for (unsigned i = 0; i < count; i++) {
        const struct window *window = &windows[i];
        first_of_run |= window->begins_run;
        history_row_begin(history, i, out);
        if (window->last.present) {
            buf_number(out, rise_of(window, before, first_of_run));
            before = window->last;
            first_of_run = false;
        } else {
            buf_string(out, before.present && i < told ? "0" : history->aggregate->empty);
        }
        history_row_end(out);
    }
}

enum err history_increase_rows(const struct history *history, const struct gather_results *results,
                               struct buf *out, struct err_reason *why)
{
    struct value said;
    enum err e = history_series_before(history, results, 0, &said, why);
    if (e != ERR_OK)
        return e;
    struct window *windows = calloc(history->windows.count, sizeof *windows);
    if (!windows)
        return ERR_NOMEM;
    unsigned at = HISTORY_SERIES_STATEMENTS;
    for (unsigned i = 0; i < history->windows.count && at + 1 < results->count; at += 2) {
        windows[i].begins_run = true;
        take_run(history, results->at[at].table, results->at[at + 1].table, windows);
        i = history_windows_run(&history->windows, i);
    }
    bool known = value_kind(said) == VALUE_INTEGER || value_kind(said) == VALUE_NUMBER;
    write_rows(history, windows, (struct fields_number){value_number(said), known}, out);
    free(windows);
    return ERR_OK;
}
