#include "cli/refold.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/known_state.h"
#include "cli/say.h"
#include "cli/verdict.h"
#include "influx/server.h"
#include "writer/batch.h"
#include "writer/flight.h"
#include "writer/store.h"

enum {
    CONNECT_MS = 10000,
    PATIENCE_MS = 30000,
    WAIT_MS = 100,
    REPLY_MAX_BYTES = 256 * 1024,
    REFUSALS_SHOWN = 5,
    LINE_SHOWN = 200,
};

/* Longer than any rule keeps a point: min_interval is a day at most. */
#define LONG_NS (2 * 86400 * CLOCK_NS_PER_S)

struct refold {
    struct refold_options o;
    struct clock clock;
    struct fold *fold;
    struct fold_sink sink;
    struct metrics *metrics;
    struct http *http;
    struct settings settings[BATCH_DESTINATIONS]; /* as they are for each destination */
    struct store *stores[BATCH_DESTINATIONS];
    unsigned store_count;
    struct batch batch;
    struct flight flight;
    bool landed;
    bool message_rejected;   /* the record at hand was counted among them */
    int64_t last_ns;         /* arrival of the last record */
    uint64_t refused_number; /* the record of which InfluxDB refused a line last */
    struct refold_figures figures;
};

/* --- what a record becomes ---------------------------------------------------- */

static void take_line(void *context, struct text line, unsigned destination)
{
    struct refold *r = context;
    if (verdict_is_rollup(line))
        return;
    r->figures.lines++;
    if (r->o.dry_run)
        fwrite(line.at, 1, line.len, stdout);
    else
        batch_add(&r->batch, line, destination);
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    struct refold *r = context;
    r->figures.rejected[reject->reason]++;
    r->figures.rejected_messages += !r->message_rejected;
    r->message_rejected = true;
}

static bool wants(void *context, const struct source *source, int64_t arrival_ns)
{
    const struct refold *r = context;
    return r->o.wants(r->o.context, source, arrival_ns);
}

static void take_ignored(void *context, const struct journal_record *record, const char *why)
{
    struct refold *r = context;
    (void)record;
    (void)why;
    r->figures.ignored++;
}

/* --- writing -------------------------------------------------------------------- */

static void landed(void *context)
{
    struct refold *r = context;
    r->landed = true;
}

static void refused(void *context, struct journal_position record, struct text line,
                    const char *words)
{
    struct refold *r = context;
    r->figures.rejected_messages += record.number != r->refused_number;
    r->refused_number = record.number;
    if (r->figures.rejected[REJECT_SERVER]++ >= REFUSALS_SHOWN)
        return;
    fprintf(stderr, "hearthline %s: InfluxDB refuses ", r->o.command);
    say_visible(stderr, text_trim(line), LINE_SHOWN);
    fputs(": ", stderr);
    say_visible(stderr, text_of(words), LINE_SHOWN);
    fputc('\n', stderr);
}

static enum err gave_up(struct refold *r, const char *what, struct err_reason *why)
{
    const char *trouble = "", *database = r->settings[0].influxdb.database;
    struct store_figures figures;
    for (unsigned i = 0; i < r->store_count && !*trouble; i++) {
        store_figures(r->stores[i], &figures);
        trouble = figures.trouble;
        database = *trouble ? r->settings[i].influxdb.database : database;
    }
    http_cancel_all(r->http);
    for (unsigned i = 0; i < r->store_count; i++)
        store_cancelled(r->stores[i]);
    flight_abandon(&r->flight);
    return err_explain(why, ERR_TIMEOUT, "InfluxDB at %s, database \"%s\", %s: %s",
                       r->o.settings->influxdb.url, database, what,
                       *trouble ? trouble : "no answer");
}

/* True when all of them may be written to now. */
static bool stores_turn(struct refold *r)
{
    bool ready = true;
    for (unsigned i = 0; i < r->store_count && ready; i++)
        ready = store_turn(r->stores[i]);
    return ready;
}

/* Until InfluxDB is there and its databases too. */
static enum err connect(struct refold *r, struct err_reason *why)
{
    int64_t end_ms = clock_monotonic_ms(&r->clock) + CONNECT_MS;
    while (!stores_turn(r)) {
        if (clock_monotonic_ms(&r->clock) >= end_ms)
            return gave_up(r, "cannot be written to", why);
        http_wait(r->http, NULL, 0, WAIT_MS);
    }
    r->batch.part_count = influx_write_parallel(store_write(r->stores[0]));
    return ERR_OK;
}

static enum err write_batch(struct refold *r, struct err_reason *why)
{
    uint64_t done = 0;
    int64_t end_ms = clock_monotonic_ms(&r->clock) + PATIENCE_MS;
    if (r->batch.failed)
        return err_explain(why, ERR_NOMEM, "no memory for a batch");
    r->landed = r->batch.line_count == 0;
    for (bool started = false; !r->landed;) {
        if (started)
            flight_post(&r->flight);
        else
            flight_start(&r->flight, &r->batch);
        started = true;
        http_wait(r->http, NULL, 0, WAIT_MS);
        if (r->flight.stored + r->flight.rejected > done)
            end_ms = clock_monotonic_ms(&r->clock) + PATIENCE_MS;
        done = r->flight.stored + r->flight.rejected;
        if (!r->landed && clock_monotonic_ms(&r->clock) >= end_ms)
            return gave_up(r, "has taken nothing for 30 s", why);
    }
    r->figures.stored += r->flight.stored;
    flight_abandon(&r->flight);
    batch_reset(&r->batch);
    return ERR_OK;
}

