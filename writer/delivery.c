#include "writer/delivery.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/backoff.h"
#include "influx/setup.h"
#include "writer/batch.h"

#define TURN_RECORDS      4096u  /* read at most so many in a turn, so that the loop stays quick */
#define STATE_RECORDS     20000u /* save the state after so many records ... */
#define STATE_INTERVAL_MS 1000   /* ... or so much time */
#define FAULT_WAIT_MS     10000u
#define BOUNDED_TRIES     5u
#define SLICE_WAIT_MS     10u /* while a batch fills, look for more this often */
#define SPLIT_DEPTH       48

const double delivery_latency_bounds_ms[DELIVERY_LATENCY_BOUNDS] = {
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, INFINITY};

/* A part under way: ranges of lines still to be sent, the next one on top. */
struct part_run {
    struct delivery *delivery;
    struct batch_part *part;
    struct {
        size_t first, count;
    } ranges[SPLIT_DEPTH];
    unsigned depth;
    unsigned tries; /* of the range on top, for bounded retries */
    bool posted;    /* a request is under way */
};

struct delivery {
    struct delivery_options o;
    struct influx_write *write;
    struct journal_reader *reader;
    struct fold *fold;
    struct fold_sink sink;
    struct batch batches[2];
    struct batch *filling, *flying;
    struct part_run runs[BATCH_PARTS];
    struct ledger_outcomes outcomes, flying_outcomes;
    struct journal_position cursor;
    /* The state as it was at the end of a batch, written when the cursor is there. */
    struct buf snapshot;
    struct journal_position snapshot_at;
    bool snapshot_due;
    uint64_t state_number;
    int64_t state_ms;
    uint64_t hash;
    /* The server. */
    enum { SERVER_UNKNOWN, SERVER_ASKED, SERVER_SETUP, SERVER_KNOWN } server;
    struct backoff backoff;
    int64_t not_before_ms;
    bool server_up;
    char trouble[1024];
    int64_t trouble_since_ns;
    bool more; /* the last turn left records to read */
    bool stopping;
    /* Figures. */
    uint64_t write_attempts, write_errors, messages_done, lines_done;
    double processing_sum_s;
    struct delivery_latency latency;
    struct metric *write_seconds;
    unsigned die_countdown;
};

/* --- tests: ending at a set point ------------------------------------------- */

/* die_at is "point" or "point:N" for the Nth time: posted, cursor, state, window. */
static void die_maybe(struct delivery *d, const char *point)
{
    size_t len = strlen(point);
    if (!d->o.die_at || strncmp(d->o.die_at, point, len) != 0)
        return;
    if (d->o.die_at[len] == ':' && d->die_countdown == 0)
        d->die_countdown = (unsigned)atoi(d->o.die_at + len + 1); /* NOLINT(cert-err34-c) */
    if (d->die_countdown <= 1)
        _exit(86);
    d->die_countdown--;
}

/* --- the server's state ----------------------------------------------------- */

static void trouble_begin(struct delivery *d, enum log_level level, const char *event,
                          const struct influx_result *result)
{
    if (d->server_up || d->trouble_since_ns == 0) {
        d->trouble_since_ns = clock_real_ns(&d->o.clock);
        log_change(d->o.log, level, event, "status=%ld reason=\"%s\"", result->status,
                   result->words);
    } else {
        log_event(d->o.log, level, event, "status=%ld reason=\"%s\"", result->status,
                  result->words);
    }
    d->server_up = false;
    snprintf(d->trouble, sizeof d->trouble, "%s", result->words);
}

static void trouble_end(struct delivery *d)
{
    if (!d->server_up && d->trouble_since_ns != 0)
        log_change(d->o.log, LOG_INFO, "influxdb_recovered", "after_s=%.1f",
                   (double)(clock_real_ns(&d->o.clock) - d->trouble_since_ns) / 1e9);
    d->server_up = true;
    d->trouble[0] = '\0';
    d->trouble_since_ns = 0;
    backoff_reset(&d->backoff);
}

/* Sets when the next attempt may be, after one that failed. */
static void wait_after(struct delivery *d, const struct influx_result *result)
{
    uint32_t wait_ms = backoff_next_ms(&d->backoff);
    if (result->outcome == OUTCOME_FAULT)
        wait_ms = FAULT_WAIT_MS;
    else if (result->retry_after_ms >= 0)
        wait_ms = result->retry_after_ms > 60000 ? 60000 : (uint32_t)result->retry_after_ms;
    d->not_before_ms = clock_monotonic_ms(&d->o.clock) + wait_ms;
}

