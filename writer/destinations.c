#include "writer/destinations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "influx/line.h"

#define PATH_BYTES 4096

struct destination {
    struct destinations *all;
    const char *name; /* NULL for the default */
    enum settings_when_full when_full;
    struct settings settings; /* as they are for this one */
    struct parking *parking;  /* NULL for the default */
    uint64_t given_up;        /* points of the batch under way, by drop_newest */
};

struct destinations {
    struct destinations_options o;
    unsigned count;
    struct destination at[BATCH_DESTINATIONS];
    struct store *stores[BATCH_DESTINATIONS];
    /* What is parked goes out in batches of its own, one at a time. */
    struct flight flight;
    struct batch batch;
    struct buf lines;
    unsigned draining; /* the destination of the flight, or of the last one */
    size_t taken;
};

/* --- sending what is parked --------------------------------------------------- */

static bool draining(const struct destinations *d)
{
    return d->flight.batch != NULL;
}

static void drain_end(struct destinations *d)
{
    flight_abandon(&d->flight);
    batch_reset(&d->batch);
}

static void drain_abandon(struct destinations *d)
{
    drain_end(d);
    parking_put_back(d->at[d->draining].parking);
}

static void settle(struct destinations *d, uint64_t stored, uint64_t rejected)
{
    struct destination *to = &d->at[d->draining];
    uint64_t lost = parking_settle(to->parking) + d->taken - stored - rejected;
    if (d->taken == 0 && lost == 0)
        return;
    d->o.outcomes->stored += stored;
    d->o.outcomes->rejected += rejected;
    d->o.outcomes->parked_lost += lost;
    if (lost > 0)
        log_event(d->o.log, LOG_ERROR, "parked_lost",
                  "destination=%s points=%" PRIu64 " note=\"their file is damaged\"", to->name,
                  lost);
    d->o.save(d->o.context);
    parking_tidy(to->parking);
    if (parking_empty(to->parking))
        log_change(d->o.log, LOG_INFO, "destination_caught_up", "destination=%s", to->name);
}

static void drained(void *context)
{
    struct destinations *d = context;
    uint64_t stored = d->flight.stored, rejected = d->flight.rejected;
    drain_end(d);
    settle(d, stored, rejected);
}

static void drain_refused(void *context, struct journal_position record, struct text line,
                          const char *words)
{
    struct destinations *d = context;
    (void)record;
    d->o.refused(d->o.context, line, words);
}

/* False when there is nothing to send, or no memory for it. */
static bool drain_start(struct destinations *d, unsigned destination)
{
    const struct settings_writer *s = &d->o.settings->writer;
    struct parking *parking = d->at[destination].parking;
    buf_reset(&d->lines);
    parking_take(parking, s->batch_lines, s->batch_bytes, &d->lines, &d->taken);
    d->draining = destination;
    if (d->taken == 0) {
        settle(d, 0, 0); /* damaged blocks, or nothing that can be read now */
        return false;
    }
    struct text rest = buf_view(&d->lines), line;
    batch_record(&d->batch, (struct journal_position){0});
    while (line_next(&rest, &line))
        batch_add(&d->batch, (struct text){line.at, line.len + 1}, destination);
    if (d->batch.failed || d->lines.failed || d->batch.line_count != d->taken) {
        batch_reset(&d->batch);
        parking_put_back(parking);
        return false;
    }
    flight_start(&d->flight, &d->batch);
    return true;
}

static void drain_turn(struct destinations *d)
{
    if (draining(d)) {
        struct flight_part *part = &d->flight.parts[d->draining * BATCH_PARTS];
        if (!part->posted && store_at_fault(d->stores[d->draining]))
            drain_abandon(d);
        else
            flight_post(&d->flight);
        return;
    }
    for (unsigned n = 0; n < d->count; n++) { /* from the one behind the last */
        unsigned i = (d->draining + 1 + n) % d->count;
        struct parking *parking = d->at[i].parking;
        if (parking && parking_mark(parking).points > 0 && store_turn(d->stores[i]) &&
            drain_start(d, i))
            return;
    }
}