static bool batch_full(const struct refold *r)
{
    const struct settings_writer *s = &r->o.settings->writer;
    return r->batch.line_count >= (size_t)s->batch_lines * r->batch.part_count ||
           r->batch.line_bytes >= (size_t)s->batch_bytes * r->batch.part_count;
}

/* --- from outside --------------------------------------------------------------- */

static enum err open_one_store(struct refold *r, unsigned i, struct err_reason *why)
{
    const struct settings_influxdb *s = &r->o.settings->influxdb;
    r->settings[i] = i == ROUTE_DEFAULT
                         ? *r->o.settings
                         : settings_at_destination(r->o.settings, &s->destinations[i - 1]);
    struct store_options options = {.settings = &r->settings[i],
                                    .http = r->http,
                                    .metrics = r->metrics,
                                    .clock = r->clock,
                                    .destination =
                                        i == ROUTE_DEFAULT ? NULL : s->destinations[i - 1].name};
    enum err e = store_open(&options, &r->stores[i], why);
    if (!e)
        r->store_count = i + 1;
    return e;
}

static enum err open_store(struct refold *r, struct err_reason *why)
{
    struct http_options http = server_http_options(&r->o.settings->influxdb);
    http.reply_max_bytes = REPLY_MAX_BYTES;
    http.connections = BATCH_PARTS;
    r->metrics = metrics_new();
    enum err e = r->metrics ? http_open(&http, &r->http, why) : ERR_NOMEM;
    if (e)
        return e;
    for (unsigned i = 0; !e && i <= r->o.settings->influxdb.destinations_count; i++)
        e = open_one_store(r, i, why);
    if (e)
        return e;
    r->flight =
        (struct flight){.stores = r->stores, .context = r, .refused = refused, .landed = landed};
    return connect(r, why);
}

enum err refold_open(const struct refold_options *options, struct refold **ret_refold,
                     struct err_reason *why)
{
    struct refold *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    r->o = *options;
    r->clock = clock_system();
    r->sink = (struct fold_sink){
        .context = r, .line = take_line, .reject = take_reject, .ignored = take_ignored};
    r->sink.wants = options->wants ? wants : NULL;
    batch_open(&r->batch, 1);
    enum err e = fold_open(options->sources, &r->fold);
    if (!e)
        known_state_types(options->settings, r->fold);
    if (!e && !options->dry_run)
        e = open_store(r, why);
    if (e)
        refold_close(r);
    else
        *ret_refold = r;
    return e;
}

void refold_close(struct refold *r)
{
    if (!r)
        return;
    if (r->http)
        http_cancel_all(r->http);
    for (unsigned i = 0; i < r->store_count; i++)
        store_close(r->stores[i]);
    http_close(r->http);
    metrics_free(r->metrics);
    batch_close(&r->batch);
    fold_close(r->fold);
    free(r);
}

void refold_seen(struct refold *r, const struct journal_record *record)
{
    fold_record(r->fold, record, NULL);
}

static bool is_wanted(const struct refold *r, const struct journal_record *record)
{
    bool known;
    return !r->o.wants ||
           r->o.wants(r->o.context, sources_find(r->o.sources, record->topic, &known),
                      record->arrival_ns);
}

enum err refold_write(struct refold *r, const struct journal_record *record, struct err_reason *why)
{
    r->message_rejected = false;
    r->figures.messages += record->type == JOURNAL_MESSAGE && is_wanted(r, record);
    r->last_ns = record->arrival_ns;
    batch_record(&r->batch, (struct journal_position){.number = record->number});
    fold_record(r->fold, record, &r->sink);
    return batch_full(r) ? write_batch(r, why) : ERR_OK;
}

void refold_release(struct refold *r)
{
    const struct journal_record tick = {.type = JOURNAL_TICK, .arrival_ns = r->last_ns + LONG_NS};
    fold_record(r->fold, &tick, &r->sink);
}

enum err refold_finish(struct refold *r, struct err_reason *why)
{
    return r->o.dry_run ? ERR_OK : write_batch(r, why);
}

const struct refold_figures *refold_figures(const struct refold *r)
{
    return &r->figures;
}

void refold_print(const struct refold *r)
{
    const struct refold_figures *f = &r->figures;
    FILE *to = r->o.dry_run ? stderr : stdout;
    fflush(stdout);
    fprintf(to, "%" PRIu64 " messages became %" PRIu64 " lines", f->messages, f->lines);
    if (!r->o.dry_run)
        fprintf(to, ", of which %" PRIu64 " are stored", f->stored);
    fprintf(to, "; %" PRIu64 " ignored by rule; %" PRIu64 " rejected", f->ignored,
            f->rejected_messages);
    const char *before = " (";
    bool any = false;
    for (size_t i = REJECT_NONE + 1; i < REJECT_COUNT; i++) {
        if (f->rejected[i] == 0)
            continue;
        fprintf(to, "%s%s %" PRIu64, before, reject_id((enum reject)i), f->rejected[i]);
        before = ", ";
        any = true;
    }
    fputs(any ? ")\n" : "\n", to);
}
