#include "influx/influxql.h"
#include "query-service/endpoints/cells.h"
#include "query-service/endpoints/history.h"

void history_from(const struct history *history, int64_t from_ms, int64_t to_ms, struct buf *out)
{
    const struct request *request = history->request;
    buf_string(out, " FROM ");
    influxql_identifier(request->measurement, out);
    buf_printf(out, " WHERE time >= %lldms AND time < %lldms", (long long)from_ms,
               (long long)to_ms);
    for (unsigned i = 0; i < REQUEST_TAGS && request->tags[i].name.len > 0; i++) {
        buf_string(out, " AND ");
        influxql_identifier(request->tags[i].name, out);
        buf_string(out, " = ");
        influxql_literal(request->tags[i].value, out);
    }
}

void history_from_run(const struct history *history, unsigned first, unsigned end, struct buf *out)
{
    const struct history_windows *w = &history->windows;
    int64_t from_ms = w->starts_ms[first] > w->from_ms ? w->starts_ms[first] : w->from_ms;
    int64_t to_ms = w->starts_ms[end] < w->to_ms ? w->starts_ms[end] : w->to_ms;
    history_from(history, from_ms, to_ms, out);
}

void history_group(const struct history *history, unsigned first, struct buf *out)
{
    const int64_t *starts = history->windows.starts_ms;
    int64_t length_ms = starts[first + 1] - starts[first];
    int64_t offset_ms = starts[first] % length_ms;
    if (offset_ms < 0)
        offset_ms += length_ms;
    buf_printf(out, " GROUP BY time(%lldms, %lldms) fill(null)", (long long)length_ms,
               (long long)offset_ms);
}

void history_row_begin(const struct history *history, unsigned window, struct buf *out)
{
    buf_printf(out, "%s[%lld,", window > 0 ? "," : "",
               (long long)history->windows.starts_ms[window]);
}

void history_row_end(struct buf *out)
{
    buf_char(out, ']');
}

static void add_choice(const struct history *history, const char *function, int64_t from_ms,
                       int64_t to_ms, struct gather_plan *plan)
{
    struct buf *out = gather_add_of(plan, history->request->measurement);
    buf_printf(out, "SELECT %s(", function);
    influxql_identifier(history->request->field, out);
    buf_string(out, ") AS \"v\"");
    history_from(history, from_ms, to_ms, out);
    buf_string(out, " GROUP BY *");
}

void history_series_plan(const struct history *history, struct gather_plan *plan)
{
    int64_t from_ms = history->windows.from_ms;
    add_choice(history, "first", from_ms, history->windows.to_ms, plan);
    add_choice(history, "last", from_ms - HISTORY_BEFORE_DAYS * 86400000LL, from_ms, plan);
}

static struct text tag_key(const struct history *history, size_t i)
{
    const struct table *keys = history->tag_keys;
    return value_text(table_at(keys, 0, i, table_column(keys, 0, TEXT("tagKey"))));
}

static enum err several(const struct history *history, const struct table *series,
                        struct err_reason *why)
{
    size_t count = table_series_count(series);
    for (size_t i = 0; i < table_rows(history->tag_keys, 0); i++) {
        struct text key = tag_key(history, i), one = table_tag(series, 0, key);
        for (size_t s = 1; s < count; s++) {
            struct text other = table_tag(series, s, key);
            if (!text_equal(one, other))
                return err_explain(why, ERR_INVALID,
                                   "tags: %zu series are meant, and %s of them mixed would be "
                                   "wrong; name the tag \"%.*s\" (\"%.*s\", \"%.*s\" ...)",
                                   count, history->aggregate->name, CELLS_SHOWN(key),
                                   CELLS_SHOWN(one), CELLS_SHOWN(other));
        }
    }
    return err_explain(why, ERR_INVALID, "tags: %zu series are meant; right would be one", count);
}

static bool same_series(const struct history *history, const struct table *a, size_t series_a,
                        const struct table *b, size_t series_b)
{
    for (size_t i = 0; i < table_rows(history->tag_keys, 0); i++) {
        struct text key = tag_key(history, i);
        if (!text_equal(table_tag(a, series_a, key), table_tag(b, series_b, key)))
            return false;
    }
    return true;
}

enum err history_series_before(const struct history *history, const struct gather_results *results,
                               unsigned first, struct value *ret_value, struct err_reason *why)
{
    const struct table *in = results->at[first].table, *before = results->at[first + 1].table;
    /* A series that has ended does not stand in the way of the one that goes on. */
    const struct table *meant = table_series_count(in) > 0 ? in : before;
    if (table_series_count(meant) > 1)
        return several(history, meant, why);
    struct value value = {0};
    for (size_t s = 0; s < table_series_count(before); s++)
        if (same_series(history, meant, 0, before, s))
            value = table_at(before, s, 0, table_column(before, s, TEXT("v")));
    *ret_value = value;
    return ERR_OK;
}
