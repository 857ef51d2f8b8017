/* bench-ask-beside: asks `stats` of a period past the cache, over MQTT, and in turn with it sends
 * the same InfluxQL statements to InfluxDB, all at once, each on a kept-alive connection of its
 * own. What the query service adds is the difference. The statements are made by the function that
 * the service makes them with: the one thing here that is the service's own. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "asker.h"
#include "base/clock.h"
#include "latencies.h"
#include "options.h"
#include "poster.h"
#include "query-service/statistics/stored.h"
#include "report.h"

enum { STATEMENTS_MAX = 16, PATIENCE_MS = 30000 };

struct options {
    const char *host, *port, *influx_port, *database, *period;
    uint64_t samples, pause_ms;
    bool statements, json;
};

struct statement {
    struct poster poster;
    bool done;
    struct bytes form;
    struct latencies latencies;
};

struct bench {
    struct options o;
    struct asker asker;
    struct gather_plan plan;
    struct statement statements[STATEMENTS_MAX];
    unsigned opened; /* connections */
    struct latencies asked, slowest;
    uint64_t not_stored; /* answers that are no fresh ones of InfluxDB */
    struct bytes topic, payload;
    char why[300];
};

static void read_options(struct options *o, int argc, char **argv)
{
    const struct option_row rows[] = {
        {"host", "HOST", OPTION_TEXT, &o->host, 0, 0, "of broker and InfluxDB (127.0.0.1)"},
        {"port", "PORT", OPTION_TEXT, &o->port, 0, 0, "broker's port (1883)"},
        {"influx-port", "PORT", OPTION_TEXT, &o->influx_port, 0, 0, "InfluxDB's port (8086)"},
        {"database", "NAME", OPTION_TEXT, &o->database, 0, 0, "(home_assistant_events)"},
        {"period", "PERIOD", OPTION_TEXT, &o->period, 0, 0, "of the statistics (1h)"},
        {"samples", "N", OPTION_COUNT, &o->samples, 1, 1000000, "how many of each (200)"},
        {"pause-ms", "MS", OPTION_COUNT, &o->pause_ms, 0, 10000, "between two (5)"},
        {"statements", NULL, OPTION_FLAG, &o->statements, 0, 0,
         "print each statement with its times as well"},
        {"json-report", NULL, OPTION_FLAG, &o->json, 0, 0, "report as one JSON object"},
    };
    const struct option_table table = {
        "bench-ask-beside",
        "Asks `stats` over MQTT, beside the same InfluxQL statements sent at once by HTTP.",
        "Exit status: 0, 1 when something was not answered, 2 wrong usage.", rows,
        sizeof(rows) / sizeof(rows[0])};
    options_read(&table, argc, argv);
}

static double ms_since(double begun_s)
{
    return (report_monotonic_s() - begun_s) * 1000;
}

/* --- over MQTT ------------------------------------------------------------------- */

static bool ask_once(struct bench *b, uint64_t number)
{
    struct answer answer;
    const struct asker_request request = {&b->topic, &b->payload, number, 0};
    double begun_s = report_monotonic_s();
    bool up = asker_ask(&b->asker, &request);
    while (up && ms_since(begun_s) < PATIENCE_MS) {
        wire_wait(&b->asker.wire, 1);
        up = asker_read(&b->asker);
        if (!up || !asker_next(&b->asker, &answer) || answer.number != number)
            continue;
        latencies_add(&b->asked, ms_since(begun_s));
        b->not_stored += answer.kind != ANSWER_OK || answer.cached || answer.fallback;
        return true;
    }
    snprintf(b->why, sizeof b->why, "no answer over MQTT: %.200s", b->asker.wire.why);
    return false;
}

/* --- by HTTP ---------------------------------------------------------------------- */

static bool make_plan(struct bench *b)
{
    struct period period;
    struct err_reason why = {""};
    enum err e = period_make(text_of(b->o.period), TEXT(""), 0, (int64_t)(report_real_s() * 1e9),
                             &period, &why);
    gather_plan_free(&b->plan);
    if (e == ERR_OK)
        stored_plan(&period, TEXT(""), STORED_LAST_TIME, &b->plan);
    if (e != ERR_OK || b->plan.failed || b->plan.count > STATEMENTS_MAX) {
        snprintf(b->why, sizeof b->why, "no statements for this period: %.200s", why.text);
        return false;
    }
    for (unsigned i = 0; i < b->plan.count; i++) {
        struct bytes *form = &b->statements[i].form;
        form->len = 0;
        bytes_string(form, "epoch=ms&db=");
        poster_form_value(form, b->o.database, strlen(b->o.database));
        bytes_string(form, "&q=");
        poster_form_value(form, b->plan.statements[i].data, b->plan.statements[i].len);
    }
    return true;
}

static bool poster_failed(struct bench *b, const struct poster *poster)
{
    snprintf(b->why, sizeof b->why, "InfluxDB: %.200s", poster->why);
    return false;
}

static bool open_connections(struct bench *b)
{
    for (; b->opened < b->plan.count; b->opened++) {
        struct poster *poster = &b->statements[b->opened].poster;
        if (!poster_open(poster, b->o.host, b->o.influx_port))
            return poster_failed(b, poster);
    }
    return true;
}

