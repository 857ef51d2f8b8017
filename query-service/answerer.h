/* The one place that answers: it takes a request, finds its endpoint, and sees to it that exactly
 * one answer goes out by the asker's deadline, from the right source and no more often asked than
 * needed.
 *
 *   source     figures come from InfluxDB, or, when it does not answer within its share of the
 *              deadline or is known to be away, from what the services said on the bus; the answer
 *              says which. What only InfluxDB has is answered `unavailable` then.
 *   deadline   Message Expiry, else 5 s, at most 30. InfluxDB gets ANSWER_STORE_PERCENT of it. A
 *              request that expired before it was looked at is dropped.
 *   cache      answers from InfluxDB are given again until they expire (job_ttl_ms); those
 *              from the services cost nothing and are made each time
 *   equal      requests that are equal while the first is under way wait for its answer, unless
 *              their time for InfluxDB ends before the first one's
 *   bounds     `query.requests_max` requests and ANSWER_BYTES_MAX of what is kept for them at a
 *              time, `busy` beyond; a payload of more than ANSWER_PAYLOAD_MAX, which would need
 *              many times its size in being read, is refused unread; ANSWER_ACTIVE questions at
 *              InfluxDB at a time, the others wait their turn within their deadlines
 *
 * Owned by the loop; `send` must not call back. */
#ifndef QUERY_ANSWERER_H
#define QUERY_ANSWERER_H

#include "base/log.h"
#include "query-service/asker.h"
#include "query-service/endpoints/endpoint.h"
#include "query-service/query_metrics.h"

#define ANSWER_STORE_PERCENT 70
#define ANSWER_ACTIVE        8
#define ANSWER_BYTES_MAX     (4u << 20)
#define ANSWER_PAYLOAD_MAX   (256u << 10)

struct answerer;

struct answerer_options {
    const struct endpoint_world *world; /* looked at anew for each request */
    const struct settings_stats *flags; /* likewise */
    struct gatherer *gatherer;
    struct query_metrics *metrics;
    struct log *log;
    void *context;
    /* Sends an answer; the payload lives as long as the call. */
    void (*send)(void *context, const struct asker *asker, struct text payload);
    /* A question to InfluxDB was not answered: it may be away. */
    void (*store_failed)(void *context, enum err outcome, const char *words);
};

enum err answerer_open(const struct answerer_options *options,
                       struct answerer **ret_answerer) ERR_MUST_CHECK;

/* answerer_take answers a request, now or later; takes it over. */
void answerer_take(struct answerer *answerer, struct rpc_request *request);

/* answerer_ask_standing asks a question of the configuration: `request` is its JSON text, the
 * answer goes to `topic`; both texts must live as long as the answerer. */
void answerer_ask_standing(struct answerer *answerer, const char *endpoint, const char *request,
                           const char *topic);

/* answerer_turn answers those whose deadline has come, and returns in how many ms it wants to be
 * called again at the latest. */
uint32_t answerer_turn(struct answerer *answerer);

/* answerer_idle: no job is alive, also none whose askers have all been told. */
bool answerer_idle(const struct answerer *answerer);
unsigned answerer_pending(const struct answerer *answerer);
void answerer_cache_size(const struct answerer *answerer, size_t *ret_entries, size_t *ret_bytes);

/* answerer_stop refuses what comes from now on, and answerer_dismiss tells all that still wait:
 * `unavailable`. */
void answerer_stop(struct answerer *answerer);
void answerer_dismiss(struct answerer *answerer);

/* answerer_close: nothing may be under way at the gatherer any more. NULL accepted. */
void answerer_close(struct answerer *answerer);

#endif
