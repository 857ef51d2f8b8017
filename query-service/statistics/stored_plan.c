#include <inttypes.h>

#include "base/clock.h"
#include "influx/influxql.h"
#include "query-service/statistics/stored.h"
#include "query-service/statistics/stretch.h"

static void write_times(struct buf *out, int64_t from_ns, int64_t to_ns)
{
    buf_printf(out, "time >= %" PRId64 " AND time < %" PRId64, from_ns, to_ns);
}

static void write_where(struct buf *out, int64_t from_ns, int64_t to_ns, struct text service)
{
    buf_string(out, " WHERE ");
    write_times(out, from_ns, to_ns);
    if (service.len) {
        buf_string(out, " AND service = ");
        influxql_literal(service, out);
    }
}

/* Windows of rows that bear an end begin a moment later, so that an end belongs to what it ends. */
static void write_windows(struct buf *out, const struct period *period, bool rows_end)
{
    buf_printf(out, "time(%" PRId64 "s%s)", (int64_t)(period->window_ns / CLOCK_NS_PER_S),
               rows_end ? ",1ms" : "");
}

static void plan_events(const struct period *period, const struct stretch *s,
                        struct gather_plan *plan)
{
    struct buf *out = gather_add(plan);
    buf_printf(out, "SELECT sum(events) AS events FROM %s", s->events);
    write_where(out, s->from_ns, s->to_ns, TEXT(""));
    buf_string(out, " GROUP BY ");
    write_windows(out, period, false);
    buf_string(out, " fill(none)");
}

static void plan_services(const struct period *period, const struct stretch *s, struct text service,
                          struct gather_plan *plan)
{
    struct buf *out = gather_add(plan);
    buf_printf(out,
               "SELECT sum(events_processed) AS events_processed,"
               "sum(write_attempts) AS write_attempts,sum(write_errors) AS write_errors FROM %s",
               s->services);
    write_where(out, s->services_from_ns, s->services_to_ns, service);
    buf_string(out, " GROUP BY service,");
    write_windows(out, period, s->rows_end);
    buf_string(out, " fill(none)");
}

/* A weight plus nothing times the value is null where the value is, and is not summed then. One
 * mean a statement: InfluxDB 1.x takes three times as long for two together. */
static void plan_product(const struct stretch *s, const struct stretch_mean *mean,
                         struct text service, struct buf *out)
{
    buf_printf(out,
               "SELECT sum(v) AS weighted,sum(w) AS weight FROM (SELECT %s*%s AS v,%s+0*%s AS w "
               "FROM %s",
               mean->value, mean->weight, mean->weight, mean->value, s->services);
    write_where(out, s->services_from_ns, s->services_to_ns, service);
    buf_string(out, ") WHERE ");
    write_times(out, s->services_from_ns, s->services_to_ns);
}

/* InfluxDB 1.x takes five times as long to multiply as to add up what was multiplied. */
static void plan_mean(const struct stretch *s, const struct stretch_mean *mean, struct text service,
                      struct gather_plan *plan)
{
    struct buf *out = gather_add(plan);
    if (mean->sum) {
        buf_printf(out, "SELECT sum(%s) AS weighted,sum(%s) AS weight FROM %s", mean->sum,
                   mean->weight, s->services);
        write_where(out, s->services_from_ns, s->services_to_ns, service);
    } else {
        plan_product(s, mean, service, out);
    }
    buf_string(out, " GROUP BY service");
}

static void write_fields(struct buf *out)
{
    const char *comma = "";
    for (size_t i = 0; i < service_metrics_table.count; i++) {
        if (!stretch_field(&service_metrics_table.rows[i]))
            continue;
        buf_string(out, comma); /* quoted: `series` is a word of InfluxQL */
        influxql_identifier(text_of(service_metrics_table.rows[i].name), out);
        comma = ",";
    }
}

/* The time of the first row tells since when there is anything. Each field that is asked for costs
 * as much as the first, so only those are that a row with figures has. */
static void plan_first(const struct stretch *s, struct text service, struct gather_plan *plan)
{
    struct buf *out = gather_add(plan);
    buf_printf(out, "SELECT %s FROM %s",
               s->rows_end ? "interval_s,events_processed,write_attempts" : "messages",
               s->services);
    write_where(out, s->services_from_ns, s->services_to_ns, service);
    buf_string(out, " ORDER BY time LIMIT 1");
}

/* The first of the events, looked for from a day before the period: whether the house is younger
 * than the period. */
static void plan_begin(const struct period *period, const char *measurement,
                       struct gather_plan *plan)
{
    struct buf *out = gather_add(plan);
    buf_printf(out, "SELECT events FROM %s", measurement);
    write_where(out, period->from_ns - STRETCH_BEFORE_S * CLOCK_NS_PER_S, period->to_ns, TEXT(""));
    buf_string(out, " ORDER BY time LIMIT 1");
}

/* The newest of the events: a house may be quiet, and a service may not have reported yet. */
static void plan_newest(const struct stretch *s, struct gather_plan *plan)
{
    struct buf *out = gather_add(plan);
    buf_printf(out, "SELECT events FROM %s", s->events);
    write_where(out, s->from_ns, s->to_ns, TEXT(""));
    buf_string(out, " ORDER BY time DESC LIMIT 1");
}

static void plan_last(const struct period *period, struct text service, enum stored_last last,
                      struct gather_plan *plan)
{
    struct buf *out = gather_add(plan);
    buf_string(out, "SELECT ");
    if (last == STORED_LAST_ROW)
        write_fields(out);
    else
        buf_string(out, "uptime_s,events_processed,write_attempts,received");
    buf_string(out, " FROM service_metrics");
    write_where(out, period->from_ns + 1, period->to_ns + 1, service);
    buf_string(out, " GROUP BY service ORDER BY time DESC LIMIT 1");
}

void stored_plan(const struct period *period, struct text service, enum stored_last last,
                 struct gather_plan *plan)
{
    struct stretch stretches[2];
    unsigned count = stretch_list(period, stretches);
    plan_last(period, service, last, plan);
    if (service.len == 0)
        plan_newest(&stretches[count - 1], plan);
    for (unsigned i = 0; i < count && service.len == 0; i++)
        plan_events(period, &stretches[i], plan);
    for (unsigned i = 0; i < count; i++)
        plan_services(period, &stretches[i], service, plan);
    for (unsigned i = 0; i < count; i++)
        plan_mean(&stretches[i], &stretches[i].processing, service, plan);
    for (unsigned i = 0; i < count; i++)
        plan_mean(&stretches[i], &stretches[i].success, service, plan);
    for (unsigned i = 0; i < count; i++)
        plan_first(&stretches[i], service, plan);
    for (unsigned i = 0; i < count; i++)
        plan_begin(period, stretches[i].events, plan);
}
