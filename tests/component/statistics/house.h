/* A house whose figures a person can add up, written to a real InfluxDB as the writer would, told
 * to `live` as the services would, and asked through the statements of `stored`.
 *
 * In each minute that is not quiet 30 messages arrive: 18 of one source and 12 of another, 5 every
 * 10 s. The writer tells each 10 s of 4 events at 10 ms, once a minute of 10 at 100 ms; of 2
 * writes, of which one fails a minute. So a minute has 30 events, 12 writes, 1 error, and a mean of
 * (10 x 100 + 20 x 10) / 30 = 40 ms. The service heat tells of 4 events at 90 %, once a minute of 1
 * at 100 % and 2,000 ms: a minute has 21 events, (100 + 20 x 90) / 21 %, 2,000 ms.
 *
 * Before the end: from 40 to 30 min the writer is down (heat goes on), from 20 to 10 min the house
 * says nothing and the writer idles. */
#ifndef TESTS_COMPONENT_STATISTICS_HOUSE_H
#define TESTS_COMPONENT_STATISTICS_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "harness.h"
#include "influx/gather.h"
#include "influx/query.h"
#include "query-service/statistics/stored.h"
#include "schemas/message_time.h"

#define S   CLOCK_NS_PER_S
#define MIN (60 * S)

static inline int64_t house_time(const char *time)
{
    int64_t ns;
    assert_int_equal(message_time_rfc3339(text_of(time), &ns, NULL), ERR_OK);
    return ns;
}

/* --- what happens ---------------------------------------------------------------- */

enum moment { ALIVE, DOWN, QUIET };

struct house {
    int64_t end_ns;        /* a full hour */
    int64_t off_ns, on_ns; /* one more stretch in which the writer is down; 0: none */
    int64_t told_after_ns; /* so long after each full 10 s begin services tell of them */
};

/* What the 10 s that begin at `start_ns` are like. */
static inline enum moment house_moment(const struct house *house, int64_t start_ns)
{
    int64_t before = house->end_ns - start_ns;
    if ((before > 30 * MIN && before <= 40 * MIN) ||
        (start_ns >= house->off_ns && start_ns < house->on_ns))
        return DOWN;
    return before > 10 * MIN && before <= 20 * MIN ? QUIET : ALIVE;
}

/* What the writer tells of the 10 s that begin at `start_ns`; false when it is down. */
static inline bool house_writer(const struct house *house, int64_t start_ns,
                                struct service_metrics *ret)
{
    static const struct service_metrics of[3] = {
        {.events_processed = {4, true},
         .write_attempts = {2, true},
         .write_errors = {0, true},
         .lines_written = {12, true},
         .processing_time_ms = {10, true}},
        {.events_processed = {10, true},
         .write_attempts = {2, true},
         .write_errors = {1, true},
         .lines_written = {12, true},
         .processing_time_ms = {100, true}},
        {.events_processed = {0, true},
         .write_attempts = {0, true},
         .write_errors = {0, true},
         .lines_written = {0, true}},
    };
    enum moment moment = house_moment(house, start_ns);
    *ret = of[moment == QUIET ? 2 : start_ns % MIN == 0];
    ret->time_ns = start_ns + house->told_after_ns;
    ret->interval_s = fields_number(10);
    ret->state = STATUS_ONLINE;
    if (ret->write_attempts.value > 0)
        ret->success_rate =
            fields_number(100 * (double)(ret->write_attempts.value - ret->write_errors.value) /
                          (double)ret->write_attempts.value);
    return moment != DOWN;
}

static inline struct service_metrics house_heat(const struct house *house, int64_t start_ns)
{
    struct service_metrics m = {.time_ns = start_ns + house->told_after_ns,
                                .interval_s = fields_number(10),
                                .events_processed = fields_unsigned(4),
                                .success_rate = fields_number(90)};
    if (start_ns % MIN == 0) {
        m.events_processed = fields_unsigned(1);
        m.success_rate = fields_number(100);
        m.processing_time_ms = fields_number(2000);
    }
    return m;
}

/* --- as the writer stores it ------------------------------------------------------ */

static inline void line_fields(struct buf *lines, const struct service_metrics *m)
{
    const struct {
        const char *name;
        struct fields_number value;
    } fields[] = {
        {"events_processed", {(double)m->events_processed.value, m->events_processed.present}},
        {"write_attempts", {(double)m->write_attempts.value, m->write_attempts.present}},
        {"write_errors", {(double)m->write_errors.value, m->write_errors.present}},
        {"lines_written", {(double)m->lines_written.value, m->lines_written.present}},
        {"received", {(double)m->received.value, m->received.present}},
        {"interval_s", m->interval_s},
        {"processing_time_ms", m->processing_time_ms},
        {"success_rate", m->success_rate},
    };
    const char *comma = "";
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!fields[i].value.present)
            continue;
        buf_printf(lines, "%s%s=", comma, fields[i].name);
        buf_number(lines, fields[i].value.value);
        comma = ",";
    }
}