static void server_failed(struct delivery *d, const struct influx_result *result)
{
    d->write_errors++;
    trouble_begin(d, result->outcome == OUTCOME_FAULT ? LOG_ERROR : LOG_WARNING,
                  result->outcome == OUTCOME_FAULT ? "influxdb_fault" : "influxdb_away", result);
    wait_after(d, result);
}

static void setup_done(void *context, const struct influx_result *result)
{
    struct delivery *d = context;
    if (result->outcome == OUTCOME_STORED) {
        d->server = SERVER_KNOWN;
        trouble_end(d);
        log_change(d->o.log, LOG_INFO, "influxdb_ready", "version=%s database=\"%s\" state=\"%s\"",
                   influx_write_version(d->write), d->o.settings->influxdb.database, result->words);
        return;
    }
    d->server = SERVER_UNKNOWN;
    server_failed(d, result);
}

static void probe_done(void *context, const struct influx_result *result)
{
    struct delivery *d = context;
    d->server = SERVER_UNKNOWN;
    if (result->outcome != OUTCOME_STORED) {
        server_failed(d, result);
        return;
    }
    if (influx_setup_start(d->write, d, setup_done) == ERR_OK)
        d->server = SERVER_SETUP;
}

static void server_ask(struct delivery *d)
{
    if (influx_write_probe(d->write, d, probe_done) == ERR_OK)
        d->server = SERVER_ASKED;
    else
        d->not_before_ms = clock_monotonic_ms(&d->o.clock) + 1000;
}

/* --- one batch under way ---------------------------------------------------- */

static void state_write(struct delivery *d)
{
    if (!d->snapshot_due || d->snapshot_at.number > d->cursor.number)
        return;
    d->snapshot_due = false;
    if (d->snapshot.failed ||
        journal_state_save(d->o.journal, d->snapshot_at, d->hash, buf_view(&d->snapshot)) != ERR_OK)
        log_event(d->o.log, LOG_ERROR, "state_not_saved", "position=%llu",
                  (unsigned long long)d->snapshot_at.number);
    die_maybe(d, "state");
}

static void cursor_move(struct delivery *d, struct journal_position to)
{
    d->cursor = to;
    if (journal_cursor_save(d->o.journal, to, &d->outcomes, sizeof d->outcomes) != ERR_OK)
        log_event(d->o.log, LOG_ERROR, "cursor_not_saved", "position=%llu",
                  (unsigned long long)to.number);
    die_maybe(d, "cursor");
    state_write(d);
}

static void flying_done(struct delivery *d)
{
    struct batch *batch = d->flying;
    die_maybe(d, "posted");
    d->outcomes.stored += d->flying_outcomes.stored;
    d->outcomes.rejected += d->flying_outcomes.rejected;
    d->flying_outcomes = (struct ledger_outcomes){0};
    d->messages_done += batch->messages;
    d->lines_done += batch->line_count;
    if (batch->messages > 0)
        d->processing_sum_s += ((double)(clock_real_ns(&d->o.clock) - batch->first_arrival_ns) *
                                    (double)batch->messages -
                                batch->arrival_offset_ns) /
                               1e9;
    d->flying = NULL;
    if (batch->whole)
        cursor_move(d, batch->end);
    batch_reset(batch);
}

static void run_pop(struct part_run *run)
{
    run->depth--;
    run->tries = 0;
}

static void run_split(struct part_run *run)
{
    size_t first = run->ranges[run->depth - 1].first, count = run->ranges[run->depth - 1].count;
    size_t half = count / 2;
    run_pop(run);
    /* The first half goes on top: lines are sent in their order. */
    run->ranges[run->depth].first = first + half;
    run->ranges[run->depth++].count = count - half;
    run->ranges[run->depth].first = first;
    run->ranges[run->depth++].count = half;
}

static void line_reject(struct part_run *run, size_t line, const char *words)
{
    struct delivery *d = run->delivery;
    struct journal_reader *reader = NULL;
    struct journal_record record = {0};
    struct err_reason why;
    uint64_t lost;
    struct text slice = batch_slice(run->part, line, 1);
    d->flying_outcomes.rejected++;
    /* The cursor is not past the record, so it is still there. */
    if (journal_reader_open(d->o.journal, d->flying->records[run->part->at[line].record],
                            &reader) != ERR_OK ||
        journal_read(reader, &record, &lost, &why) != ERR_OK)
        record = (struct journal_record){0};
    bool known;
    struct fold_reject reject = {.reason = REJECT_SERVER, .words = words, .record = &record};
    if (record.type == JOURNAL_MESSAGE)
        reject.source = sources_find(d->o.sources, record.topic, &known);
    d->o.rejected(d->o.context, &reject, slice);
    journal_reader_close(reader);
}

