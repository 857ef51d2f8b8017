#include "query-service/answerer_parts.h"

void answerer_count(struct answerer *a, const struct endpoint *endpoint, const struct asker *asker,
                    enum request_outcome outcome)
{
    query_metrics_request(a->o.metrics, endpoint ? endpoint->name : query_endpoint_unknown, outcome,
                          (double)(answerer_now_ms(a) - asker->arrived_ms) / 1000);
}

void answerer_refuse(struct answerer *a, const struct endpoint *endpoint, const struct asker *asker,
                     enum request_outcome outcome, const char *message)
{
    buf_reset(&a->payload);
    enum err e = asker_error(asker, clock_real_ns(&a->o.world->clock), query_metrics_code(outcome),
                             message, &a->payload);
    if (e == ERR_OK)
        a->o.send(a->o.context, asker, buf_view(&a->payload));
    else
        log_event(a->o.log, LOG_ERROR, "answer_lost", "reason=\"%s\"", err_text(e));
    answerer_count(a, endpoint, asker, outcome);
}

void answerer_reply(struct answerer *a, const struct endpoint *endpoint, const struct asker *asker,
                    const struct asker_envelope *envelope, struct text members)
{
    buf_reset(&a->payload);
    enum err e = asker_answer(asker, envelope, members, &a->payload);
    if (e != ERR_OK) {
        answerer_refuse(a, endpoint, asker, REQUEST_UNAVAILABLE, err_text(e));
        return;
    }
    a->o.send(a->o.context, asker, buf_view(&a->payload));
    answerer_count(a, endpoint, asker, REQUEST_OK);
}

enum request_outcome answerer_outcome(const struct endpoint *endpoint, enum err e)
{
    switch (e) {
    case ERR_INVALID:
    case ERR_TOO_LARGE:
        return REQUEST_BAD;
    case ERR_NOT_FOUND:
        return endpoint->write_figures ? REQUEST_UNKNOWN_SERVICE : REQUEST_BAD;
    case ERR_TIMEOUT:
        return REQUEST_TIMEOUT;
    default:
        return REQUEST_UNAVAILABLE;
    }
}

void answerer_add_asker(struct answerer *a, struct job *job, struct asker *asker)
{
    job_add_asker(job, asker);
    a->pending++;
    a->bytes += asker->size;
}

void answerer_drop_asker(struct answerer *a, struct job *job, struct asker **place)
{
    a->pending--;
    a->bytes -= (*place)->size;
    job_drop_asker(job, place);
}

void answerer_end(struct answerer *a, struct job *job)
{
    jobs_take_out(job);
    a->pending -= job->askers_count;
    a->bytes -= job->bytes;
    job_free(job);
}

void answerer_fail(struct answerer *a, struct job *job, enum request_outcome outcome,
                   const char *message)
{
    for (struct asker *asker = job->askers; asker; asker = asker->next)
        answerer_refuse(a, job->endpoint, asker, outcome, message);
    answerer_end(a, job);
}

void answerer_finish(struct answerer *a, struct job *job, bool keep)
{
    if (a->members.failed) {
        answerer_fail(a, job, REQUEST_UNAVAILABLE, err_text(ERR_NOMEM));
        return;
    }
    const struct asker_envelope envelope = {job->question.now_ns, false, 0};
    for (struct asker *asker = job->askers; asker; asker = asker->next)
        answerer_reply(a, job->endpoint, asker, &envelope, buf_view(&a->members));
    int64_t ttl_ms = job_ttl_ms(job, a->o.world->settings->query.cache_ttl_s);
    if (keep && ttl_ms > 0) {
        const struct cache_entry entry = {buf_view(&a->members), job->question.now_ns,
                                          answerer_now_ms(a)};
        cache_put(a->cache, buf_view(&job->key), &entry, entry.made_ms + ttl_ms);
    }
    answerer_end(a, job);
}
