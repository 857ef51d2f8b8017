/* What answerer.c and its other halves (answerer_reply.c, answerer_source.c) share. Not for others.
 */
#ifndef QUERY_ANSWERER_PARTS_H
#define QUERY_ANSWERER_PARTS_H

#include "query-service/answerer.h"
#include "query-service/cache.h"
#include "query-service/job.h"

struct answerer {
    struct answerer_options o;
    struct cache *cache;
    struct jobs waiting, active; /* not asked yet; at InfluxDB */
    unsigned pending;            /* askers */
    size_t bytes;                /* that all jobs keep */
    bool stopping;
    struct figures stored, live; /* filled for one answer at a time */
    struct buf members, payload; /* likewise; an answer's members are written to the first */
};

static inline int64_t answerer_now_ms(const struct answerer *a)
{
    return clock_monotonic_ms(&a->o.world->clock);
}

/* --- answerer_reply.c: what one asker, or all of a job, are told ------------- */

/* `endpoint` is NULL for an unknown one. */
void answerer_count(struct answerer *a, const struct endpoint *endpoint, const struct asker *asker,
                    enum request_outcome outcome);
void answerer_refuse(struct answerer *a, const struct endpoint *endpoint, const struct asker *asker,
                     enum request_outcome outcome, const char *message);
void answerer_reply(struct answerer *a, const struct endpoint *endpoint, const struct asker *asker,
                    const struct asker_envelope *envelope, struct text members);

/* answerer_outcome gives what an endpoint's or a request's failure is called on the bus. */
enum request_outcome answerer_outcome(const struct endpoint *endpoint, enum err e);

/* These end a job: with what stands in `members`, which is kept for later askers if `keep`, or with
 * an error. */
void answerer_finish(struct answerer *a, struct job *job, bool keep);
void answerer_fail(struct answerer *a, struct job *job, enum request_outcome outcome,
                   const char *message);
void answerer_end(struct answerer *a, struct job *job); /* nobody is told */

/* answerer_add_asker takes the asker over; answerer_drop_asker frees the one at `place`. */
void answerer_add_asker(struct answerer *a, struct job *job, struct asker *asker);
void answerer_drop_asker(struct answerer *a, struct job *job, struct asker **place);

/* --- answerer_source.c: where an answer comes from --------------------------- */

/* answerer_begin answers a job at once, or lets it wait for its turn at InfluxDB. */
void answerer_begin(struct answerer *a, struct job *job);
void answerer_start_waiting(struct answerer *a);

/* answerer_without_store ends a job that is in no list without InfluxDB: from the services where
 * they can tell, else with the outcome and the words. */
void answerer_without_store(struct answerer *a, struct job *job, enum request_outcome outcome,
                            const char *words);

#endif