static void run_rejected(struct part_run *run, const struct influx_result *result)
{
    size_t first = run->ranges[run->depth - 1].first, count = run->ranges[run->depth - 1].count;
    size_t refused = 0;
    if (result->bad_count == 0 && count == 1) {
        line_reject(run, first, result->words);
        refused = 1;
    }
    for (size_t i = 0; i < result->bad_count; i++) {
        if (result->bad[i].line >= count)
            continue;
        line_reject(run, first + result->bad[i].line, result->bad[i].words);
        refused++;
    }
    run->delivery->flying_outcomes.stored += count - refused;
    run_pop(run);
}

static void run_answer(struct part_run *run, const struct influx_result *result)
{
    struct delivery *d = run->delivery;
    size_t count = run->ranges[run->depth - 1].count;
    enum outcome outcome = result->outcome;
    if (outcome == OUTCOME_RETRY_BOUNDED && ++run->tries >= BOUNDED_TRIES)
        outcome = count > 1 ? OUTCOME_SPLIT : OUTCOME_REJECTED;
    if (outcome == OUTCOME_SPLIT && (count == 1 || run->depth + 1 > SPLIT_DEPTH))
        outcome = OUTCOME_REJECTED;
    switch (outcome) {
    case OUTCOME_STORED:
        d->flying_outcomes.stored += count;
        run_pop(run);
        break;
    case OUTCOME_SPLIT:
        run_split(run);
        break;
    case OUTCOME_REJECTED:
        run_rejected(run, result);
        break;
    case OUTCOME_RETRY:
    case OUTCOME_RETRY_BOUNDED:
    case OUTCOME_FAULT:
        server_failed(d, result);
        return;
    }
    if (result->outcome != OUTCOME_RETRY_BOUNDED)
        trouble_end(d);
}

static void latency_count(struct delivery *d, uint32_t elapsed_us)
{
    double ms = elapsed_us / 1000.0;
    d->latency.count++;
    d->latency.sum_ms += ms;
    if (ms > d->latency.max_ms)
        d->latency.max_ms = ms;
    for (size_t i = 0; i < DELIVERY_LATENCY_BOUNDS; i++)
        d->latency.at_most[i] += ms <= delivery_latency_bounds_ms[i];
    metric_observe(d->write_seconds, ms / 1000.0);
}

static bool flying_finished(const struct delivery *d)
{
    for (unsigned i = 0; i < BATCH_PARTS; i++)
        if (d->runs[i].depth > 0 || d->runs[i].posted)
            return false;
    return true;
}

static void post_done(void *context, const struct influx_result *result)
{
    struct part_run *run = context;
    struct delivery *d = run->delivery;
    run->posted = false;
    latency_count(d, result->elapsed_us);
    run_answer(run, result);
    if (d->flying && flying_finished(d))
        flying_done(d);
}

static void flying_post(struct delivery *d)
{
    for (unsigned i = 0; i < BATCH_PARTS; i++) {
        struct part_run *run = &d->runs[i];
        if (run->depth == 0 || run->posted)
            continue;
        size_t first = run->ranges[run->depth - 1].first, count = run->ranges[run->depth - 1].count;
        d->write_attempts++;
        run->posted = true;
        if (influx_write_post(d->write, batch_slice(run->part, first, count), count, run,
                              post_done) != ERR_OK) {
            run->posted = false;
            d->not_before_ms = clock_monotonic_ms(&d->o.clock) + 1000;
        }
    }
}

/* --- filling ---------------------------------------------------------------- */

static void snapshot_take(struct delivery *d, struct journal_position at)
{
    int64_t now_ms = clock_monotonic_ms(&d->o.clock);
    if (d->snapshot_due || at.number == d->state_number ||
        (at.number - d->state_number < STATE_RECORDS && now_ms - d->state_ms < STATE_INTERVAL_MS))
        return;
    buf_reset(&d->snapshot);
    fold_save(d->fold, &d->snapshot);
    d->snapshot_at = at;
    d->snapshot_due = true;
    d->state_number = at.number;
    d->state_ms = now_ms;
}

