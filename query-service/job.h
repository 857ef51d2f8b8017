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
struct job;

/* Jobs in the order they were appended. Made with jobs_begin; must not move. */
struct jobs {
    struct job *first, **end;
    unsigned count;
};

struct job {
    struct jobs *in; /* the list it is in, NULL for none */
    struct job *next, **link;
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
    size_t bytes;              /* of the message, and of the askers */
    int64_t store_deadline_ms; /* until when InfluxDB is waited for */
    struct gather_results *stages[ENDPOINT_STAGES];
    unsigned stages_count;
};

void jobs_begin(struct jobs *jobs);
void jobs_append(struct jobs *jobs, struct job *job); /* which is in none */
void jobs_take_out(struct job *job);                  /* of the list it is in, if any */

/* job_new makes a job around a message (taken), or without one for a standing question. NULL when
 * out of memory: the message is freed then. */
struct job *job_new(const struct endpoint *endpoint, const struct endpoint_world *world,
                    struct rpc_request *message);
void job_free(struct job *job); /* with its askers; NULL accepted */

/* job_read decodes the payload's `root` and checks it: ERR_INVALID, ERR_NOT_FOUND with words. */
enum err job_read(struct job *job, struct value root, struct err_reason *why) ERR_MUST_CHECK;

/* job_set_source chooses the source for the asker's request, and with it makes the key. ERR_NOMEM.
 */
enum err job_set_source(struct job *job, const struct asker *asker,
                        const struct settings_stats *flags) ERR_MUST_CHECK;

/* job_add_asker takes the asker over; job_drop_asker frees the one that `place` points to. */
void job_add_asker(struct job *job, struct asker *asker);
void job_drop_asker(struct job *job, struct asker **place);

/* Until when the answer may be given again, counted from now in ms; 0: not at all. It ends with the
 * window of the period that is open now. */
int64_t job_ttl_ms(const struct job *job, uint32_t cache_ttl_s);

#endif