bool destinations_turn(struct destinations *d)
{
    bool may_send = store_turn(d->stores[0]);
    for (unsigned i = 1; i < d->count && store_begun(d->stores[0]); i++)
        (void)store_turn(d->stores[i]);
    if (d->count > 1)
        drain_turn(d);
    return may_send;
}

/* --- parking ------------------------------------------------------------------ */

static void give_up(struct destination *to, size_t count)
{
    to->given_up += count;
    log_event(to->all->o.log, LOG_ERROR, "parked_full",
              "destination=%s points=%zu note=\"given up: max_bytes wait already\"", to->name,
              count);
}

/* Makes room by the rule and tries again; ERR_FULL when there is none. */
static enum err append_dropping(struct destination *to, struct text lines, size_t count)
{
    struct destinations *d = to->all;
    enum err e = ERR_FULL;
    uint64_t points;
    while (e == ERR_FULL && (points = parking_drop_oldest(to->parking)) > 0) {
        d->o.outcomes->parked_full += points;
        log_event(d->o.log, LOG_ERROR, "parked_full",
                  "destination=%s points=%" PRIu64 " note=\"the oldest are given up\"", to->name,
                  points);
        d->o.save(d->o.context);
        parking_tidy(to->parking);
        e = parking_append(to->parking, lines, count);
    }
    return e;
}

static bool waits(const struct destination *to)
{
    return parking_mark(to->parking).points > 0;
}

/* What waits is being sent, or comes to its turn: nothing need be given up. */
static bool makes_room(const struct destination *to)
{
    const struct destinations *d = to->all;
    unsigned destination = (unsigned)(to - d->at);
    bool sending = draining(d) && d->draining == destination;
    return sending || (waits(to) && !store_at_fault(d->stores[destination]));
}

static enum err append(struct destination *to, struct text lines, size_t count)
{
    enum err e = parking_append(to->parking, lines, count);
    if (e != ERR_FULL || to->when_full == SETTINGS_HOLD || makes_room(to))
        return e;
    if (to->when_full == SETTINGS_DROP_OLDEST)
        e = append_dropping(to, lines, count);
    if (e == ERR_FULL) {
        give_up(to, count);
        e = ERR_OK;
    }
    return e;
}

bool destinations_park(struct destinations *d, unsigned destination, struct text lines,
                       size_t count, bool *ret_wait)
{
    struct destination *to = &d->at[destination];
    bool first = to->parking && parking_empty(to->parking);
    if (!to->parking || (first && !store_at_fault(d->stores[destination])))
        return false;
    enum err e = append(to, lines, count);
    if (e != ERR_OK) {
        bool disk = e != ERR_FULL;
        log_event(d->o.log, disk ? LOG_ERROR : LOG_WARNING,
                  disk ? "parking_failed" : "parking_full",
                  "destination=%s reason=\"%s\" note=\"all destinations wait\"", to->name,
                  disk ? err_text(e) : "max_bytes wait already");
        /* Behind what went there before. What this batch parked itself is of other series. */
        *ret_wait = waits(to);
        return false;
    }
    if (first)
        log_change(d->o.log, LOG_WARNING, "destination_parks",
                   "destination=%s database=\"%s\" note=\"its points wait on disk, the others go "
                   "on\"",
                   to->name, to->settings.influxdb.database);
    die_at_reached(d->o.die, "parked");
    return true;
}

enum err destinations_cover(struct destinations *d)
{
    for (unsigned i = 1; i < d->count; i++) {
        if (parking_cover(d->at[i].parking) != ERR_OK) {
            log_change(d->o.log, LOG_ERROR, "parking_not_synced", "destination=%s", d->at[i].name);
            return ERR_IO;
        }
        d->o.outcomes->parked_full += d->at[i].given_up;
        d->at[i].given_up = 0;
    }
    return ERR_OK;
}

