/* devices/latest: the last value of each field of each device. */
#include "query-service/endpoints/cells.h"
#include "query-service/endpoints/device_rows.h"
#include "query-service/endpoints/table.h"

/* last(*) tells the values and not their time, so the last points are asked for too. */
static enum err plan(const struct question *question, unsigned stage,
                     const struct gather_results *const *results, struct gather_plan *plan,
                     struct err_reason *why)
{
    (void)results, (void)why;
    if (stage == 0) {
        device_rows_plan(question, "*", " ORDER BY time DESC LIMIT 1", plan);
        device_rows_plan(question, "last(*)", "", plan);
    }
    return ERR_OK;
}

/* InfluxDB names the columns of last(*) last_<field>. */
static void write_values(const struct device_row *last, struct buf *out)
{
    const struct text before = TEXT("last_");
    unsigned written = 0;
    size_t columns = last ? table_columns(last->table, last->series) : 0;
    for (size_t column = 0; column < columns; column++) {
        struct text name = table_column_name(last->table, last->series, column);
        struct value value = table_at(last->table, last->series, 0, (int)column);
        if (!text_starts(name, before) || value_kind(value) == VALUE_NULL)
            continue;
        if (written++ > 0)
            buf_char(out, ',');
        buf_json_text(out, (struct text){name.at + before.len, name.len - before.len});
        buf_char(out, ':');
        cells_write(value, out);
    }
}

static void write_device(const struct device_row *seen, const struct device_row *last,
                         struct buf *out)
{
    device_rows_begin(seen, out);
    buf_string(out, ",\"values\":{");
    write_values(last, out);
    buf_string(out, "}}");
}

static enum err answer(const struct question *question, const struct gather_results *const *results,
                       unsigned stages, struct buf *out, struct err_reason *why)
{
    struct device_rows seen = {0}, last = {0};
    size_t limit = device_rows_limit(question->request);
    unsigned next = 0;
    if (stages < 1)
        return err_explain(why, ERR_INVALID, "devices/latest was answered before it was asked");
    enum err e = device_rows_read(results[0], 0, &seen, &next);
    if (e == ERR_OK)
        e = device_rows_read(results[0], next, &last, &next);
    if (e != ERR_OK)
        goto out;
    buf_string(out, "\"devices\":[");
    for (size_t i = 0; i < seen.count && i < limit; i++) {
        if (i > 0)
            buf_char(out, ',');
        write_device(&seen.at[i], device_rows_find(&last, &seen.at[i]), out);
    }
    buf_char(out, ']');
    device_rows_end(question, results[0], seen.count, seen.count < limit ? seen.count : limit, out);
out:
    device_rows_free(&seen);
    device_rows_free(&last);
    return e;
}

const struct endpoint endpoint_devices_latest = {
    .name = "devices/latest",
    .help = "the last value of each field of each device",
    .request = &request_devices_latest,
    .schema = "answer_devices_latest",
    .period = "7d",
    .ttl_s = 10,
    .in_parts = true,
    .check = device_rows_check,
    .plan = plan,
    .answer = answer,
};
