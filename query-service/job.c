#include "query-service/job.h"

#include <stdlib.h>

#include "base/crc32c.h"

void jobs_begin(struct jobs *jobs)
{
    *jobs = (struct jobs){.end = &jobs->first};
}

void jobs_append(struct jobs *jobs, struct job *job)
{
    job->in = jobs;
    job->next = NULL;
    job->link = jobs->end;
    *jobs->end = job;
    jobs->end = &job->next;
    jobs->count++;
}

void jobs_take_out(struct job *job)
{
    if (!job->in)
        return;
    *job->link = job->next;
    *(job->next ? &job->next->link : &job->in->end) = job->link;
    job->in->count--;
    job->in = NULL;
}

struct job *job_new(const struct endpoint *endpoint, const struct endpoint_world *world,
                    struct rpc_request *message)
{
    struct job *job = calloc(1, sizeof *job);
    if (job)
        job->document = value_document_new();
    if (!job || !job->document) {
        free(job);
        rpc_request_free(message);
        return NULL;
    }
    job->endpoint = endpoint;
    job->message = message;
    job->bytes = message ? rpc_request_bytes(message) : 0;
    job->question.world = world;
    job->question.request = &job->request;
    job->question.now_ns = clock_real_ns(&world->clock);
    return job;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    while (job->askers)
        job_drop_asker(job, &job->askers);
    for (unsigned i = 0; i < job->stages_count; i++)
        gather_results_free(job->stages[i]);
    value_document_free(job->document);
    rpc_request_free(job->message);
    buf_free(&job->key);
    free(job);
}

enum err job_read(struct job *job, struct value root, struct err_reason *why)
{
    const struct endpoint *endpoint = job->endpoint;
    struct request *request = &job->request;
    struct question *question = &job->question;
    enum err e = request_decode(endpoint->request, root, request, why);
    if (e == ERR_OK && request->transaction.len > ASKER_TRANSACTION_BYTES)
        e = err_explain(why, ERR_INVALID, "transaction: at most %d bytes", ASKER_TRANSACTION_BYTES);
    if (e == ERR_OK && endpoint->period) {
        struct text period = request->period.len ? request->period : text_of(endpoint->period);
        e = period_make(period, request->window, request->end_ns, question->now_ns,
                        &question->period, why);
    }
    if (e == ERR_OK && endpoint->check)
        e = endpoint->check(question, why);
    return e;
}

static enum job_source source_for(const struct job *job, const struct asker *asker,
                                  const struct settings_stats *flags)
{
    if (!job->endpoint->write_figures)
        return JOB_STORE;
    if (job->request.compare)
        return JOB_BOTH;
    if (!flags->use_influxdb || !job->question.world->settings->influxdb.enabled)
        return JOB_LIVE;
    /* A share of the askers, and always the same ones. */
    if (asker->named_topic &&
        crc32c(0, asker->topic, strlen(asker->topic)) % 100 >= flags->rollout_percent)
        return JOB_LIVE;
    return JOB_STORE;
}

enum err job_set_source(struct job *job, const struct asker *asker,
                        const struct settings_stats *flags)
{
    job->source = source_for(job, asker, flags);
    buf_reset(&job->key);
    buf_printf(&job->key, "%s %d ", job->endpoint->name, (int)job->source);
    request_key(job->endpoint->request, &job->request, &job->key);
    return job->key.failed ? ERR_NOMEM : ERR_OK; /* two that failed would look equal */
}

void job_add_asker(struct job *job, struct asker *asker)
{
    asker->next = job->askers;
    job->askers = asker;
    job->askers_count++;
    job->bytes += asker->size;
}

void job_drop_asker(struct job *job, struct asker **place)
{
    struct asker *asker = *place;
    *place = asker->next;
    job->askers_count--;
    job->bytes -= asker->size;
    free(asker);
}

int64_t job_ttl_ms(const struct job *job, uint32_t cache_ttl_s)
{
    uint32_t ttl_s = job->endpoint->ttl_s < cache_ttl_s ? job->endpoint->ttl_s : cache_ttl_s;
    int64_t ttl_ms = (int64_t)ttl_s * 1000;
    const struct period *period = &job->question.period;
    if (!job->endpoint->period || job->request.end_ns != 0 || period->window_ns <= 0)
        return ttl_ms;
    int64_t left_ms =
        (period->window_ns - job->question.now_ns % period->window_ns) / CLOCK_NS_PER_MS;
    return left_ms < ttl_ms ? left_ms : ttl_ms;
}
