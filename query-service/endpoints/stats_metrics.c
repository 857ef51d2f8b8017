/* stats/metrics: the single numbers of each service's last message. */
#include <stdio.h>

#include "base/spelling.h"
#include "query-service/endpoints/cells.h"
#include "query-service/endpoints/figures_json.h"
#include "query-service/endpoints/table.h"

#define LIMIT 100

static bool is_metric(const struct fields_row *row)
{
    return row->type == FIELDS_UNSIGNED || row->type == FIELDS_NUMBER;
}

static const char *name_at(const void *context, size_t index)
{
    (void)context;
    const struct fields_row *row = &service_metrics_table.rows[index];
    return is_metric(row) ? row->name : NULL;
}

static enum err check(const struct question *question, struct err_reason *why)
{
    struct text name = question->request->metric_name;
    size_t count = service_metrics_table.count;
    if (name.len == 0)
        return ERR_OK;
    for (size_t i = 0; i < count; i++)
        if (is_metric(&service_metrics_table.rows[i]) &&
            text_equal(name, text_of(service_metrics_table.rows[i].name)))
            return ERR_OK;
    size_t nearest = spelling_nearest(name, count, NULL, name_at);
    return err_explain(why, ERR_INVALID,
                       "metric_name \"%.*s\": no service reports such a metric; the nearest is "
                       "\"%s\"",
                       CELLS_SHOWN(name),
                       nearest < count ? service_metrics_table.rows[nearest].name
                                       : "processing_time_ms");
}

/* The unit that a metric's name says, NULL for a count. */
static const char *unit_of(const char *name)
{
    static const struct {
        const char *tail, *unit;
    } units[] = {{"_ms", "ms"},
                 {"_s", "s"},
                 {"_bytes", "bytes"},
                 {"_rate", "percent"},
                 {"_percent", "percent"}};
    size_t len = strlen(name);
    if (strstr(name, "_le_")) /* a count of what was below a bound */
        return NULL;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t tail = strlen(units[i].tail);
        if (len > tail && strcmp(name + len - tail, units[i].tail) == 0)
            return units[i].unit;
    }
    return NULL;
}

static struct fields_number value_of(const struct service_metrics *metrics,
                                     const struct fields_row *row)
{
    const char *at = (const char *)metrics + row->offset;
    struct fields_number number;
    struct fields_unsigned count;
    if (row->type == FIELDS_NUMBER) {
        memcpy(&number, at, sizeof number);
        return number;
    }
    memcpy(&count, at, sizeof count);
    return (struct fields_number){(double)count.value, count.present};
}

static void write_metric(const struct figures_service *service, const struct fields_row *row,
                         struct fields_number value, struct buf *out)
{
    buf_char(out, '{');
    figures_json_text("name", row->name, out);
    figures_json_member("value", value, FIGURES_JSON_MS, out);
    figures_json_name("unit", out);
    if (unit_of(row->name))
        buf_json_text(out, text_of(unit_of(row->name)));
    else
        buf_string(out, "null");
    figures_json_time("timestamp", service->last_update_ns, out);
    figures_json_name("tags", out);
    buf_char(out, '{');
    figures_json_text("service", service->name, out);
    buf_string(out, "}}");
}

/* Writes those of one service that are asked for, while there is room; gives how many there are. */
static size_t write_service(const struct request *request, const struct figures_service *service,
                            size_t before, size_t limit, struct buf *out)
{
    size_t count = before;
    for (size_t i = 0; i < service_metrics_table.count && service->last_update_ns; i++) {
        const struct fields_row *row = &service_metrics_table.rows[i];
        if (!is_metric(row) ||
            (request->metric_name.len && !text_equal(request->metric_name, text_of(row->name))))
            continue;
        struct fields_number value = value_of(&service->last, row);
        if (!value.present || count++ >= limit)
            continue;
        if (count > 1)
            buf_char(out, ',');
        write_metric(service, row, value, out);
    }
    return count;
}

static void write_figures(const struct question *question, const struct figures *figures,
                          struct buf *out)
{
    const struct request *request = question->request;
    struct figures_missing cut = {.figure = "metrics"};
    size_t limit = request->limit.present ? (size_t)request->limit.value : LIMIT, count = 0;
    figures_json_name("metrics", out);
    buf_char(out, '[');
    for (unsigned i = 0; i < figures->services_count; i++)
        count = write_service(request, &figures->services[i], count, limit, out);
    buf_char(out, ']');
    snprintf(cut.reason, sizeof cut.reason, "%zu more than the limit of %zu",
             count > limit ? count - limit : 0, limit);
    figures_json_shared(figures, 0, count > limit ? &cut : NULL, out);
}

const struct endpoint endpoint_stats_metrics = {
    .name = "stats/metrics",
    .help = "the single metrics that the services report, as they stand",
    .request = &request_stats_metrics,
    .schema = "answer_stats_metrics",
    .period = "15m",
    .last = STORED_LAST_ROW,
    .ttl_s = 60,
    .check = check,
    .write_figures = write_figures,
};
