/* All that is written to: the default database and the further destinations of the configuration,
 * each with its store, and the further ones with their parking (writer/parking.h).
 *
 * A further destination whose answer is a fault (it is missing, there is no right) parks the lines
 * of each batch, so that the cursor goes on. What is parked is tried again as its store does, each
 * 10 s, and goes out in its order; what comes meanwhile waits behind it. A server that is away
 * holds everything, for whatever destination, and so does a fault of the default one. A further
 * server is not provided for: these are places on one server. */
#ifndef WRITER_DESTINATIONS_H
#define WRITER_DESTINATIONS_H

#include "writer/die_at.h"
#include "writer/flight.h"
#include "writer/ledger.h"
#include "writer/parking.h"

#define DESTINATIONS_NAME_BYTES 64

/* What waits, by destination, as it is saved with the cursor. */
struct destinations_saved {
    uint64_t count; /* of `at` in use */
    struct {
        char name[DESTINATIONS_NAME_BYTES];
        struct parking_mark mark;
    } at[SETTINGS_DESTINATIONS_MAX];
};

struct destinations;

struct destinations_options {
    const struct settings *settings;
    struct http *http;
    struct log *log;
    struct metrics *metrics;
    struct clock clock;
    struct die_at *die;
    struct ledger_outcomes *outcomes; /* counted on when what was parked is stored or given up */
    const char *fields_statement;     /* of struct store_options, for each */
    void *context;
    void (*fields)(void *context, const struct table *table);
    /* A parked line that the server refused: the record that it came from may be gone. */
    void (*refused)(void *context, struct text line, const char *words);
    /* Outcomes and marks have changed, the cursor has not: save them now. */
    void (*save)(void *context);
};

/* destinations_open takes up what waits; `saved` is what destinations_save gave last, NULL when
 * nothing was saved. What is not there any more is counted as lost. ERR_INVALID: points wait for a
 * destination that the configuration does not know any more, with the words for what to do. Errors
 * of store_open and parking_open. */
enum err destinations_open(const struct destinations_options *options,
                           const struct destinations_saved *saved,
                           struct destinations **ret_destinations,
                           struct err_reason *why) ERR_MUST_CHECK;
void destinations_close(struct destinations *d); /* NULL accepted; after http_cancel_all */

unsigned destinations_count(const struct destinations *d); /* with the default one */
struct store *const *destinations_stores(const struct destinations *d);

/* destinations_begun: store_begun of all of them. */
bool destinations_begun(const struct destinations *d);

/* destinations_turn asks what has to be asked and sends what is parked; true when the default store
 * may be written to now. */
bool destinations_turn(struct destinations *d);

/* destinations_park is `park` of struct flight. */
bool destinations_park(struct destinations *d, unsigned destination, struct text lines,
                       size_t count, bool *ret_wait);

/* destinations_cover: the batch has landed, and its cursor is about to be saved; destinations_save
 * gives what is saved with it, destinations_tidy comes behind. ERR_IO: what was parked could not be
 * synced (durability: power); the cursor must not pass its records. */
enum err destinations_cover(struct destinations *d) ERR_MUST_CHECK;
void destinations_save(const struct destinations *d, struct destinations_saved *ret_saved);
void destinations_tidy(struct destinations *d);

/* destinations_cancelled: all requests were dropped (http_cancel_all), and the batch is given up:
 * what of it was parked is taken back. */
void destinations_cancelled(struct destinations *d);

struct destinations_figures {
    struct store_figures store; /* the default's, with the attempts and errors of all */
    uint64_t parked;            /* points that wait, as far as they are covered */
    uint64_t parked_bytes;
    char trouble[1200]; /* the name and the trouble of a further destination, "" for none */
};
void destinations_figures(const struct destinations *d, struct destinations_figures *ret_figures);
uint64_t destinations_parked(const struct destinations *d);
struct store_latency destinations_take_latency(struct destinations *d);

#endif