void destinations_save(const struct destinations *d, struct destinations_saved *ret)
{
    ret->count = d->count - 1;
    for (unsigned i = 1; i < d->count; i++) {
        memset(ret->at[i - 1].name, 0, sizeof ret->at[i - 1].name);
        snprintf(ret->at[i - 1].name, sizeof ret->at[i - 1].name, "%s", d->at[i].name);
        ret->at[i - 1].mark = parking_mark(d->at[i].parking);
    }
}

void destinations_tidy(struct destinations *d)
{
    for (unsigned i = 1; i < d->count; i++)
        parking_tidy(d->at[i].parking);
}

void destinations_cancelled(struct destinations *d)
{
    for (unsigned i = 0; i < d->count; i++)
        store_cancelled(d->stores[i]);
    if (draining(d))
        drain_abandon(d);
    for (unsigned i = 1; i < d->count; i++) {
        parking_uncover(d->at[i].parking);
        d->at[i].given_up = 0;
    }
}

/* --- opening ------------------------------------------------------------------ */

static enum err open_one_store(struct destinations *d, unsigned i, struct err_reason *why)
{
    struct destination *to = &d->at[i];
    const struct store_options options = {.settings = &to->settings,
                                          .http = d->o.http,
                                          .log = d->o.log,
                                          .metrics = d->o.metrics,
                                          .clock = d->o.clock,
                                          .destination = to->name,
                                          .fields_statement = d->o.fields_statement,
                                          .context = d->o.context,
                                          .fields = d->o.fields};
    return store_open(&options, &d->stores[i], why);
}

static enum err open_parking(struct destinations *d, const char *name, uint64_t max_bytes,
                             const struct parking_mark *mark, struct parking **ret_parking,
                             uint64_t *ret_lost, struct err_reason *why)
{
    const struct settings_journal *journal = &d->o.settings->writer.journal;
    char folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%s/parked/%s", journal->path, name);
    const struct parking_options options = {
        .folder = folder,
        .max_bytes = max_bytes,
        .sync = journal->durability == SETTINGS_DURABILITY_POWER,
    };
    return parking_open(&options, mark, ret_parking, ret_lost, why);
}

static void count_lost(struct destinations *d, const char *name, uint64_t lost)
{
    d->o.outcomes->parked_lost += lost;
    if (lost > 0)
        log_change(d->o.log, LOG_ERROR, "parked_lost",
                   "destination=%s points=%" PRIu64 " note=\"they waited and are not there any "
                   "more\"",
                   name, lost);
}

static const struct parking_mark *mark_of(const struct destinations_saved *saved, const char *name)
{
    for (uint64_t i = 0; saved && i < saved->count; i++)
        if (strcmp(saved->at[i].name, name) == 0)
            return &saved->at[i].mark;
    return NULL;
}

static enum err open_one(struct destinations *d, const struct settings_destination *settings,
                         const struct destinations_saved *saved, struct err_reason *why)
{
    uint64_t lost = 0;
    struct destination *to = &d->at[d->count];
    *to = (struct destination){.all = d,
                               .name = settings->name,
                               .when_full = settings->when_full,
                               .settings = settings_at_destination(d->o.settings, settings)};
    enum err e = open_one_store(d, d->count++, why);
    /* A saved cursor without a mark: the destination is new, and nothing of it waits. */
    const struct parking_mark nothing = {.end = {1, 0}, .begin = {1, 0}};
    const struct parking_mark *mark = mark_of(saved, settings->name);
    if (e == ERR_OK)
        e = open_parking(d, settings->name, settings->max_bytes, saved && !mark ? &nothing : mark,
                         &to->parking, &lost, why);
    if (e == ERR_OK)
        count_lost(d, settings->name, lost);
    return e;
}

