/* From the journal to InfluxDB: reads behind the cursor, folds, batches, posts, and moves the
 * cursor when InfluxDB has the points. An outage is the same path with a cursor that lags.
 *
 * One batch is under way while the next is filled. What a write came to (influx/dialect.h) decides:
 * stored moves on; retry waits with capped full jitter (or as Retry-After says) and sends the same
 * bytes again, for ever; a 5xx that may be a poison line is tried five times and then split; a
 * fault (credentials, missing database) waits 10 s and is said loudly; split halves until the bad
 * line stands alone; rejected gives up that one line. Everything here belongs to the loop's thread.
 */
#ifndef WRITER_DELIVERY_H
#define WRITER_DELIVERY_H

#include "base/log.h"
#include "base/metrics.h"
#include "influx/write.h"
#include "writer/ledger.h"

#define DELIVERY_RETRY_CAP_MS 10000u

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
     * refused line when it was the server. */
    void (*rejected)(void *context, const struct fold_reject *reject, struct text line);
    /* Test only: the process ends itself at this point, see delivery_die_at. NULL: never. */
    const char *die_at;
};

/* delivery_open loads the saved state and folds the records up to the cursor again. */
enum err delivery_open(const struct delivery_options *options, struct delivery **ret_delivery,
                       struct err_reason *why) ERR_MUST_CHECK;

/* delivery_turn does what can be done now, for a few milliseconds at most, and returns in how many
 * ms it wants to be called again; 0: at once. Replies arrive through http_wait in between. */
uint32_t delivery_turn(struct delivery *delivery);

/* delivery_stop: read no more; what is decoded goes out. delivery_idle: nothing is under way or
 * waiting to go out. */
void delivery_stop(struct delivery *delivery);
bool delivery_idle(const struct delivery *delivery);

/* delivery_drop_oldest gives up the oldest undelivered records until half the bound is free. */
void delivery_drop_oldest(struct delivery *delivery);

/* delivery_may_sleep is asked before the loop waits: false when there is a record to read now. When
 * the delivery has nothing under way it asks the journal to wake the loop at the next append; while
 * a batch fills it does not, because its deadline is near anyway and a wake-up a message costs more
 * than the message. */
bool delivery_may_sleep(struct delivery *delivery);

struct delivery_figures {
    struct ledger ledger;
    struct fold_counts counts;
    uint64_t write_attempts, write_errors; /* requests since start */
    uint64_t messages_done;                /* messages delivered since start */
    uint64_t lines_done;
    double processing_sum_s; /* from arrival to stored, summed over messages_done */
    uint64_t cursor_number;
    const char *server_version;
    bool server_up;     /* the last request was answered as it should be */
    char trouble[1024]; /* why not, "" when all is well */
    int64_t trouble_since_ns;
};
void delivery_figures(const struct delivery *delivery, struct delivery_figures *ret_figures);

/* The write latencies of the interval since the last call: cumulative counts by the bounds below,
 * and the mean and maximum. */
#define DELIVERY_LATENCY_BOUNDS 11
extern const double delivery_latency_bounds_ms[DELIVERY_LATENCY_BOUNDS];
struct delivery_latency {
    uint64_t count, at_most[DELIVERY_LATENCY_BOUNDS];
    double sum_ms, max_ms;
};
struct delivery_latency delivery_take_latency(struct delivery *delivery);

/* delivery_close saves the state when it stands at the cursor, and frees. */
void delivery_close(struct delivery *delivery);

#endif
