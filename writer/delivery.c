#include "writer/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "writer/checkpoint.h"
#include "writer/server_types.h"

/* At most so many in a turn: a batch that is being sent goes on only between two turns. */
#define TURN_RECORDS  4096u
#define TURN_LINES    512u
#define SLICE_WAIT_MS 10u /* while a batch fills, look for more this often */
#define BURST_REST_MS 20  /* nothing came for so long: the burst is over */

struct delivery {
    struct delivery_options o;
    struct die_at die;
    struct checkpoint checkpoint;
    struct destinations *destinations;
    struct journal_reader *reader;
    struct fold *fold;
    struct fold_sink sink;
    struct batch batches[2];
    struct batch *filling;
    struct flight flight;
    struct server_types types;
    int64_t arrival_ns; /* of the record that was read last */
    bool more;          /* the last turn left records to read */
    bool sent_full;     /* the last batch was: the next one may be the rest of a burst */
    bool stopping;
    uint64_t messages_done, lines_done;
    double processing_sum_s;
};

/* A batch that lacks lines, or whose parked lines are not on disk, must not move the cursor: the
 * next start reads its records again. */
static void give_up(struct delivery *d, const char *event)
{
    log_change(d->o.log, LOG_ERROR, event,
               "exit=%d note=\"what the cursor has not passed is read again at the next start\"",
               DELIVERY_EXIT_AGAIN);
    _exit(DELIVERY_EXIT_AGAIN);
}

