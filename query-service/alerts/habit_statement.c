#include "query-service/alerts/habit_statement.h"

#include "base/clock.h"
#include "influx/influxql.h"

const struct habit_source habit_sources[HABIT_SOURCES] = {
    {"device_metrics", "device_id"}, {"home_assistant_events", "entity_id"},
    {"energy", "device_id"},         {"phm", "device_id"},
    {"vm_metrics", "vm_id"},
};

#define REPORTS  "service_metrics"
#define RECEIVED "\"received\""

static void write_between(const struct habit_stretch *stretch, struct buf *out)
{
    buf_string(out, " WHERE time >= ");
    buf_integer(out, stretch->from_ns);
    buf_string(out, " AND time < ");
    buf_integer(out, stretch->to_ns);
}

static void write_report(const char *function, int64_t now_ns, struct buf *out)
{
    struct habit_stretch day = {now_ns - 86400 * CLOCK_NS_PER_S, now_ns, 0};
    buf_printf(out, "SELECT %s(" RECEIVED ") FROM " REPORTS, function);
    write_between(&day, out);
}

void habit_write_newest(int64_t now_ns, struct buf *out)
{
    write_report("last", now_ns, out);
}

void habit_write_oldest(int64_t now_ns, struct buf *out)
{
    write_report("first", now_ns, out);
}

void habit_write_reports(const struct habit_stretch *stretch, struct buf *out)
{
    buf_string(out, "SELECT count(" RECEIVED ") FROM " REPORTS);
    write_between(stretch, out);
    buf_string(out, " GROUP BY time(10s) fill(none)");
}

void habit_write_fields(const struct habit_source *source, struct buf *out)
{
    buf_string(out, "SHOW FIELD KEYS FROM ");
    influxql_identifier(text_of(source->measurement), out);
}

void habit_write_heard(const struct habit_source *source, const char *fields, unsigned count,
                       const struct habit_stretch *stretch, struct buf *out)
{
    buf_string(out, "SELECT \"s\" FROM (SELECT ");
    for (unsigned i = 0; i < count; i++) {
        buf_string(out, i > 0 ? " + count(" : "count(");
        influxql_identifier(text_of(fields), out);
        buf_char(out, ')');
        fields += strlen(fields) + 1;
    }
    buf_string(out, " AS \"s\" FROM ");
    influxql_identifier(text_of(source->measurement), out);
    write_between(stretch, out);
    buf_printf(out, " GROUP BY time(%us), ", stretch->window_s);
    influxql_identifier(text_of(source->tag), out);
    buf_string(out, " fill(0)) WHERE \"s\" > 0 GROUP BY ");
    influxql_identifier(text_of(source->tag), out);
}