static bool batch_full(const struct delivery *d, const struct batch *batch)
{
    return batch->line_count >= (size_t)d->o.settings->writer.batch_lines * batch->part_count ||
           batch->line_bytes >= (size_t)d->o.settings->writer.batch_bytes * batch->part_count;
}

static void filling_launch(struct delivery *d)
{
    struct batch *batch = d->filling;
    d->flying = batch;
    d->filling = batch == &d->batches[0] ? &d->batches[1] : &d->batches[0];
    d->filling->part_count = influx_write_parallel(d->write);
    for (unsigned i = 0; i < BATCH_PARTS; i++) {
        struct part_run *run = &d->runs[i];
        *run = (struct part_run){.delivery = d, .part = &batch->parts[i]};
        if (batch->parts[i].count > 0) {
            run->ranges[0].first = 0;
            run->ranges[0].count = batch->parts[i].count;
            run->depth = 1;
        }
    }
    flying_post(d);
}

static void sink_line(void *context, struct text line)
{
    struct delivery *d = context;
    if (d->filling->line_count == 0)
        d->filling->first_ms = clock_monotonic_ms(&d->o.clock);
    batch_add(d->filling, line);
}

static void sink_reject(void *context, const struct fold_reject *reject)
{
    struct delivery *d = context;
    d->o.rejected(d->o.context, reject, (struct text){NULL, 0});
}

/* Reads one record into the batch; false when there is none. */
static bool read_one(struct delivery *d)
{
    struct journal_record record;
    struct journal_position at = journal_reader_position(d->reader);
    struct err_reason why = {""};
    uint64_t lost = 0;
    enum err e = journal_read(d->reader, &record, &lost, &why);
    if (e == ERR_CORRUPT) {
        fold_gap(d->fold, lost, 0);
        log_event(d->o.log, LOG_ERROR, "journal_damaged", "records=%llu where=\"%s\"",
                  (unsigned long long)lost, why.text);
        return true;
    }
    if (e != ERR_OK)
        return false;
    batch_record(d->filling, at);
    fold_record(d->fold, &record, &d->sink);
    if (record.type == JOURNAL_MESSAGE)
        batch_message(d->filling, record.arrival_ns);
    if (record.type == JOURNAL_TICK)
        die_maybe(d, "window");
    return true;
}

static void fill(struct delivery *d)
{
    struct batch *batch = d->filling;
    unsigned read = 0;
    bool got = true;
    while (read < TURN_RECORDS && !batch_full(d, batch) && (got = read_one(d)))
        read++;
    d->more = got;
    if (read > 0) {
        batch->end = journal_reader_position(d->reader);
        batch->whole = true;
        snapshot_take(d, batch->end);
    }
    /* Records that made no lines still move the cursor, when nothing is before them. */
    if (batch->line_count == 0 && batch->whole && !d->flying &&
        batch->end.number > d->cursor.number) {
        d->messages_done += batch->messages;
        cursor_move(d, batch->end);
        batch_reset(batch);
    }
}

static uint32_t until(int64_t then_ms, int64_t now_ms)
{
    return then_ms <= now_ms ? 0 : then_ms - now_ms > 1000 ? 1000 : (uint32_t)(then_ms - now_ms);
}

static bool filling_due(const struct delivery *d, int64_t now_ms)
{
    const struct batch *batch = d->filling;
    return batch->line_count > 0 &&
           (batch_full(d, batch) || d->stopping ||
            (!d->more && now_ms - batch->first_ms >= d->o.settings->writer.linger_ms));
}

uint32_t delivery_turn(struct delivery *d)
{
    if (!d->o.settings->influxdb.enabled)
        return 1000;
    int64_t now_ms = clock_monotonic_ms(&d->o.clock);
    bool may = now_ms >= d->not_before_ms;
    if (d->server == SERVER_UNKNOWN && may)
        server_ask(d);
    if (!d->stopping)
        fill(d);
    if (d->server != SERVER_KNOWN)
        return may ? 1000 : until(d->not_before_ms, now_ms);
    if (may && d->flying)
        flying_post(d);
    else if (may && filling_due(d, now_ms))
        filling_launch(d);
    if (!may)
        return until(d->not_before_ms, now_ms);
    if (d->flying && batch_full(d, d->filling))
        return 1000; /* the reply comes through http_wait */
    if (d->more && !batch_full(d, d->filling))
        return 0;
    if (d->filling->line_count == 0 || d->flying)
        return d->filling->line_count == 0 ? 1000 : SLICE_WAIT_MS;
    uint32_t left = until(d->filling->first_ms + d->o.settings->writer.linger_ms, now_ms);
    return left < SLICE_WAIT_MS ? left : SLICE_WAIT_MS;
}