/* Points that wait for a destination which is not in the configuration any more. */
static enum err check_gone(struct destinations *d, const struct destinations_saved *saved,
                           struct err_reason *why)
{
    enum err e = ERR_OK;
    for (uint64_t i = 0; saved && i < saved->count && e == ERR_OK; i++) {
        const char *name = saved->at[i].name;
        struct parking *parking = NULL;
        uint64_t lost = 0;
        bool known = false;
        for (unsigned at = 1; at < d->count; at++)
            known = known || strcmp(d->at[at].name, name) == 0;
        if (known || saved->at[i].mark.points == 0)
            continue;
        e = open_parking(d, name, UINT64_MAX, &saved->at[i].mark, &parking, &lost, why);
        if (e != ERR_OK)
            continue;
        count_lost(d, name, lost);
        if (!parking_empty(parking))
            e = err_explain(why, ERR_INVALID,
                            "influxdb.destinations: %" PRIu64 " points wait for \"%s\", which is "
                            "not there any more; put it back until they are stored, or give them "
                            "up by removing %.200s/parked/%s",
                            parking_mark(parking).points, name, d->o.settings->writer.journal.path,
                            name);
        parking_close(parking);
    }
    return e;
}

enum err destinations_open(const struct destinations_options *options,
                           const struct destinations_saved *saved,
                           struct destinations **ret_destinations, struct err_reason *why)
{
    const struct settings_influxdb *s = &options->settings->influxdb;
    struct destinations *d = calloc(1, sizeof *d);
    if (!d)
        return ERR_NOMEM;
    d->o = *options;
    batch_open(&d->batch, 1);
    d->flight = (struct flight){
        .stores = d->stores, .context = d, .refused = drain_refused, .landed = drained};
    d->at[0] = (struct destination){.all = d, .settings = *options->settings};
    enum err e = open_one_store(d, d->count++, why);
    for (unsigned i = 0; e == ERR_OK && i < s->destinations_count; i++)
        e = open_one(d, &s->destinations[i], saved, why);
    if (e == ERR_OK)
        e = check_gone(d, saved, why);
    if (e != ERR_OK)
        destinations_close(d);
    else
        *ret_destinations = d;
    return e;
}

void destinations_close(struct destinations *d)
{
    if (!d)
        return;
    for (unsigned i = 0; i < d->count; i++) {
        store_close(d->stores[i]);
        parking_close(d->at[i].parking);
    }
    batch_close(&d->batch);
    buf_free(&d->lines);
    free(d);
}

/* --- what others ask ---------------------------------------------------------- */

unsigned destinations_count(const struct destinations *d)
{
    return d->count;
}

struct store *const *destinations_stores(const struct destinations *d)
{
    return d->stores;
}

bool destinations_begun(const struct destinations *d)
{
    for (unsigned i = 0; i < d->count; i++)
        if (!store_begun(d->stores[i]))
            return false;
    return true;
}

uint64_t destinations_parked(const struct destinations *d)
{
    uint64_t points = 0;
    for (unsigned i = 1; i < d->count; i++)
        points += parking_mark(d->at[i].parking).points;
    return points;
}

void destinations_figures(const struct destinations *d, struct destinations_figures *ret)
{
    *ret = (struct destinations_figures){.parked = destinations_parked(d)};
    store_figures(d->stores[0], &ret->store);
    for (unsigned i = 1; i < d->count; i++) {
        struct store_figures figures;
        store_figures(d->stores[i], &figures);
        ret->store.attempts += figures.attempts;
        ret->store.errors += figures.errors;
        ret->parked_bytes += parking_bytes(d->at[i].parking);
        if (figures.trouble[0] && !ret->trouble[0])
            snprintf(ret->trouble, sizeof ret->trouble, "%s: %s", d->at[i].name, figures.trouble);
    }
}

struct store_latency destinations_take_latency(struct destinations *d)
{
    struct store_latency all = store_take_latency(d->stores[0]);
    for (unsigned i = 1; i < d->count; i++) {
        struct store_latency one = store_take_latency(d->stores[i]);
        all.count += one.count;
        all.sum_ms += one.sum_ms;
        all.max_ms = one.max_ms > all.max_ms ? one.max_ms : all.max_ms;
        for (size_t b = 0; b < STORE_LATENCY_BOUNDS; b++)
            all.at_most[b] += one.at_most[b];
    }
    return all;
}
