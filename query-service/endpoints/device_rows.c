#include "query-service/endpoints/device_rows.h"

#include <stdlib.h>

#include "influx/influxql.h"
#include "query-service/alerts/habit_statement.h"
#include "query-service/endpoints/cells.h"

enum err device_rows_check(const struct question *question, struct err_reason *why)
{
    if (cells_askable(question->request->device))
        return ERR_OK;
    return err_explain(why, ERR_INVALID, "device: a name " CELLS_ASKABLE);
}

size_t device_rows_limit(const struct request *request)
{
    return request->limit.present ? (size_t)request->limit.value : DEVICE_ROWS_LIMIT;
}

void device_rows_plan(const struct question *question, const char *selected, const char *behind,
                      struct gather_plan *plan)
{
    struct text device = question->request->device;
    for (unsigned i = 0; i < HABIT_SOURCES; i++) {
        struct buf *out = gather_add_of(plan, text_of(habit_sources[i].measurement));
        buf_printf(out, "SELECT %s FROM ", selected);
        influxql_identifier(text_of(habit_sources[i].measurement), out);
        buf_printf(out, " WHERE time >= %lldms AND time <= %lldms",
                   (long long)(question->period.from_ns / CLOCK_NS_PER_MS),
                   (long long)(question->now_ns / CLOCK_NS_PER_MS));
        if (device.len > 0) {
            buf_string(out, " AND ");
            influxql_identifier(text_of(habit_sources[i].tag), out);
            buf_string(out, " = ");
            influxql_literal(device, out);
        }
        buf_string(out, " GROUP BY ");
        influxql_identifier(text_of(habit_sources[i].tag), out);
        buf_string(out, behind);
    }
}

static int compare(const void *a, const void *b)
{
    const struct device_row *x = a, *y = b;
    int order = text_compare(x->device, y->device);
    return order != 0 ? order : text_compare(x->measurement, y->measurement);
}

static void take(const struct table *table, const struct habit_source *source,
                 struct device_rows *rows)
{
    for (size_t series = 0; series < table_series_count(table); series++) {
        struct text device = table_tag(table, series, text_of(source->tag));
        if (device.len > 0 && table_rows(table, series) > 0)
            rows->at[rows->count++] = (struct device_row){device, text_of(source->measurement),
                                                          text_of(source->tag), table, series};
    }
}

enum err device_rows_read(const struct gather_results *results, unsigned first,
                          struct device_rows *ret_rows, unsigned *ret_next)
{
    struct device_rows rows = {0};
    size_t most = 1;
    for (unsigned i = 0; i < HABIT_SOURCES && first + i < results->count; i++)
        if (results->at[first + i].table)
            most += table_series_count(results->at[first + i].table);
    rows.at = calloc(most, sizeof rows.at[0]);
    if (!rows.at)
        return ERR_NOMEM;
    for (unsigned i = 0; i < HABIT_SOURCES && first + i < results->count; i++)
        if (results->at[first + i].table) /* else it was refused: `missing` */
            take(results->at[first + i].table, &habit_sources[i], &rows);
    qsort(rows.at, rows.count, sizeof rows.at[0], compare);
    *ret_rows = rows;
    *ret_next = first + HABIT_SOURCES;
    return ERR_OK;
}

void device_rows_free(struct device_rows *rows)
{
    free(rows->at);
    *rows = (struct device_rows){0};
}

const struct device_row *device_rows_find(const struct device_rows *rows,
                                          const struct device_row *like)
{
    return bsearch(like, rows->at, rows->count, sizeof rows->at[0], compare);
}

int64_t device_rows_seen_ns(const struct device_row *row)
{
    return table_time_ms(row->table, row->series, 0) * CLOCK_NS_PER_MS;
}

static void write_text(const char *key, struct text value, struct buf *out)
{
    buf_printf(out, "\"%s\":", key);
    buf_json_text(out, value);
    buf_char(out, ',');
}

void device_rows_begin(const struct device_row *row, struct buf *out)
{
    char seen[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(device_rows_seen_ns(row), seen);
    buf_char(out, '{');
    write_text("device", row->device, out);
    write_text("measurement", row->measurement, out);
    write_text("tag", row->tag, out);
    buf_printf(out, "\"last_seen\":\"%s\"", seen);
}

static void write_missing(const struct gather_results *results, struct buf *out)
{
    unsigned written = 0;
    for (unsigned i = 0; i < results->count && i < HABIT_SOURCES; i++) {
        if (results->at[i].table)
            continue;
        buf_string(out, written++ > 0 ? ",{" : ",\"missing\":[{");
        write_text("measurement", text_of(habit_sources[i].measurement), out);
        buf_string(out, "\"reason\":");
        buf_json_text(out, text_of(results->at[i].words));
        buf_char(out, '}');
    }
    if (written > 0)
        buf_char(out, ']');
}

void device_rows_end(const struct question *question, const struct gather_results *results,
                     size_t count, size_t written, struct buf *out)
{
    char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(question->period.from_ns, from);
    clock_format_rfc3339(question->now_ns, to);
    buf_printf(out, ",\"count\":%zu,\"truncated\":%s,\"source\":\"influxdb\",\"period\":", count,
               written < count ? "true" : "false");
    buf_json_text(out, text_of(question->period.name));
    buf_printf(out, ",\"from\":\"%s\",\"to\":\"%s\"", from, to);
    write_missing(results, out);
}
