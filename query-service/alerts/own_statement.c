#include "query-service/alerts/own_statement.h"

#include "base/clock.h"
#include "influx/influxql.h"

/* In the order of enum settings_aggregate; increase is no function of InfluxQL's. */
static const char *const functions[] = {"mean", "min", "max", "first", "last", "sum", "count"};

static void write_call(const char *function, const struct settings_alert_rule *rule,
                       const char *more, struct buf *out)
{
    buf_string(out, function);
    buf_char(out, '(');
    influxql_identifier(text_of(rule->field), out);
    buf_string(out, more);
}

static void write_from(const struct settings_alert_rule *rule, int64_t now_ns, uint32_t span_s,
                       struct buf *out)
{
    buf_string(out, " FROM ");
    influxql_identifier(text_of(rule->measurement), out);
    buf_string(out, " WHERE time > ");
    buf_integer(out, now_ns - span_s * CLOCK_NS_PER_S);
    buf_string(out, " AND time <= ");
    buf_integer(out, now_ns);
    for (unsigned i = 0; i < rule->tags_count; i++) {
        buf_string(out, " AND ");
        influxql_identifier(text_of(rule->tags[i].key), out);
        buf_string(out, " = ");
        influxql_literal(text_of(rule->tags[i].value), out);
    }
}

static void write_aggregate(const struct settings_alert_rule *rule, const char *function,
                            int64_t now_ns, uint32_t span_s, struct buf *out)
{
    buf_string(out, "SELECT ");
    write_call(function, rule, ") AS \"value\"", out);
    write_from(rule, now_ns, span_s, out);
    if (!rule->subject[0])
        return;
    buf_string(out, " GROUP BY ");
    influxql_identifier(text_of(rule->subject), out);
}

static void write_readings(const struct settings_alert_rule *rule, int64_t now_ns, struct buf *out)
{
    buf_string(out, "SELECT ");
    write_call("first", rule, ") AS \"first\", ", out);
    write_call("last", rule, ") AS \"last\"", out);
    write_from(rule, now_ns, rule->window_s, out);
    buf_string(out, " GROUP BY *");
}

/* Of each fall the reading before it: the mean of the two less half their difference, as InfluxQL
 * has no function for it. */
static void write_falls(const struct settings_alert_rule *rule, int64_t now_ns, struct buf *out)
{
    buf_string(out, "SELECT sum(\"p\") AS \"fallen\" FROM (SELECT ");
    write_call("moving_average", rule, ", 2) - ", out);
    write_call("difference", rule, ") / 2 AS \"p\", ", out);
    write_call("difference", rule, ") AS \"d\"", out);
    write_from(rule, now_ns, rule->window_s, out);
    buf_string(out, " GROUP BY *) WHERE \"d\" < 0 GROUP BY *");
}

unsigned own_statements(const struct settings_alert_rule *rule)
{
    return rule->aggregate == SETTINGS_AGGREGATE_INCREASE ? 2 : 1;
}

void own_statements_add(const struct settings_alert_rule *rule, int64_t now_ns,
                        struct gather_plan *plan)
{
    if (rule->aggregate == SETTINGS_AGGREGATE_INCREASE) {
        write_readings(rule, now_ns, gather_add_of(plan, text_of(rule->measurement)));
        write_falls(rule, now_ns, gather_add_of(plan, text_of(rule->measurement)));
        return;
    }
    write_aggregate(rule, functions[rule->aggregate], now_ns, rule->window_s,
                    gather_add_of(plan, text_of(rule->measurement)));
}

void own_statement_before(const struct settings_alert_rule *rule, int64_t now_ns,
                          struct gather_plan *plan)
{
    uint32_t span_s = rule->window_s > 3600 ? rule->window_s : 3600;
    write_aggregate(rule, "count", now_ns, span_s, gather_add_of(plan, text_of(rule->measurement)));
}