static void cursor_move(struct delivery *d, struct journal_position to)
{
    if (d->o.settle)
        d->o.settle(d->o.context);
    if (destinations_cover(d->destinations) != ERR_OK)
        give_up(d, "parked_not_kept");
    checkpoint_move(&d->checkpoint, to);
    destinations_tidy(d->destinations);
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
    die_at_reached(&d->die, "posted");
    d->checkpoint.outcomes.stored += d->flight.stored;
    d->checkpoint.outcomes.rejected += d->flight.rejected;
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

/* InfluxDB was found, and says which fields it has. What one of several databases lacks, another
 * may have: nothing is forgotten then. */
static void fields_listed(void *context, const struct table *table)
{
    struct delivery *d = context;
    uint64_t delivered = d->checkpoint.cursor.number ? d->checkpoint.cursor.number : 1;
    bool all_delivered = destinations_count(d->destinations) == 1 && delivery_idle(d) &&
                         journal_reader_position(d->reader).number <= delivered;
    server_types_listed(&d->types, table, types_known(d), all_delivered);
}

static bool park(void *context, unsigned destination, struct text lines, size_t count,
                 bool *ret_wait)
{
    struct delivery *d = context;
    return destinations_park(d->destinations, destination, lines, count, ret_wait);
}

static void outcomes_changed(void *context)
{
    struct delivery *d = context;
    if (d->o.settle)
        d->o.settle(d->o.context);
    checkpoint_save(&d->checkpoint);
}

static void parked_refused(void *context, struct text line, const char *words)
{
    struct delivery *d = context;
    const struct journal_record gone = {.type = JOURNAL_MESSAGE,
                                        .arrival_ns = clock_real_ns(&d->o.clock)};
    const struct fold_reject reject = {.reason = REJECT_SERVER, .words = words, .record = &gone};
    d->o.rejected(d->o.context, &reject, line);
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

/* A line lingers from its arrival: one that waited in the journal need not wait for company again.
 * Arrival is wall-clock time, which steps; what it says counts for one linger and no more. */
static int64_t lingers_since_ms(const struct delivery *d)
{
    int64_t age_ms = (clock_real_ns(&d->o.clock) - d->arrival_ns) / CLOCK_NS_PER_MS;
    int64_t most_ms = d->o.settings->writer.linger_ms;
    int64_t waited_ms = age_ms < 0 ? 0 : age_ms < most_ms ? age_ms : most_ms;
    return clock_monotonic_ms(&d->o.clock) - waited_ms;
}

static void sink_line(void *context, struct text line, unsigned destination)
{
    struct delivery *d = context;
    if (d->filling->line_count == 0)
        d->filling->first_ms = lingers_since_ms(d);
    batch_add(d->filling, line, destination);
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
    d->arrival_ns = record.arrival_ns;
    fold_record(d->fold, &record, &d->sink);
    if (record.type == JOURNAL_MESSAGE)
        batch_message(d->filling, record.arrival_ns);
    if (record.type == JOURNAL_TICK)
        die_at_reached(&d->die, "window");
    return true;
}

static void fill(struct delivery *d)
{
    struct batch *batch = d->filling;
    size_t enough = batch->line_count + TURN_LINES;
    unsigned read = 0;
    bool got = true;
    while (read < TURN_RECORDS && batch->line_count < enough && !filling_full(d) &&
           (got = read_one(d)))
        read++;
    d->more = got;
    if (batch->failed)
        give_up(d, "no_memory");
    if (read > 0) {
        batch->end = journal_reader_position(d->reader);
        batch->whole = true;
        checkpoint_snapshot(&d->checkpoint, d->fold, batch->end);
    }
    /* Records that made no lines move the cursor too, when nothing is before them. */
    if (batch->line_count == 0 && batch->whole && !d->flight.batch) {
        messages_delivered(d, batch);
        cursor_move(d, batch->end);
        batch_reset(batch);
    }
}

/* Company for a write was found already: the rest of a burst need not wait for more of it. */
static bool burst_over(const struct delivery *d)
{
    return d->sent_full &&
           clock_real_ns(&d->o.clock) - d->arrival_ns >= BURST_REST_MS * CLOCK_NS_PER_MS;
}

static bool filling_due(const struct delivery *d, int64_t now_ms)
{
    const struct batch *batch = d->filling;
    bool lingered = now_ms - batch->first_ms >= d->o.settings->writer.linger_ms;
    return batch->line_count > 0 &&
           (filling_full(d) || d->stopping || (!d->more && (lingered || burst_over(d))));
}

static struct store *default_store(const struct delivery *d)
{
    return destinations_stores(d->destinations)[ROUTE_DEFAULT];
}

static void launch(struct delivery *d)
{
    struct batch *batch = d->filling;
    d->sent_full = filling_full(d);
    d->filling = batch == &d->batches[0] ? &d->batches[1] : &d->batches[0];
    d->filling->part_count = influx_write_parallel(store_write(default_store(d)));
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
    bool may_send = destinations_turn(d->destinations);
    if (!d->stopping &&
        destinations_begun(d->destinations)) /* fields_listed is before the first record */
        fill(d);
    int64_t now_ms = clock_monotonic_ms(&d->o.clock);
    if (d->flight.batch)
        flight_post(&d->flight);
    else if (may_send && filling_due(d, now_ms))
        launch(d);
    if (!may_send && (filling_full(d) || !d->more))
        return store_wait_ms(default_store(d));
    return wait_ms(d, now_ms);
}

bool delivery_may_sleep(struct delivery *d)
{
    if (!d->o.settings->influxdb.enabled || d->stopping || d->filling->line_count > 0 ||
        !destinations_begun(d->destinations))
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
    d->checkpoint.outcomes.stored += d->flight.stored;
    d->checkpoint.outcomes.rejected += d->flight.rejected;
    d->checkpoint.outcomes.dropped += points - done;
    http_cancel_all(d->o.http);
    destinations_cancelled(d->destinations);
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
    checkpoint_forget(&d->checkpoint);
    struct journal_position at = journal_reader_position(d->reader);
    checkpoint_snapshot(&d->checkpoint, d->fold, at);
    cursor_move(d, at);
    log_event(d->o.log, LOG_ERROR, "journal_dropped_oldest", "records=%llu points=%llu",
              (unsigned long long)dropped, (unsigned long long)points);
}

/* --- opening and closing ---------------------------------------------------- */

static enum err open_destinations(struct delivery *d, struct err_reason *why)
{
    struct destinations_saved parked;
    bool known = checkpoint_read(&d->checkpoint, &parked);
    const struct destinations_options options = {.settings = d->o.settings,
                                                 .http = d->o.http,
                                                 .log = d->o.log,
                                                 .metrics = d->o.metrics,
                                                 .clock = d->o.clock,
                                                 .die = &d->die,
                                                 .outcomes = &d->checkpoint.outcomes,
                                                 .fields_statement = SERVER_TYPES_STATEMENT,
                                                 .context = d,
                                                 .fields = fields_listed,
                                                 .refused = parked_refused,
                                                 .save = outcomes_changed};
    enum err e = destinations_open(&options, known ? &parked : NULL, &d->destinations, why);
    if (e != ERR_OK)
        return e;
    d->checkpoint.destinations = d->destinations;
    d->flight = (struct flight){.stores = destinations_stores(d->destinations),
                                .context = d,
                                .park = park,
                                .refused = refused,
                                .landed = landed};
    return ERR_OK;
}

enum err delivery_open(const struct delivery_options *options, struct delivery **ret_delivery,
                       struct err_reason *why)
{
    struct delivery *d = calloc(1, sizeof *d);
    if (!d)
        return ERR_NOMEM;
    d->o = *options;
    d->die = (struct die_at){.point = options->die_at};
    d->sink = (struct fold_sink){
        .context = d, .line = sink_line, .reject = sink_reject, .field = sink_field};
    d->types = (struct server_types){.journal = options->journal, .log = options->log};
    d->checkpoint = (struct checkpoint){.journal = options->journal,
                                        .log = options->log,
                                        .clock = options->clock,
                                        .die = &d->die,
                                        .hash = sources_hash(options->sources)};
    batch_open(&d->batches[0], 1);
    batch_open(&d->batches[1], 1);
    d->filling = &d->batches[0];
    enum err e = open_destinations(d, why);
    if (e == ERR_OK)
        e = fold_open(options->sources, &d->fold);
    if (e == ERR_OK)
        e = checkpoint_restore(&d->checkpoint, d->fold, &d->reader);
    if (e != ERR_OK) {
        delivery_close(d);
        return e;
    }
    if (destinations_count(d->destinations) > 1) /* from now on it is known what is parked */
        checkpoint_save(&d->checkpoint);
    *ret_delivery = d;
    return ERR_OK;
}

void delivery_figures(const struct delivery *d, struct delivery_figures *ret)
{
    struct journal_figures journal;
    struct destinations_figures there;
    journal_figures(d->o.journal, &journal);
    destinations_figures(d->destinations, &there);
    struct ledger_outcomes outcomes = d->checkpoint.outcomes;
    outcomes.stored += d->flight.stored;
    outcomes.rejected += d->flight.rejected;
    uint64_t waiting = d->filling->line_count + there.parked;
    if (d->flight.batch)
        waiting += d->flight.batch->line_count - d->flight.stored - d->flight.rejected;
    *ret = (struct delivery_figures){
        .ledger =
            ledger_make(fold_counts(d->fold), &outcomes, journal_reader_position(d->reader).number,
                        journal.next_number, journal.repeated, waiting),
        .counts = *fold_counts(d->fold),
        .server_version = influx_write_version(store_write(default_store(d))),
        .messages_done = d->messages_done,
        .lines_done = d->lines_done,
        .processing_sum_s = d->processing_sum_s,
        .cursor_number = d->checkpoint.cursor.number,
        .field_types = types_count(fold_types(d->fold)),
        .series = fold_series(d->fold),
        .store = there.store,
        .parked = there.parked,
        .parked_bytes = there.parked_bytes,
    };
    snprintf(ret->destination_trouble, sizeof ret->destination_trouble, "%s", there.trouble);
}

struct store_latency delivery_take_latency(struct delivery *d)
{
    return destinations_take_latency(d->destinations);
}

enum err delivery_use(struct delivery *d, const struct sources *sources)
{
    struct fold *fold = NULL;
    enum err e = fold_open(sources, &fold);
    if (e != ERR_OK)
        return e;
    struct journal_position at = journal_reader_position(d->reader);
    if (at.number != d->checkpoint.cursor.number) /* what was left out since needs no delivery */
        cursor_move(d, at);
    struct buf state = {0};
    fold_save(d->fold, &state);
    e = state.failed ? ERR_NOMEM : fold_load(fold, buf_view(&state));
    buf_free(&state);
    if (e != ERR_OK) {
        fold_close(fold);
        return ERR_NOMEM; /* what was just saved can be read */
    }
    fold_close(d->fold);
    d->fold = fold;
    d->o.sources = sources;
    d->checkpoint.hash = sources_hash(sources);
    checkpoint_state(&d->checkpoint, d->fold);
    d->stopping = false;
    d->more = true;
    return ERR_OK;
}

void delivery_close(struct delivery *d)
{
    if (!d)
        return;
    if (d->reader && d->checkpoint.cursor.number > 0 && delivery_idle(d) &&
        journal_reader_position(d->reader).number == d->checkpoint.cursor.number) {
        checkpoint_state(&d->checkpoint, d->fold);
    }
    destinations_close(d->destinations);
    journal_reader_close(d->reader);
    fold_close(d->fold);
    batch_close(&d->batches[0]);
    batch_close(&d->batches[1]);
    checkpoint_free(&d->checkpoint);
    server_types_free(&d->types);
    free(d);
}
