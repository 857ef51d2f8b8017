#include "writer/delivery.h"

#include <stdlib.h>
#include <unistd.h>

#include "writer/flight.h"
#include "writer/server_types.h"
#include "writer/state_pace.h"

#define TURN_RECORDS  4096u /* read at most so many in a turn, so that the loop stays quick */
#define SLICE_WAIT_MS 10u   /* while a batch fills, look for more this often */

struct delivery {
    struct delivery_options o;
    struct store *store;
    struct journal_reader *reader;
    struct fold *fold;
    struct fold_sink sink;
    struct batch batches[2];
    struct batch *filling;
    struct flight flight;
    struct server_types types;
    struct ledger_outcomes outcomes; /* up to the last batch that landed */
    struct journal_position cursor;
    /* The state as it was at the end of a batch, written when the cursor is there. */
    struct buf snapshot;
    struct journal_position snapshot_at;
    bool snapshot_due;
    struct state_pace pace;
    uint64_t hash;
    bool more; /* the last turn left records to read */
    bool stopping;
    uint64_t messages_done, lines_done;
    double processing_sum_s;
    unsigned die_left;
};

static void die_maybe(struct delivery *d, const char *point)
{
    size_t len = strlen(point);
    if (!d->o.die_at || strncmp(d->o.die_at, point, len) != 0)
        return;
    if (d->die_left == 0)
        d->die_left =
            d->o.die_at[len] == ':' ? (unsigned)strtoul(d->o.die_at + len + 1, NULL, 10) : 1;
    if (d->die_left == 1)
        _exit(86);
    d->die_left--;
}

/* --- cursor and state ------------------------------------------------------- */

static int64_t monotonic_ns(const struct delivery *d)
{
    return d->o.clock.monotonic_ns(d->o.clock.context);
}

static void snapshot_take(struct delivery *d, struct journal_position at)
{
    int64_t begin_ns = monotonic_ns(d);
    if (d->snapshot_due || !state_pace_due(&d->pace, at, begin_ns / CLOCK_NS_PER_MS))
        return;
    buf_reset(&d->snapshot);
    fold_save(d->fold, &d->snapshot);
    d->snapshot_at = at;
    d->snapshot_due = true;
    state_pace_taken(&d->pace, at, begin_ns / CLOCK_NS_PER_MS);
    state_pace_cost(&d->pace, monotonic_ns(d) - begin_ns);
}

static void snapshot_write(struct delivery *d)
{
    if (!d->snapshot_due || d->snapshot_at.number > d->cursor.number)
        return;
    int64_t begin_ns = monotonic_ns(d);
    d->snapshot_due = false;
    if (d->snapshot.failed ||
        journal_state_save(d->o.journal, d->snapshot_at, d->hash, buf_view(&d->snapshot)) != ERR_OK)
        log_event(d->o.log, LOG_ERROR, "state_not_saved", "position=%llu",
                  (unsigned long long)d->snapshot_at.number);
    state_pace_cost(&d->pace, monotonic_ns(d) - begin_ns);
    die_maybe(d, "state");
}

static void cursor_move(struct delivery *d, struct journal_position to)
{
    d->cursor = to;
    if (d->o.settle)
        d->o.settle(d->o.context);
    if (journal_cursor_save(d->o.journal, to, &d->outcomes, sizeof d->outcomes) != ERR_OK)
        log_event(d->o.log, LOG_ERROR, "cursor_not_saved", "position=%llu",
                  (unsigned long long)to.number);
    die_maybe(d, "cursor");
    snapshot_write(d);
}

/* --- a batch under way ------------------------------------------------------ */

static void messages_delivered(struct delivery *d, const struct batch *batch)
{
    d->messages_done += batch->messages;
    if (batch->messages > 0)
        d->processing_sum_s += ((double)(clock_real_ns(&d->o.clock) - batch->first_arrival_ns) *
                                    (double)batch->messages -
                                batch->arrival_offset_ns) /
                               1e9;
}

static void landed(void *context)
{
    struct delivery *d = context;
    struct batch *batch = d->flight.batch;
    die_maybe(d, "posted");
    d->outcomes.stored += d->flight.stored;
    d->outcomes.rejected += d->flight.rejected;
    d->lines_done += batch->line_count;
    messages_delivered(d, batch);
    flight_abandon(&d->flight);
    if (batch->whole)
        cursor_move(d, batch->end);
    batch_reset(batch);
}

