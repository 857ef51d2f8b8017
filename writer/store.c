#include "writer/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/backoff.h"
#include "influx/query.h"
#include "influx/setup.h"

#define FAULT_WAIT_MS 10000u
#define ASKED_MAX_MS  60000 /* the longest Retry-After that is obeyed */
#define PAUSE_MS      1000
#define FLAP_MS       60000 /* a trouble so soon after the one before is the same one */

const double store_latency_bounds_ms[STORE_LATENCY_BOUNDS] = {5,   10,   25,   50,   100,     250,
                                                              500, 1000, 2500, 5000, INFINITY};

struct store {
    struct store_options o;
    struct influx_write *write;
    struct influx_query *query; /* NULL when nothing is to be asked */
    enum { UNKNOWN, ASKED, KNOWN } state;
    bool begun;
    struct backoff backoff;
    int64_t not_before_ms;
    int64_t well_since_ms; /* the end of the last trouble, 0 before the first */
    bool fault;            /* the trouble is one that a person has to mend */
    unsigned under_way;    /* writes */
    int64_t silent_ms;     /* since when they wait for an answer */
    bool flapping;         /* the trouble began soon after the one before: its lines are folded */
    struct store_figures figures;
    struct store_latency latency;
    struct metric *seconds;
    bool ready_said;
    char setup_fault[DIALECT_WORDS_SIZE];
    char label[80]; /* what begins each line of the log: "" or "destination=NAME " */
};

static void trouble_begin(struct store *s, const struct influx_result *result)
{
    bool fault = s->fault = result->outcome == OUTCOME_FAULT;
    enum log_level level = fault ? LOG_ERROR : LOG_WARNING;
    const char *event = fault ? "influxdb_fault" : "influxdb_away";
    bool first = s->figures.trouble_since_ns == 0;
    if (first) {
        s->figures.trouble_since_ns = clock_real_ns(&s->o.clock);
        s->flapping =
            s->well_since_ms != 0 && clock_monotonic_ms(&s->o.clock) - s->well_since_ms < FLAP_MS;
    }
    if (first && !s->flapping)
        log_change(s->o.log, level, event, "%sstatus=%ld reason=\"%s\"", s->label, result->status,
                   result->words);
    else
        log_event(s->o.log, level, event, "%sstatus=%ld reason=\"%s\"", s->label, result->status,
                  result->words);
    s->figures.up = false;
    s->figures.fault = fault;
    snprintf(s->figures.trouble, sizeof s->figures.trouble, "%s", result->words);
}

static void recovery_log(const struct store *s)
{
    int64_t lasted_ms =
        (clock_real_ns(&s->o.clock) - s->figures.trouble_since_ns) / CLOCK_NS_PER_MS;
    double after_s = (double)lasted_ms / 1000;
    if (s->flapping && lasted_ms < FLAP_MS)
        log_event(s->o.log, LOG_INFO, "influxdb_recovered", "%safter_s=%.1f", s->label, after_s);
    else
        log_change(s->o.log, LOG_INFO, "influxdb_recovered", "%safter_s=%.1f", s->label, after_s);
}

static void trouble_end(struct store *s)
{
    if (s->figures.trouble_since_ns != 0) {
        recovery_log(s);
        s->well_since_ms = clock_monotonic_ms(&s->o.clock);
    }
    s->fault = false;
    s->figures.up = true;
    s->figures.fault = false;
    s->figures.trouble[0] = '\0';
    s->figures.trouble_since_ns = 0;
    backoff_reset(&s->backoff);
}

static void failed(struct store *s, const struct influx_result *result)
{
    int64_t wait_ms = backoff_next_ms(&s->backoff);
    if (result->outcome == OUTCOME_FAULT)
        wait_ms = FAULT_WAIT_MS;
    else if (result->retry_after_ms > wait_ms) /* "Retry-After: 0" is no leave to ask at once */
        wait_ms = result->retry_after_ms > ASKED_MAX_MS ? ASKED_MAX_MS : result->retry_after_ms;
    s->not_before_ms = clock_monotonic_ms(&s->o.clock) + wait_ms;
    s->figures.errors++;
    s->begun = true;
    trouble_begin(s, result);
}

