/* devices: who was heard of, when last, and whether that is longer ago than is its habit. */
#include "query-service/endpoints/device_rows.h"
#include "query-service/endpoints/table.h"

/* A device's last point is looked for from the newest on, whatever fields it has. */
static enum err plan(const struct question *question, unsigned stage,
                     const struct gather_results *const *results, struct gather_plan *plan,
                     struct err_reason *why)
{
    (void)results, (void)why;
    if (stage == 0)
        device_rows_plan(question, "*", " ORDER BY time DESC LIMIT 1", plan);
    return ERR_OK;
}

static void write_seconds(const char *key, bool known, double seconds, struct buf *out)
{
    buf_printf(out, ",\"%s\":", key);
    if (known)
        buf_number(out, seconds);
    else
        buf_string(out, "null");
}

static void write_device(const struct question *question, const struct device_row *row,
                         const struct habit_device *habit, struct buf *out)
{
    int64_t age_ms = (question->now_ns - device_rows_seen_ns(row)) / CLOCK_NS_PER_MS;
    /* What was learned at the start is too coarse for a longest one. */
    double longest_s = habit->longest_interval_s > habit->mean_interval_s
                           ? habit->longest_interval_s
                           : habit->mean_interval_s;
    device_rows_begin(row, out);
    write_seconds("age_s", true, age_ms > 0 ? (double)age_ms / 1000 : 0, out);
    write_seconds("interval_s", habit->learned, habit->mean_interval_s, out);
    write_seconds("longest_interval_s", habit->learned, longest_s, out);
    buf_printf(out, ",\"stale\":%s}", !habit->learned ? "null" : habit->silent ? "true" : "false");
}

static struct habit_device habit_of(const struct question *question, const struct device_row *row)
{
    const struct habit *habit = question->world->habit;
    struct habit_device known;
    if (habit && habit_device(habit, row->measurement, row->device, question->now_ns, &known))
        return known;
    return (struct habit_device){0};
}

static enum err answer(const struct question *question, const struct gather_results *const *results,
                       unsigned stages, struct buf *out, struct err_reason *why)
{
    struct device_rows rows = {0};
    size_t limit = device_rows_limit(question->request), count = 0, written = 0;
    unsigned next;
    if (stages < 1)
        return err_explain(why, ERR_INVALID, "devices was answered before it was asked");
    enum err e = device_rows_read(results[0], 0, &rows, &next);
    if (e != ERR_OK)
        return e;
    buf_string(out, "\"devices\":[");
    for (size_t i = 0; i < rows.count; i++) {
        struct habit_device habit = habit_of(question, &rows.at[i]);
        if (question->request->stale && !(habit.learned && habit.silent))
            continue;
        if (count++ >= limit)
            continue;
        if (written++ > 0)
            buf_char(out, ',');
        write_device(question, &rows.at[i], &habit, out);
    }
    buf_char(out, ']');
    device_rows_end(question, results[0], count, written, out);
    device_rows_free(&rows);
    return ERR_OK;
}

const struct endpoint endpoint_devices = {
    .name = "devices",
    .help = "the known devices, when they were last heard of, and which are silent too long",
    .request = &request_devices,
    .schema = "answer_devices",
    .period = "7d",
    .ttl_s = 10,
    .in_parts = true,
    .check = device_rows_check,
    .plan = plan,
    .answer = answer,
};