bool delivery_may_sleep(struct delivery *d)
{
    if (!d->o.settings->influxdb.enabled || d->stopping || d->filling->line_count > 0)
        return true;
    return !d->more && journal_wait_wanted(d->o.journal, d->reader);
}

void delivery_stop(struct delivery *d)
{
    d->stopping = true;
    d->more = false;
}

bool delivery_idle(const struct delivery *d)
{
    return !d->flying && d->filling->line_count == 0;
}

void delivery_drop_oldest(struct delivery *d)
{
    uint64_t dropped = 0;
    uint64_t was = journal_reader_position(d->reader).number;
    struct journal_position to = journal_drop_oldest(d->o.journal, &dropped);
    http_cancel_all(d->o.http);
    if (d->server == SERVER_ASKED || d->server == SERVER_SETUP)
        d->server = SERVER_UNKNOWN;
    uint64_t points = d->filling->line_count + (d->flying ? d->flying->line_count : 0);
    memset(d->runs, 0, sizeof d->runs);
    d->flying = NULL;
    d->flying_outcomes = (struct ledger_outcomes){0};
    batch_reset(&d->batches[0]);
    batch_reset(&d->batches[1]);
    d->outcomes.dropped += points;
    if (to.number > was) {
        struct journal_reader *reader;
        if (journal_reader_open(d->o.journal, to, &reader) == ERR_OK) {
            journal_reader_close(d->reader);
            d->reader = reader;
            fold_gap(d->fold, 0, to.number - was);
        }
    }
    /* The state is saved first: it is never behind the cursor. */
    d->snapshot_due = false;
    d->state_number = 0;
    d->state_ms = 0;
    struct journal_position at = journal_reader_position(d->reader);
    snapshot_take(d, at);
    cursor_move(d, at);
    log_event(d->o.log, LOG_ERROR, "journal_dropped_oldest", "records=%llu points=%llu",
              (unsigned long long)(to.number > was ? to.number - was : 0),
              (unsigned long long)points);
}

/* --- opening and closing ---------------------------------------------------- */

static void state_restore(struct delivery *d, struct journal_position *ret_from)
{
    char *state = NULL;
    size_t size = 0;
    uint64_t hash = 0;
    enum err e = journal_state_load(d->o.journal, ret_from, &hash, &state, &size);
    if (e == ERR_OK && ret_from->number > d->cursor.number && d->cursor.number > 0)
        e = ERR_CORRUPT;
    if (e == ERR_OK)
        e = fold_load(d->fold, (struct text){state, size});
    if (e == ERR_OK && hash != d->hash)
        log_change(d->o.log, LOG_WARNING, "mapping_changed",
                   "note=\"the state made by the old mapping is taken as it stands\"");
    if (e != ERR_OK)
        *ret_from = (struct journal_position){0};
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        log_change(d->o.log, LOG_ERROR, "state_unusable",
                   "reason=\"%s\" note=\"it is made again from what the journal holds\"",
                   err_text(e));
    free(state);
}

/* Shows the fold what lies between the state and the cursor, without sending. */
static void fold_again(struct delivery *d)
{
    struct journal_record record;
    struct err_reason why;
    uint64_t lost, folded = 0;
    while (journal_reader_position(d->reader).number < d->cursor.number) {
        enum err e = journal_read(d->reader, &record, &lost, &why);
        if (e == ERR_CORRUPT)
            fold_gap(d->fold, lost, 0);
        else if (e == ERR_OK)
            fold_record(d->fold, &record, NULL);
        else
            break;
        folded++;
    }
    if (folded > 0)
        log_change(d->o.log, LOG_INFO, "state_restored", "records=%llu",
                   (unsigned long long)folded);
}

/* After a lost state or a changed mapping the counts start from what is certain. */
static void balance_settle(struct delivery *d)
{
    const struct fold_counts *c = fold_counts(d->fold);
    uint64_t done = d->outcomes.stored + d->outcomes.rejected + d->outcomes.dropped;
    struct ledger l = ledger_make(c, &d->outcomes, d->cursor.number ? d->cursor.number : 1,
                                  d->cursor.number ? d->cursor.number : 1, 0, 0);
    if (l.points_difference == 0)
        return;
    log_change(d->o.log, LOG_WARNING, "ledger_settled", "points=%lld",
               (long long)l.points_difference);
    fold_settle_points(d->fold, done);
}