static void pause_a_while(struct store *s)
{
    s->not_before_ms = clock_monotonic_ms(&s->o.clock) + PAUSE_MS;
}

static void found(struct store *s)
{
    s->state = KNOWN;
    s->begun = true;
}

static void fields_done(void *context, struct influx_answer *answer)
{
    struct store *s = context;
    found(s);
    if (answer->outcome == ERR_OK)
        s->o.fields(s->o.context, answer->table);
    else
        log_event(s->o.log, LOG_WARNING, "influxdb_field_types",
                  "%sstatus=%ld reason=\"%s\" note=\"types are learned from values alone\"",
                  s->label, answer->status, answer->words);
}

/* The last question before the first write. */
static void fields_ask(struct store *s)
{
    if (!s->query ||
        influx_query_ask(s->query, text_of(s->o.fields_statement), 0, s, fields_done) != ERR_OK)
        found(s);
}

/* The words hold the statement to run by hand: they are said once, and then folded. */
static void setup_fault_log(struct store *s, const struct influx_result *result)
{
    bool said = strncmp(s->setup_fault, result->words, sizeof s->setup_fault - 1) == 0;
    if (said)
        log_event(s->o.log, LOG_WARNING, "influxdb_setup", "%sstatus=%ld reason=\"%s\"", s->label,
                  result->status, result->words);
    else
        log_change(s->o.log, LOG_WARNING, "influxdb_setup", "%sstatus=%ld reason=\"%s\"", s->label,
                   result->status, result->words);
    snprintf(s->setup_fault, sizeof s->setup_fault, "%s", result->words);
}

/* The first time of each destination stands by itself, the others are folded. */
static void ready_log(struct store *s, const struct influx_result *result)
{
    const char *version = influx_write_version(s->write);
    const char *database = s->o.settings->influxdb.database;
    if (s->ready_said)
        log_event(s->o.log, LOG_INFO, "influxdb_ready", "%sversion=%s database=\"%s\" state=\"%s\"",
                  s->label, version, database, result->words);
    else
        log_change(s->o.log, LOG_INFO, "influxdb_ready",
                   "%sversion=%s database=\"%s\" state=\"%s\"", s->label, version, database,
                   result->words);
    s->ready_said = true;
}

static void setup_done(void *context, const struct influx_result *result)
{
    struct store *s = context;
    if (result->outcome == OUTCOME_FAULT) {
        /* Perhaps the role may write and not look; what a write comes to is what counts. */
        setup_fault_log(s, result);
        fields_ask(s);
        return;
    }
    if (result->outcome != OUTCOME_STORED) {
        s->state = UNKNOWN;
        failed(s, result);
        return;
    }
    trouble_end(s);
    ready_log(s, result);
    fields_ask(s);
}

static void probe_done(void *context, const struct influx_result *result)
{
    struct store *s = context;
    if (result->outcome != OUTCOME_STORED) {
        s->state = UNKNOWN;
        failed(s, result);
    } else if (influx_setup_start(s->write, s, setup_done) != ERR_OK) {
        s->state = UNKNOWN;
        pause_a_while(s);
    }
}

/* No failure yet, so it is neither counted nor waited for: the write's own end decides. */
static void look_for_silence(struct store *s)
{
    if (s->under_way == 0 || !s->figures.up ||
        clock_monotonic_ms(&s->o.clock) - s->silent_ms < STORE_PATIENCE_MS)
        return;
    const struct influx_result silence = {.outcome = OUTCOME_RETRY,
                                          .words = "a write has not been answered for seconds"};
    trouble_begin(s, &silence);
}