static inline void line_service(struct buf *lines, const char *service,
                                const struct service_metrics *m)
{
    buf_printf(lines, "service_metrics,service=%s,site=home ", service);
    line_fields(lines, m);
    buf_printf(lines, " %lld\n", (long long)m->time_ns);
}

static inline void line_events(struct buf *lines, const char *measurement, int64_t start_ns,
                               int64_t of_readings, int64_t of_states)
{
    if (of_readings + of_states == 0)
        return;
    buf_printf(lines,
               "%s,source=readings,site=home events=%lldi,points=%lldi,rejected=1i,bytes=999i "
               "%lld\n%s,source=states,site=home events=%lldi,points=%lldi,rejected=0i,bytes=77i "
               "%lld\n",
               measurement, (long long)of_readings, (long long)of_readings * 7, (long long)start_ns,
               measurement, (long long)of_states, (long long)of_states * 3, (long long)start_ns);
}

static inline void house_fine_lines(const struct house *house, int64_t from_ns, struct buf *lines)
{
    for (int64_t at = from_ns; at < house->end_ns; at += 10 * S) {
        struct service_metrics writer, heat = house_heat(house, at);
        bool up = house_writer(house, at, &writer);
        writer.received = fields_unsigned(1000);
        if (house_moment(house, at) == ALIVE)
            line_events(lines, "ingest_rollup", at, 3, 2);
        if (up && writer.time_ns <= house->end_ns)
            line_service(lines, "writer", &writer);
        if (heat.time_ns <= house->end_ns)
            line_service(lines, "heat", &heat);
    }
}

/* One row of 5 min as writer/shape/service_rollup.h has it, of messages that arrived in them. */
static inline void line_service_5m(struct buf *lines, const char *service, int64_t start_ns,
                                   const struct tally *t, double messages, double of_rate,
                                   double rate_weight)
{
    if (messages == 0)
        return;
    buf_printf(lines, "service_metrics_5m,service=%s,site=home messages=", service);
    buf_number(lines, messages);
    const struct {
        const char *name;
        struct fields_number value;
    } fields[] = {
        {"events_processed", t->events},
        {"write_attempts", t->write_attempts},
        {"write_errors", t->write_errors},
        {"processing_time_ms", tally_processing_ms(t)},
        {"processing_events", {t->processing_weight, t->processing_weight > 0}},
        {"success_rate", {of_rate / rate_weight, rate_weight > 0}},
        {"success_events", {rate_weight, rate_weight > 0}},
        {"processing_sum", {t->processing_ms_weighted, t->processing_weight > 0}},
        {"success_sum", {of_rate, rate_weight > 0}},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!fields[i].value.present)
            continue;
        buf_printf(lines, ",%s=", fields[i].name);
        buf_number(lines, fields[i].value.value);
    }
    buf_printf(lines, " %lld\n", (long long)start_ns);
}

static inline void house_coarse_lines(const struct house *house, int64_t from_ns, struct buf *lines)
{
    for (int64_t at = from_ns; at < house->end_ns; at += 5 * MIN) {
        struct tally writer = {0}, heat = {0};
        double told = 0, rate = 0, weight = 0, heat_rate = 0, heat_weight = 0;
        int64_t readings = 0, states = 0;
        for (int64_t s = at; s < at + 5 * MIN; s += 10 * S) {
            struct service_metrics w, h = house_heat(house, s);
            struct tally of_h = tally_of(&h);
            tally_add(&heat, &of_h);
            heat_rate += h.success_rate.value * (double)h.events_processed.value;
            heat_weight += (double)h.events_processed.value;
            if (house_moment(house, s) == ALIVE) {
                readings += 3;
                states += 2;
            }
            if (!house_writer(house, s, &w))
                continue;
            struct tally of_w = tally_of(&w);
            tally_add(&writer, &of_w);
            told++;
            rate += w.success_rate.value * (double)w.write_attempts.value;
            weight += (double)w.write_attempts.value;
        }
        line_events(lines, "ingest_rollup_5m", at, readings, states);
        line_service_5m(lines, "writer", at, &writer, told, rate, weight);
        line_service_5m(lines, "heat", at, &heat, 30, heat_rate, heat_weight);
    }
}