static enum err delivery_restore(struct delivery *d)
{
    size_t size = 0;
    struct journal_position from = {0};
    d->cursor = journal_cursor(d->o.journal, &d->outcomes, sizeof d->outcomes, &size);
    if (size != sizeof d->outcomes)
        d->outcomes = (struct ledger_outcomes){0};
    state_restore(d, &from);
    enum err e = journal_reader_open(d->o.journal, from, &d->reader);
    if (e != ERR_OK)
        return e;
    uint64_t first = journal_reader_position(d->reader).number;
    if (from.number == 0 && first > 1) /* older records are gone, and what they counted with them */
        fold_gap(d->fold, 0, first - 1);
    fold_again(d);
    balance_settle(d);
    return ERR_OK;
}

enum err delivery_open(const struct delivery_options *options, struct delivery **ret_delivery,
                       struct err_reason *why)
{
    static const double bounds_s[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    struct delivery *d = calloc(1, sizeof *d);
    if (!d)
        return ERR_NOMEM;
    d->o = *options;
    d->sink = (struct fold_sink){.context = d, .line = sink_line, .reject = sink_reject};
    d->backoff = backoff_make(100, DELIVERY_RETRY_CAP_MS, (uint64_t)clock_real_ns(&options->clock));
    d->hash = sources_hash(options->sources);
    batch_open(&d->batches[0], 1);
    batch_open(&d->batches[1], 1);
    d->filling = &d->batches[0];
    d->write_seconds = metrics_histogram(options->metrics, "hearthline_write_seconds",
                                         "Time of one write request to InfluxDB", bounds_s,
                                         sizeof bounds_s / sizeof bounds_s[0]);
    enum err e = influx_write_open(options->http, options->settings, &d->write, why);
    if (e == ERR_OK)
        e = fold_open(options->settings, options->sources, &d->fold);
    if (e == ERR_OK)
        e = delivery_restore(d);
    if (e != ERR_OK) {
        delivery_close(d);
        return e;
    }
    *ret_delivery = d;
    return ERR_OK;
}

void delivery_figures(const struct delivery *d, struct delivery_figures *ret)
{
    struct journal_figures j;
    journal_figures(d->o.journal, &j);
    uint64_t waiting = d->filling->line_count;
    if (d->flying)
        waiting += d->flying->line_count - d->flying_outcomes.stored - d->flying_outcomes.rejected;
    struct ledger_outcomes outcomes = d->outcomes;
    outcomes.stored += d->flying_outcomes.stored;
    outcomes.rejected += d->flying_outcomes.rejected;
    *ret = (struct delivery_figures){
        .ledger =
            ledger_make(fold_counts(d->fold), &outcomes, journal_reader_position(d->reader).number,
                        j.next_number, j.repeated, waiting),
        .counts = *fold_counts(d->fold),
        .write_attempts = d->write_attempts,
        .write_errors = d->write_errors,
        .messages_done = d->messages_done,
        .lines_done = d->lines_done,
        .processing_sum_s = d->processing_sum_s,
        .cursor_number = d->cursor.number,
        .server_version = influx_write_version(d->write),
        .server_up = d->server_up,
        .trouble_since_ns = d->trouble_since_ns,
    };
    snprintf(ret->trouble, sizeof ret->trouble, "%s", d->trouble);
}

struct delivery_latency delivery_take_latency(struct delivery *d)
{
    struct delivery_latency latency = d->latency;
    d->latency = (struct delivery_latency){0};
    return latency;
}

void delivery_close(struct delivery *d)
{
    if (!d)
        return;
    if (d->reader && d->fold && delivery_idle(d) &&
        journal_reader_position(d->reader).number == d->cursor.number && d->cursor.number > 0) {
        buf_reset(&d->snapshot);
        fold_save(d->fold, &d->snapshot);
        d->snapshot_at = d->cursor;
        d->snapshot_due = true;
        state_write(d);
    }
    influx_write_close(d->write);
    journal_reader_close(d->reader);
    fold_close(d->fold);
    batch_close(&d->batches[0]);
    batch_close(&d->batches[1]);
    buf_free(&d->snapshot);
    free(d);
}