static const struct types *types_known(struct delivery *d)
{
    server_types_folded(&d->types, journal_reader_position(d->reader).number);
    return fold_types(d->fold);
}

/* InfluxDB was found, and says which fields it has. */
static void fields_listed(void *context, const struct table *table)
{
    struct delivery *d = context;
    uint64_t delivered = d->cursor.number ? d->cursor.number : 1;
    bool all_delivered = delivery_idle(d) && journal_reader_position(d->reader).number <= delivered;
    server_types_listed(&d->types, table, types_known(d), all_delivered);
}

static void refused(void *context, struct journal_position at, struct text line, const char *words)
{
    struct delivery *d = context;
    struct journal_reader *reader = NULL;
    struct journal_record record = {0};
    uint64_t lost = 0;
    bool known = false;
    /* The cursor is not past the record, so it is still there. */
    if (journal_reader_open(d->o.journal, at, &reader) != ERR_OK ||
        journal_read(reader, &record, &lost, NULL) != ERR_OK)
        record = (struct journal_record){0};
    struct fold_reject reject = {.reason = REJECT_SERVER, .words = words, .record = &record};
    if (record.type == JOURNAL_MESSAGE)
        reject.source = sources_find(d->o.sources, record.topic, &known);
    d->o.rejected(d->o.context, &reject, line);
    server_types_refused(&d->types, line, words, record.arrival_ns, types_known(d));
    journal_reader_close(reader);
}

/* --- filling ---------------------------------------------------------------- */

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

static void sink_field(void *context, const struct journal_record *record, const char *words)
{
    struct delivery *d = context;
    struct text topic = record->topic;
    log_change(d->o.log, LOG_WARNING, "field_type",
               "topic=\"%.*s\" words=\"%s; this is said once\"",
               (int)(topic.len > 200 ? 200 : topic.len), topic.len ? topic.at : "", words);
}

