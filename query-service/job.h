/* One question as it is being answered, and all who asked it: several equal requests are one job.
 * A job owns the message it was made of, whose texts its request points into. */
#ifndef QUERY_JOB_H
#define QUERY_JOB_H

#include "bus/rpc_inbox.h"
#include "query-service/asker.h"
#include "query-service/endpoints/endpoint.h"

/* Where the figures of an answer are to come from. */
enum job_source {
    JOB_STORE, /* InfluxDB; the services when it does not answer */
    JOB_LIVE,  /* the services, as the flags say */
    JOB_BOTH,  /* "compare": true */
};

struct answerer;

struct job {
    struct job *next, **link; /* in the list it is in: waiting or under way */
    struct answerer *answerer;
    const struct endpoint *endpoint;
    struct rpc_request *message; /* NULL for a standing question */
    struct value_document *document;
    struct request request;
    struct question question;
    enum job_source source;
    struct buf key;
    struct asker *askers;
    unsigned askers_count;
    size_t bytes;              /* of the message */
    int64_t store_deadline_ms; /* until when InfluxDB is waited for */
    struct gather_results *stages[ENDPOINT_STAGES];
    unsigned stages_count;
};

/* job_new makes a job around a message (taken) or, with `message` NULL, around `payload`, which
 * must outlive it. NULL when out of memory: the message is freed then. */
struct job *job_new(const struct endpoint *endpoint, const struct endpoint_world *world,
                    struct rpc_request *message);
void job_free(struct job *job); /* with its askers; NULL accepted */

/* job_read decodes the payload's `root` and checks it: ERR_INVALID, ERR_NOT_FOUND with words. */
enum err job_read(struct job *job, struct value root, struct err_reason *why) ERR_MUST_CHECK;

/* job_set_source chooses the source for the asker's request, and with it makes the key. */
void job_set_source(struct job *job, const struct asker *asker, const struct settings_stats *flags);

/* Until when the answer may be given again, counted from now in ms; 0: not at all. It ends with the
 * window of the period that is open now. */
int64_t job_ttl_ms(const struct job *job, uint32_t cache_ttl_s);

#endif
