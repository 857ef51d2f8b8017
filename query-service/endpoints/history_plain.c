/* Aggregates that InfluxDB computes over the raw values of each window. */
#include <stdlib.h>

#include "influx/influxql.h"
#include "query-service/endpoints/cells.h"
#include "query-service/endpoints/history.h"

static void write_selected(const struct history *history, struct buf *out)
{
    const struct request *request = history->request;
    buf_printf(out, "SELECT %s(", history->aggregate->function);
    influxql_identifier(request->field, out);
    if (request->percentile.present) {
        buf_string(out, ", ");
        buf_number(out, request->percentile.value);
    }
    buf_string(out, ") AS \"v\"");
    if (!request->percentile.present)
        return;
    /* Where the rank rounds to 0 InfluxDB says nothing; the lowest value is meant. */
    buf_string(out, ", min(");
    influxql_identifier(request->field, out);
    buf_string(out, ") AS \"lowest\"");
}

void history_plain_plan(const struct history *history, struct gather_plan *plan)
{
    for (unsigned i = 0, end; i < history->windows.count; i = end) {
        end = history_windows_run(&history->windows, i);
        struct buf *out = gather_add_of(plan, history->request->measurement);
        write_selected(history, out);
        history_from_run(history, i, end, out);
        history_group(history, i, out);
    }
}

static void take_cells(const struct history *history, const struct table *table,
                       struct value *cells)
{
    int column = table_column(table, 0, TEXT("v")), lowest = table_column(table, 0, TEXT("lowest"));
    for (size_t row = 0; row < table_rows(table, 0); row++) {
        unsigned window = history_windows_of(&history->windows, table_time_ms(table, 0, row));
        struct value cell = table_at(table, 0, row, column);
        if (value_kind(cell) == VALUE_NULL)
            cell = table_at(table, 0, row, lowest);
        if (window < history->windows.count)
            cells[window] = cell;
    }
}

static enum err rows_from(const struct history *history, const struct gather_results *results,
                          unsigned first, struct buf *out)
{
    struct value *cells = calloc(history->windows.count, sizeof *cells);
    if (!cells)
        return ERR_NOMEM;
    for (unsigned i = first; i < results->count; i++)
        take_cells(history, results->at[i].table, cells);
    for (unsigned i = 0; i < history->windows.count; i++) {
        history_row_begin(history, i, out);
        if (value_kind(cells[i]) == VALUE_NULL)
            buf_string(out, history->aggregate->empty);
        else
            cells_write(cells[i], out);
        history_row_end(out);
    }
    free(cells);
    return ERR_OK;
}

enum err history_plain_rows(const struct history *history, const struct gather_results *results,
                            struct buf *out, struct err_reason *why)
{
    (void)why;
    return rows_from(history, results, 0, out);
}

void history_choice_plan(const struct history *history, struct gather_plan *plan)
{
    history_series_plan(history, plan);
    history_plain_plan(history, plan);
}

enum err history_choice_rows(const struct history *history, const struct gather_results *results,
                             struct buf *out, struct err_reason *why)
{
    struct value before;
    enum err e = history_series_before(history, results, 0, &before, why);
    return e == ERR_OK ? rows_from(history, results, HISTORY_SERIES_STATEMENTS, out) : e;
}