bool store_turn(struct store *s)
{
    look_for_silence(s);
    if (clock_monotonic_ms(&s->o.clock) < s->not_before_ms)
        return false;
    if (s->state == UNKNOWN) {
        s->state = ASKED;
        if (influx_write_probe(s->write, s, probe_done) != ERR_OK) {
            s->state = UNKNOWN;
            pause_a_while(s);
        }
    }
    return s->state == KNOWN;
}

bool store_begun(const struct store *s)
{
    return s->begun;
}

bool store_at_fault(const struct store *s)
{
    return s->fault;
}

uint32_t store_wait_ms(const struct store *s)
{
    int64_t left = s->not_before_ms - clock_monotonic_ms(&s->o.clock);
    return left <= 0 || left > 1000 ? 1000 : (uint32_t)left;
}

void store_posted(struct store *s)
{
    if (s->under_way++ == 0)
        s->silent_ms = clock_monotonic_ms(&s->o.clock);
    s->figures.attempts++;
}

void store_unsent(struct store *s)
{
    s->under_way--;
    pause_a_while(s);
}

static void latency_count(struct store *s, double ms)
{
    s->figures.last_write_ms = ms;
    s->latency.count++;
    s->latency.sum_ms += ms;
    if (ms > s->latency.max_ms)
        s->latency.max_ms = ms;
    for (size_t i = 0; i < STORE_LATENCY_BOUNDS; i++)
        s->latency.at_most[i] += ms <= store_latency_bounds_ms[i];
    metric_observe(s->seconds, ms / 1000.0);
}

/* A fault that is not one of rights: what is written to is not there. */
static bool is_missing(const struct influx_result *result)
{
    return result->outcome == OUTCOME_FAULT && result->status != 401 && result->status != 403;
}

void store_answered(struct store *s, const struct influx_result *result)
{
    s->under_way--;
    s->silent_ms = clock_monotonic_ms(&s->o.clock);
    latency_count(s, result->elapsed_us / 1000.0);
    switch (result->outcome) {
    case OUTCOME_RETRY:
    case OUTCOME_RETRY_BOUNDED:
    case OUTCOME_FAULT:
        if (is_missing(result)) /* the database went: look at the server anew, and make it */
            s->state = UNKNOWN;
        failed(s, result);
        break;
    case OUTCOME_STORED:
    case OUTCOME_SPLIT:
    case OUTCOME_REJECTED:
        trouble_end(s);
        break;
    }
}

void store_cancelled(struct store *s)
{
    s->under_way = 0;
    if (s->state == ASKED)
        s->state = UNKNOWN;
}

enum err store_open(const struct store_options *options, struct store **ret_store,
                    struct err_reason *why)
{
    static const double bounds_s[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    struct store *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->o = *options;
    s->figures.last_write_ms = -1;
    s->backoff = backoff_make(100, STORE_RETRY_CAP_MS, (uint64_t)clock_real_ns(&options->clock));
    if (options->destination)
        snprintf(s->label, sizeof s->label, "destination=%s ", options->destination);
    s->seconds = metrics_histogram(
        options->metrics, "hearthline_write_seconds", "Time of one write request to InfluxDB",
        METRICS_LABELS("destination", options->destination ? options->destination : "default"),
        bounds_s, sizeof bounds_s / sizeof bounds_s[0]);
    enum err e = influx_write_open(options->http, options->settings, &s->write, why);
    if (e == ERR_OK && options->fields)
        e = influx_query_open(influx_write_server(s->write), &s->query, why);
    if (e != ERR_OK) {
        store_close(s);
        return e;
    }
    *ret_store = s;
    return ERR_OK;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    influx_query_close(s->query);
    influx_write_close(s->write);
    free(s);
}

struct influx_write *store_write(struct store *s)
{
    return s->write;
}

void store_figures(const struct store *s, struct store_figures *ret_figures)
{
    *ret_figures = s->figures;
}

struct store_latency store_take_latency(struct store *s)
{
    struct store_latency latency = s->latency;
    s->latency = (struct store_latency){0};
    return latency;
}