static bool filling_full(const struct delivery *d)
{
    const struct settings_writer *s = &d->o.settings->writer;
    const struct batch *batch = d->filling;
    return batch->line_count >= (size_t)s->batch_lines * batch->part_count ||
           batch->line_bytes >= (size_t)s->batch_bytes * batch->part_count;
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

/* A batch that lacks lines must not move the cursor: the next start reads its records again. */
static void die_without_memory(struct delivery *d)
{
    log_change(d->o.log, LOG_ERROR, "no_memory",
               "exit=%d note=\"what the cursor has not passed is read again at the next start\"",
               DELIVERY_EXIT_NO_MEMORY);
    _exit(DELIVERY_EXIT_NO_MEMORY);
}

static void fill(struct delivery *d)
{
    struct batch *batch = d->filling;
    unsigned read = 0;
    bool got = true;
    while (read < TURN_RECORDS && !filling_full(d) && (got = read_one(d)))
        read++;
    d->more = got;
    if (batch->failed)
        die_without_memory(d);
    if (read > 0) {
        batch->end = journal_reader_position(d->reader);
        batch->whole = true;
        snapshot_take(d, batch->end);
    }
    /* Records that made no lines move the cursor too, when nothing is before them. */
    if (batch->line_count == 0 && batch->whole && !d->flight.batch) {
        messages_delivered(d, batch);
        cursor_move(d, batch->end);
        batch_reset(batch);
    }
}

static bool filling_due(const struct delivery *d, int64_t now_ms)
{
    const struct batch *batch = d->filling;
    return batch->line_count > 0 &&
           (filling_full(d) || d->stopping ||
            (!d->more && now_ms - batch->first_ms >= d->o.settings->writer.linger_ms));
}

static void launch(struct delivery *d)
{
    struct batch *batch = d->filling;
    d->filling = batch == &d->batches[0] ? &d->batches[1] : &d->batches[0];
    d->filling->part_count = influx_write_parallel(store_write(d->store));
    flight_start(&d->flight, batch);
}

static uint32_t wait_ms(const struct delivery *d, int64_t now_ms)
{
    if (d->more && !filling_full(d))
        return 0;
    if (d->filling->line_count == 0 || filling_full(d))
        return 1000; /* a reply comes through http_wait, a record wakes the loop */
    int64_t left = d->filling->first_ms + d->o.settings->writer.linger_ms - now_ms;
    if (d->flight.batch || left > SLICE_WAIT_MS)
        return SLICE_WAIT_MS;
    return left < 0 ? 0 : (uint32_t)left;
}

uint32_t delivery_turn(struct delivery *d)
{
    if (!d->o.settings->influxdb.enabled)
        return 1000;
    bool may_send = store_turn(d->store);
    if (!d->stopping && store_begun(d->store)) /* fields_listed is before the first record */
        fill(d);
    int64_t now_ms = clock_monotonic_ms(&d->o.clock);
    if (may_send && d->flight.batch)
        flight_post(&d->flight);
    else if (may_send && filling_due(d, now_ms))
        launch(d);
    if (!may_send && (filling_full(d) || !d->more))
        return store_wait_ms(d->store);
    return wait_ms(d, now_ms);
}

bool delivery_may_sleep(struct delivery *d)
{
    if (!d->o.settings->influxdb.enabled || d->stopping || d->filling->line_count > 0 ||
        !store_begun(d->store))
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
    return !d->flight.batch && d->filling->line_count == 0;
}

/* --- giving up the oldest --------------------------------------------------- */

static void reader_move(struct delivery *d, struct journal_position to)
{
    struct journal_reader *reader = NULL;
    uint64_t was = journal_reader_position(d->reader).number;
    if (to.number <= was || journal_reader_open(d->o.journal, to, &reader) != ERR_OK)
        return;
    journal_reader_close(d->reader);
    d->reader = reader;
    fold_gap(d->fold, 0, to.number - was);
}

/* Forgets both batches; returns how many points nobody has heard of. */
static uint64_t batches_drop(struct delivery *d)
{
    uint64_t done = d->flight.stored + d->flight.rejected;
    uint64_t points = d->filling->line_count + (d->flight.batch ? d->flight.batch->line_count : 0);
    d->outcomes.stored += d->flight.stored;
    d->outcomes.rejected += d->flight.rejected;
    d->outcomes.dropped += points - done;
    http_cancel_all(d->o.http);
    store_cancelled(d->store);
    flight_abandon(&d->flight);
    batch_reset(&d->batches[0]);
    batch_reset(&d->batches[1]);
    return points - done;
}

void delivery_drop_oldest(struct delivery *d)
{
    uint64_t dropped = 0;
    struct journal_position to = journal_drop_oldest(d->o.journal, &dropped);
    uint64_t points = batches_drop(d);
    reader_move(d, to);
    d->snapshot_due = false;
    d->pace = (struct state_pace){0};
    struct journal_position at = journal_reader_position(d->reader);
    snapshot_take(d, at);
    cursor_move(d, at);
    log_event(d->o.log, LOG_ERROR, "journal_dropped_oldest", "records=%llu points=%llu",
              (unsigned long long)dropped, (unsigned long long)points);
}

/* --- opening and closing ---------------------------------------------------- */

static void state_restore(struct delivery *d, struct journal_position *ret_from)
{
    char *state = NULL;
    size_t size = 0;
    uint64_t hash = 0;
    enum err e = journal_state_load(d->o.journal, ret_from, &hash, &state, &size);
    if (e == ERR_OK && ret_from->number > d->cursor.number)
        e = ERR_CORRUPT; /* the cursor was lost: what the state counted would be counted again */
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
    uint64_t lost = 0, folded = 0;
    while (journal_reader_position(d->reader).number < d->cursor.number) {
        enum err e = journal_read(d->reader, &record, &lost, NULL);
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
    uint64_t at = d->cursor.number ? d->cursor.number : 1;
    struct ledger l = ledger_make(fold_counts(d->fold), &d->outcomes, at, at, 0, 0);
    if (l.points_difference == 0)
        return;
    log_change(d->o.log, LOG_WARNING, "ledger_settled", "points=%lld",
               (long long)l.points_difference);
    fold_settle_points(d->fold, d->outcomes.stored + d->outcomes.rejected + d->outcomes.dropped);
}

static enum err restore(struct delivery *d)
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
    struct delivery *d = calloc(1, sizeof *d);
    if (!d)
        return ERR_NOMEM;
    d->o = *options;
    d->sink = (struct fold_sink){
        .context = d, .line = sink_line, .reject = sink_reject, .field = sink_field};
    d->types = (struct server_types){.journal = options->journal, .log = options->log};
    d->hash = sources_hash(options->sources);
    batch_open(&d->batches[0], 1);
    batch_open(&d->batches[1], 1);
    d->filling = &d->batches[0];
    struct store_options store = {.settings = options->settings,
                                  .http = options->http,
                                  .log = options->log,
                                  .metrics = options->metrics,
                                  .clock = options->clock,
                                  .fields_statement = SERVER_TYPES_STATEMENT,
                                  .context = d,
                                  .fields = fields_listed};
    enum err e = store_open(&store, &d->store, why);
    d->flight =
        (struct flight){.store = d->store, .context = d, .refused = refused, .landed = landed};
    if (e == ERR_OK)
        e = fold_open(options->sources, &d->fold);
    if (e == ERR_OK)
        e = restore(d);
    if (e != ERR_OK) {
        delivery_close(d);
        return e;
    }
    *ret_delivery = d;
    return ERR_OK;
}

void delivery_figures(const struct delivery *d, struct delivery_figures *ret)
{
    struct journal_figures journal;
    journal_figures(d->o.journal, &journal);
    struct ledger_outcomes outcomes = d->outcomes;
    outcomes.stored += d->flight.stored;
    outcomes.rejected += d->flight.rejected;
    uint64_t waiting = d->filling->line_count;
    if (d->flight.batch)
        waiting += d->flight.batch->line_count - d->flight.stored - d->flight.rejected;
    *ret = (struct delivery_figures){
        .ledger =
            ledger_make(fold_counts(d->fold), &outcomes, journal_reader_position(d->reader).number,
                        journal.next_number, journal.repeated, waiting),
        .counts = *fold_counts(d->fold),
        .server_version = influx_write_version(store_write(d->store)),
        .messages_done = d->messages_done,
        .lines_done = d->lines_done,
        .processing_sum_s = d->processing_sum_s,
        .cursor_number = d->cursor.number,
        .field_types = types_count(fold_types(d->fold)),
        .series = fold_series(d->fold),
    };
    store_figures(d->store, &ret->store);
}

struct store_latency delivery_take_latency(struct delivery *d)
{
    return store_take_latency(d->store);
}

/* The state as it is now; the delivery is idle and the cursor at the reader. */
static void state_save_now(struct delivery *d)
{
    buf_reset(&d->snapshot);
    fold_save(d->fold, &d->snapshot);
    d->snapshot_at = d->cursor;
    d->snapshot_due = true;
    snapshot_write(d);
}

enum err delivery_use(struct delivery *d, const struct sources *sources)
{
    struct fold *fold = NULL;
    enum err e = fold_open(sources, &fold);
    if (e != ERR_OK)
        return e;
    struct journal_position at = journal_reader_position(d->reader);
    if (at.number != d->cursor.number) /* what was left out since needs no delivery */
        cursor_move(d, at);
    buf_reset(&d->snapshot);
    fold_save(d->fold, &d->snapshot);
    e = d->snapshot.failed ? ERR_NOMEM : fold_load(fold, buf_view(&d->snapshot));
    if (e != ERR_OK) {
        fold_close(fold);
        return ERR_NOMEM; /* what was just saved can be read */
    }
    fold_close(d->fold);
    d->fold = fold;
    d->o.sources = sources;
    d->hash = sources_hash(sources);
    state_save_now(d);
    d->stopping = false;
    d->more = true;
    return ERR_OK;
}

void delivery_close(struct delivery *d)
{
    if (!d)
        return;
    if (d->reader && d->cursor.number > 0 && delivery_idle(d) &&
        journal_reader_position(d->reader).number == d->cursor.number) {
        state_save_now(d);
    }
    store_close(d->store);
    journal_reader_close(d->reader);
    fold_close(d->fold);
    batch_close(&d->batches[0]);
    batch_close(&d->batches[1]);
    buf_free(&d->snapshot);
    server_types_free(&d->types);
    free(d);
}
