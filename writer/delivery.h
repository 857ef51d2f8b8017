/* From the journal to InfluxDB: reads behind the cursor, folds, batches, posts, and moves the
 * cursor when InfluxDB has the points. An outage is the same path with a cursor that lags. One
 * batch is under way while the next is filled. Everything here belongs to the loop's thread.
 *
 * The order that makes a crash harmless: points stored or parked (writer/destinations.h), then
 * cursor, outcomes and what is parked saved in one step, then the fold's state
 * (writer/checkpoint.h). */
#ifndef WRITER_DELIVERY_H
#define WRITER_DELIVERY_H

#include "base/log.h"
#include "base/metrics.h"
#include "writer/ledger.h"
#include "writer/store.h"

#define DELIVERY_EXIT_AGAIN 75 /* EX_TEMPFAIL: nothing is lost by starting again */

struct delivery;

struct delivery_options {
    const struct settings *settings;
    const struct sources *sources;
    struct journal *journal;
    struct http *http;
    struct log *log;
    struct metrics *metrics;
    struct clock clock;
    void *context;
    /* A message, element or line that is not stored: to the file and the topic. `line` is the
     * refused line when it was the server that refused. */
    void (*rejected)(void *context, const struct fold_reject *reject, struct text line);
    /* The cursor is about to pass what was rejected: it should be on disk now. May be NULL. */
    void (*settle)(void *context);
    /* For tests, else NULL: "POINT" or "POINT:N" ends the process with _exit(86) the Nth time that
     * the point is reached: posted (points stored, cursor not yet), cursor (cursor saved, state not
     * yet), state, window (a tick was folded that closed a rollup window), parked (lines are on
     * disk, cursor not yet). */
    const char *die_at;
};

/* delivery_open loads the saved state and folds the records up to the cursor again. */
enum err delivery_open(const struct delivery_options *options, struct delivery **ret_delivery,
                       struct err_reason *why) ERR_MUST_CHECK;

/* delivery_turn does what can be done now, for a few milliseconds at most, and returns in how many
 * ms it wants to be called again; 0: at once. Replies arrive through http_wait in between. */
uint32_t delivery_turn(struct delivery *delivery);

/* delivery_may_sleep is asked before the loop waits: false when there is a record to read now. When
 * the delivery has nothing under way it asks the journal to wake the loop at the next append; while
 * a batch fills it does not, because its deadline is near anyway and a wake-up a message costs more
 * than the message. */
bool delivery_may_sleep(struct delivery *delivery);

/* delivery_stop: read no more; what is decoded goes out. delivery_idle: nothing is under way or
 * waits to go out. */
void delivery_stop(struct delivery *delivery);
bool delivery_idle(const struct delivery *delivery);

/* delivery_use goes on after delivery_stop with other sources, when it is idle: the fold's memory
 * continues under them, as after a restart with them, and the state is saved as theirs. ERR_NOMEM:
 * nothing has changed. */
enum err delivery_use(struct delivery *delivery, const struct sources *sources) ERR_MUST_CHECK;

/* delivery_drop_oldest gives up the oldest undelivered records until half the bound is free. */
void delivery_drop_oldest(struct delivery *delivery);

struct delivery_figures {
    struct ledger ledger;
    struct fold_counts counts;
    struct store_figures store;
    const char *server_version;
    uint64_t messages_done; /* delivered since start */
    uint64_t lines_done;
    double processing_sum_s; /* from arrival to stored, summed over messages_done */
    uint64_t cursor_number;
    size_t field_types; /* how many are known */
    uint64_t series;    /* how many are counted */
    uint64_t parked;    /* points that wait for their destination, of the ledger's pending ones */
    uint64_t parked_bytes;
    char destination_trouble[1200]; /* "NAME: words" of one that cannot take its points, or "" */
};
void delivery_figures(const struct delivery *delivery, struct delivery_figures *ret_figures);
struct store_latency delivery_take_latency(struct delivery *delivery);

/* delivery_close saves the state when it stands at the cursor, and frees. */
void delivery_close(struct delivery *delivery);

#endif