static bool post_all(struct bench *b)
{
    for (unsigned i = 0; i < b->plan.count; i++) {
        struct statement *s = &b->statements[i];
        s->done = false;
        if (!poster_post(&s->poster, "/query", &s->form))
            return poster_failed(b, &s->poster);
    }
    return true;
}

/* Reads what is there; false when a connection is gone. */
static bool read_all(struct bench *b, const struct pollfd *polls, double begun_s, unsigned *pending)
{
    for (unsigned i = 0; i < b->plan.count; i++) {
        struct statement *s = &b->statements[i];
        if (s->done || !polls[i].revents)
            continue;
        if (!poster_read(&s->poster, &s->done))
            return poster_failed(b, &s->poster);
        if (!s->done)
            continue;
        latencies_add(&s->latencies, ms_since(begun_s));
        (*pending)--;
    }
    return true;
}

static bool post_once(struct bench *b)
{
    struct pollfd polls[STATEMENTS_MAX];
    unsigned pending = b->plan.count;
    double begun_s = report_monotonic_s();
    if (!post_all(b))
        return false;
    while (pending > 0 && ms_since(begun_s) < PATIENCE_MS) {
        for (unsigned i = 0; i < b->plan.count; i++)
            polls[i] = (struct pollfd){
                .fd = b->statements[i].done ? -1 : b->statements[i].poster.descriptor,
                .events = POLLIN};
        if (poll(polls, b->plan.count, 1000) > 0 && !read_all(b, polls, begun_s, &pending))
            return false;
    }
    latencies_add(&b->slowest, ms_since(begun_s));
    return pending == 0;
}

/* --- in turn ---------------------------------------------------------------------- */

/* After a pause, the same before each: what follows a question at once meets an InfluxDB that still
 * tidies up after it. */
static bool take(struct bench *b, uint64_t number, bool asks)
{
    usleep((useconds_t)b->o.pause_ms * 1000);
    return asks ? ask_once(b, number) : make_plan(b) && open_connections(b) && post_once(b);
}

static bool run(struct bench *b)
{
    bool good = make_plan(b) && open_connections(b);
    for (uint64_t n = 0; good && n < b->o.samples && !report_stopped(); n++) {
        bool ask_first = n % 2 == 0;
        good = take(b, n, ask_first) && take(b, n, !ask_first);
    }
    return good;
}

static void print_statements(struct bench *b)
{
    for (unsigned i = 0; i < b->plan.count; i++) {
        struct statement *s = &b->statements[i];
        printf("%8.2f ms median %8.2f ms p95  %.*s\n", latencies_percentile(&s->latencies, 50),
               latencies_percentile(&s->latencies, 95), (int)b->plan.statements[i].len,
               b->plan.statements[i].data);
    }
}

static void report(struct bench *b)
{
    struct report r = {.json = b->o.json};
    double ask_p95 = latencies_percentile(&b->asked, 95);
    double post_p95 = latencies_percentile(&b->slowest, 95);
    if (b->o.statements)
        print_statements(b);
    report_count(&r, "samples", b->asked.count);
    report_count(&r, "statements", b->plan.count);
    report_count(&r, "not_stored", b->not_stored);
    report_number(&r, "ask_median_ms", latencies_percentile(&b->asked, 50));
    report_number(&r, "ask_p95_ms", ask_p95);
    report_number(&r, "statements_median_ms", latencies_percentile(&b->slowest, 50));
    report_number(&r, "statements_p95_ms", post_p95);
    report_number(&r, "over_ms", ask_p95 - post_p95);
    report_end(&r);
}

static void close_all(struct bench *b)
{
    for (unsigned i = 0; i < STATEMENTS_MAX; i++) {
        if (i < b->opened)
            poster_close(&b->statements[i].poster);
        bytes_free(&b->statements[i].form);
        latencies_free(&b->statements[i].latencies);
    }
    gather_plan_free(&b->plan);
    latencies_free(&b->asked);
    latencies_free(&b->slowest);
    bytes_free(&b->topic);
    bytes_free(&b->payload);
    asker_close(&b->asker);
}

int main(int argc, char **argv)
{
    static struct bench b;
    char id[40];
    b.o = (struct options){.host = "127.0.0.1",
                           .port = "1883",
                           .influx_port = "8086",
                           .database = "home_assistant_events",
                           .period = "1h",
                           .samples = 200,
                           .pause_ms = 5};
    read_options(&b.o, argc, argv);
    report_signals();
    snprintf(id, sizeof id, "ask-beside-%d", (int)getpid());
    bytes_string(&b.topic, "hearthline/request/stats");
    bytes_string(&b.payload, "{\"fresh\":true,\"period\":\"");
    bytes_string(&b.payload, b.o.period);
    bytes_string(&b.payload, "\"}");
    bool good = asker_open(&b.asker, b.o.host, b.o.port, id) && run(&b);
    if (!good)
        fprintf(stderr, "bench-ask-beside: %s\n", b.why[0] ? b.why : b.asker.wire.why);
    report(&b);
    close_all(&b);
    return good && b.not_stored == 0 ? 0 : 1;
}
