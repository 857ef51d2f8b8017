/* A simulated house: devices that speak when a function says so, a writer that reports each 10 s,
 * and a store that answers the statements of habits from them. */
#ifndef ALERTS_HOUSE_H
#define ALERTS_HOUSE_H

#include "findings.h"
#include "influx/table.h"
#include "query-service/alerts/habit.h"

struct house_device {
    const char *measurement, *tag, *name;
    /* When it speaks for the first time at or behind the time (whole seconds); INT64_MAX: never. */
    int64_t (*next_s)(int64_t time_s);
};

struct house {
    const struct house_device *devices;
    unsigned devices_count;
    bool (*writer_is_there)(int64_t time_s); /* NULL: always */
    int64_t now_s;
    int64_t delivered_s;  /* the store has nothing behind it; 0: it has all */
    enum err fails;       /* what all statements come to, if not ERR_OK */
    const char *fails_on; /* only those that hold this; NULL: all */
    unsigned asked;       /* statements */
    struct habit *habit;
};

static inline bool house_writer(const struct house *house, int64_t time_s)
{
    int64_t end_s = house->delivered_s ? house->delivered_s : house->now_s;
    return time_s < end_s && (!house->writer_is_there || house->writer_is_there(time_s));
}

static inline void house_newest(const struct house *house, struct buf *out)
{
    int64_t at_s = house->now_s / 10 * 10;
    while (!house_writer(house, at_s) && at_s > house->now_s - 86400)
        at_s -= 10;
    buf_printf(out,
               "{\"name\":\"service_metrics\",\"columns\":[\"time\",\"last\"],"
               "\"values\":[[%lld,1]]}",
               (long long)at_s * 1000);
}

static inline void house_oldest(const struct house *house, int64_t from_s, struct buf *out)
{
    int64_t at_s = (from_s + 9) / 10 * 10;
    while (!house_writer(house, at_s) && at_s < house->now_s)
        at_s += 10;
    buf_printf(out,
               "{\"name\":\"service_metrics\",\"columns\":[\"time\",\"first\"],"
               "\"values\":[[%lld,1]]}",
               (long long)at_s * 1000);
}

static inline void house_reports(const struct house *house, int64_t from_s, int64_t to_s,
                                 struct buf *out)
{
    const char *comma = "";
    buf_string(out, "{\"name\":\"service_metrics\",\"columns\":[\"time\",\"count\"],\"values\":[");
    for (int64_t at_s = from_s / 10 * 10; at_s < to_s; at_s += 10) {
        if (!house_writer(house, at_s))
            continue;
        buf_printf(out, "%s[%lld,1]", comma, (long long)at_s * 1000);
        comma = ",";
    }
    buf_string(out, "]}");
}

/* The windows in which a device spoke while the writer was there. */
static inline void house_heard_of(const struct house *house, const struct house_device *device,
                                  int64_t from_s, int64_t to_s, int64_t window_s,
                                  const char **comma, struct buf *out)
{
    const char *row = "";
    size_t before = out->len;
    int64_t end_s = house->delivered_s && house->delivered_s < to_s ? house->delivered_s : to_s;
    buf_printf(out,
               "%s{\"name\":\"%s\",\"tags\":{\"%s\":\"%s\"},\"columns\":[\"time\",\"s\"],"
               "\"values\":[",
               *comma, device->measurement, device->tag, device->name);
    for (int64_t at_s = device->next_s(from_s); at_s < end_s;) {
        bool there = !house->writer_is_there || house->writer_is_there(at_s);
        if (there) {
            buf_printf(out, "%s[%lld,1]", row, (long long)(at_s / window_s * window_s) * 1000);
            row = ",";
        }
        at_s = device->next_s(there ? (at_s / window_s + 1) * window_s : at_s + 1);
    }
    buf_string(out, "]}");
    if (!row[0])
        buf_cut(out, before);
    else
        *comma = ",";
}

static inline void house_answer(const struct house *house, const char *statement, struct buf *out)
{
    const char *comma = "", *between = strstr(statement, "time >= ");
    long long from_ns = 0, to_ns = 0;
    unsigned window_s = 0;
    if (between)
        assert_int_equal(sscanf(between, "time >= %lld AND time < %lld", &from_ns, &to_ns), 2);
    if (strncmp(statement, "SELECT last(", 12) == 0)
        house_newest(house, out);
    else if (strncmp(statement, "SELECT first(", 13) == 0)
        house_oldest(house, from_ns / S, out);
    else if (strncmp(statement, "SHOW FIELD KEYS", 15) == 0)
        buf_string(out, "{\"name\":\"m\",\"columns\":[\"fieldKey\",\"fieldType\"],"
                        "\"values\":[[\"value\",\"float\"],[\"a \\\"b\",\"float\"]]}");
    else if (strncmp(statement, "SELECT count(", 13) == 0)
        house_reports(house, from_ns / S, to_ns / S, out);
    else
        assert_int_equal(sscanf(strstr(statement, "time("), "time(%us)", &window_s), 1);
    for (unsigned i = 0; window_s && i < house->devices_count; i++) {
        char from[64];
        snprintf(from, sizeof from, "AS \"s\" FROM \"%s\"", house->devices[i].measurement);
        if (strstr(statement, from))
            house_heard_of(house, &house->devices[i], from_ns / S, to_ns / S, window_s, &comma,
                           out);
    }
}

static inline void house_result(const struct house *house, const char *statement,
                                struct gather_result *result)
{
    struct buf body = {0};
    struct err_reason why;
    if (house->fails != ERR_OK && (!house->fails_on || strstr(statement, house->fails_on))) {
        result->outcome = house->fails;
        return;
    }
    buf_string(&body, "{\"results\":[{\"statement_id\":0,\"series\":[");
    house_answer(house, statement, &body);
    buf_string(&body, "]}]}");
    if (table_read(buf_view(&body), &result->table, &why) != ERR_OK)
        fail_msg("%s: %s", why.text, buf_cstr(&body));
    buf_free(&body);
}

/* One round: what is due is asked, and learned. */
static inline void house_round(struct house *house)
{
    struct gather_plan plan = {0};
    struct gather_result at[GATHER_MAX] = {{ERR_OK, NULL, ""}};
    struct gather_results results = {.at = at};
    habit_plan(house->habit, house->now_s * S, &plan);
    assert_false(plan.failed);
    results.count = plan.count;
    house->asked = plan.count;
    for (unsigned i = 0; i < plan.count; i++)
        house_result(house, buf_cstr(&plan.statements[i]), &at[i]);
    habit_learn(house->habit, &results, 0);
    for (unsigned i = 0; i < plan.count; i++)
        table_free(at[i].table);
    gather_plan_free(&plan);
}

/* Rounds of 10 s until the day that was is learned. */
static inline void house_open(struct house *house, int64_t now_s)
{
    house->habit = habit_new();
    house->now_s = now_s;
    for (int i = 0; i < 200; i++) {
        house_round(house);
        house->now_s += 10;
    }
}

static inline enum verdict house_verdict(const struct house *house, struct findings *found,
                                         const char *name)
{
    struct rules_sink sink = findings_sink(found);
    habit_find(house->habit, house->now_s * S, &sink);
    const struct found *one = findings_of(found, "device_silent", "system", name);
    return one ? one->finding.verdict : VERDICT_UNKNOWN;
}

#endif