/* --- as it is told on the bus ----------------------------------------------------- */

static inline void house_tell(const struct house *house, int64_t from_ns, struct live *live)
{
    uint64_t received = 1000;
    for (int64_t at = from_ns; at < house->end_ns; at += 10 * S) {
        struct service_metrics writer, heat = house_heat(house, at);
        bool up = house_writer(house, at, &writer);
        received += up ? writer.events_processed.value : 0;
        writer.received = fields_unsigned(received);
        if (up && writer.time_ns <= house->end_ns)
            assert_int_equal(live_metrics(live, TEXT("writer"), &writer), ERR_OK);
        if (heat.time_ns <= house->end_ns)
            assert_int_equal(live_metrics(live, TEXT("heat"), &heat), ERR_OK);
    }
}

/* --- asking ------------------------------------------------------------------------ */

struct store {
    struct harness *influxd;
    struct settings settings;
    struct http *http;
    struct server *server;
    struct influx_query *query;
    struct gatherer *gatherer;
};

static inline void store_open(struct store *store, const char *database)
{
    char statement[64];
    struct err_reason why = {""};
    const struct http_options options = {.ca_file = "",
                                         .cert_file = "",
                                         .key_file = "",
                                         .connect_timeout_ms = 2000,
                                         .reply_max_bytes = 16777216,
                                         .connections = 8};
    store->influxd = harness_influxd(NULL);
    assert_non_null(store->influxd);
    store->settings.influxdb.url = strdup(harness_url(store->influxd));
    store->settings.influxdb.database = strdup(database);
    store->settings.influxdb.timeout_ms = 10000;
    store->settings.influxdb.version = SETTINGS_INFLUX_1;
    snprintf(statement, sizeof statement, "q=CREATE+DATABASE+%s", database);
    assert_int_equal(harness_request(store->influxd, "/query", statement, NULL, NULL, 0), 200);
    assert_int_equal(http_open(&options, &store->http, &why), ERR_OK);
    if (server_open(store->http, &store->settings, &store->server, &why) != ERR_OK)
        fail_msg("%s", why.text);
    assert_int_equal(influx_query_open(store->server, &store->query, &why), ERR_OK);
    store->gatherer = gather_open(store->query, NULL, NULL);
    assert_non_null(store->gatherer);
}

static inline void store_close(struct store *store)
{
    http_cancel_all(store->http);
    gather_close(store->gatherer);
    influx_query_close(store->query);
    server_close(store->server);
    http_close(store->http);
    harness_close(store->influxd);
    free(store->settings.influxdb.url);
    free(store->settings.influxdb.database);
    *store = (struct store){0};
}

/* Writes the lines and empties them. */
static inline void store_write(struct store *store, struct buf *lines)
{
    char path[64], answer[400] = "";
    snprintf(path, sizeof path, "/write?db=%s", store->settings.influxdb.database);
    if (lines->len > 0 &&
        harness_request(store->influxd, path, buf_cstr(lines), NULL, answer, sizeof answer) != 204)
        fail_msg("%s", answer);
    buf_reset(lines);
}

struct question {
    struct period period;
    struct text service;
    const struct live *live;
    int64_t now_ns;
    struct figures *figures;
    enum err outcome;
    struct err_reason why;
    bool done;
};

static inline void store_answer(void *context, struct gather_results *results)
{
    struct question *q = context;
    q->outcome =
        stored_figures(results, 0, &q->period, q->service, q->live, q->now_ns, q->figures, &q->why);
    gather_results_free(results);
    q->done = true;
}

/* Asks the statements of a period that ends at `end_ns` (0: now). */
static inline enum err store_ask(struct store *store, const char *period, const char *window,
                                 const char *service, int64_t end_ns, int64_t now_ns,
                                 struct figures *figures, struct err_reason *why)
{
    struct gather_plan plan = {0};
    struct question q = {.service = text_of(service), .now_ns = now_ns, .figures = figures};
    if (period_make(text_of(period), text_of(window), end_ns, now_ns, &q.period, why) != ERR_OK)
        fail_msg("%s", why->text);
    stored_plan(&q.period, q.service, STORED_LAST_ROW, &plan);
    assert_int_equal(gather_start(store->gatherer, "test", &plan, 10000, &q, store_answer), ERR_OK);
    gather_plan_free(&plan);
    for (int64_t give_up = harness_now_ms() + 20000; !q.done;) {
        assert_true(harness_now_ms() < give_up);
        http_wait(store->http, NULL, 0, 100);
    }
    *why = q.why;
    return q.outcome;
}

#endif
