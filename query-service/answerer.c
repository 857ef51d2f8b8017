#include <stdlib.h>

#include "query-service/answerer_parts.h"
#include "schemas/topics.h"

static const char stopping_words[] = "the query service is stopping; ask again when it is back";

static const char busy_words[] =
    "too much is asked at once (query.requests_max); ask again in a moment";

/* --- taking a request ------------------------------------------------------- */

/* Until when InfluxDB may be waited for. */
static int64_t store_deadline_ms(const struct asker *asker)
{
    return asker->arrived_ms +
           (asker->deadline_ms - asker->arrived_ms) * ANSWER_STORE_PERCENT / 100;
}

/* An equal job that will be done with InfluxDB no later than one of the asker's own. */
static struct job *equal_job(struct answerer *a, const struct job *like)
{
    const struct jobs *lists[] = {&a->active, &a->waiting};
    for (int i = 0; i < 2; i++)
        for (struct job *job = lists[i]->first; job; job = job->next)
            if (job->store_deadline_ms <= like->store_deadline_ms &&
                text_equal(buf_view(&job->key), buf_view(&like->key)))
                return job;
    return NULL;
}

static bool from_cache(struct answerer *a, struct job *job, const struct asker *asker)
{
    struct cache_entry entry;
    if (job->request.fresh || job->source == JOB_LIVE || job->endpoint->ttl_s == 0)
        return false;
    bool hit = cache_get(a->cache, buf_view(&job->key), answerer_now_ms(a), &entry);
    query_metrics_cache(a->o.metrics, hit);
    if (!hit)
        return false;
    const struct asker_envelope envelope = {entry.made_ns, true,
                                            (double)(answerer_now_ms(a) - entry.made_ms) / 1000};
    answerer_reply(a, job->endpoint, asker, &envelope, entry.body);
    return true;
}

/* The request was read: from the cache, with an equal one, or as a job of its own. Takes both. */
static void answer_job(struct answerer *a, struct job *job, struct asker *asker)
{
    job->answerer = a;
    job->store_deadline_ms = store_deadline_ms(asker);
    enum err e = job_set_source(job, asker, a->o.flags);
    if (e != ERR_OK)
        answerer_refuse(a, job->endpoint, asker, REQUEST_UNAVAILABLE, err_text(e));
    if (e != ERR_OK || from_cache(a, job, asker)) {
        free(asker);
        job_free(job);
        return;
    }
    struct job *equal = equal_job(a, job);
    if (equal) {
        answerer_add_asker(a, equal, asker);
        job_free(job);
        return;
    }
    a->bytes += job->bytes;
    answerer_add_asker(a, job, asker);
    answerer_begin(a, job);
}

static bool is_busy(const struct answerer *a, const struct job *job, const struct asker *asker)
{
    return a->pending >= a->o.world->settings->query.requests_max ||
           a->bytes + job->bytes + asker->size > ANSWER_BYTES_MAX;
}

static const char *no_endpoint(struct text name, struct err_reason *why)
{
    const char *nearest = endpoint_nearest(name);
    (void)err_explain(why, ERR_NOT_FOUND,
                      "there is no endpoint \"%.*s\"; the nearest is \"%s\", and \"endpoints\" "
                      "lists all",
                      (int)(name.len > 100 ? 100 : name.len), name.at, nearest ? nearest : "stats");
    return why->text;
}

/* What can be said without a look at what is asked, NULL when there is nothing. */
static const char *refuse_early(const struct answerer *a, const struct job *job, struct text name,
                                enum request_outcome *ret_outcome, struct err_reason *why)
{
    *ret_outcome = REQUEST_UNAVAILABLE;
    if (a->stopping)
        return stopping_words;
    *ret_outcome = REQUEST_UNKNOWN_ENDPOINT;
    if (!job->endpoint)
        return no_endpoint(name, why);
    *ret_outcome = REQUEST_BUSY;
    if (job->message->overflow)
        return busy_words;
    *ret_outcome = REQUEST_BAD;
    if (job->message->payload.len > ANSWER_PAYLOAD_MAX)
        return "a request of more than 256 KiB";
    if (job->message->correlation.len > ASKER_CORRELATION_BYTES)
        return "Correlation Data of more than 1,024 bytes";
    return NULL;
}

/* The payload's value, and who asked. An empty payload asks with all defaults; one beyond the bound
 * is not even looked at, and will be refused. */
static enum err read_payload(struct answerer *a, struct job *job, struct value *ret_root,
                             struct asker **ret_asker, enum err *ret_parsed, struct err_reason *why)
{
    struct text payload = job->message->payload;
    struct value root = {NULL};
    if (payload.len == 0 || payload.len > ANSWER_PAYLOAD_MAX)
        payload = TEXT("{}");
    struct err_reason broken = {""};
    *ret_parsed = value_parse(job->document, value_encoding_of(job->message->content_type, payload),
                              payload, &root, &broken);
    enum err e = asker_make(a->o.world->settings->topic_root, job->message, root, ret_asker, why);
    if (e == ERR_OK && *ret_parsed != ERR_OK)
        *why = broken;
    *ret_root = root;
    return e;
}

static void no_address(struct answerer *a, const struct endpoint *endpoint, enum err e,
                       const char *words)
{
    log_event(a->o.log, LOG_WARNING, "request_without_address", "endpoint=%s reason=\"%s\"",
              endpoint ? endpoint->name : "unknown", words[0] ? words : err_text(e));
    query_metrics_request(a->o.metrics, endpoint ? endpoint->name : query_endpoint_unknown,
                          REQUEST_NO_ADDRESS, 0);
}

/* Takes the job. */
static void take_job(struct answerer *a, struct job *job, struct text name)
{
    struct asker *asker = NULL;
    struct value root;
    struct err_reason why = {""};
    enum err parsed;
    const struct endpoint *endpoint = job->endpoint;
    enum err e = read_payload(a, job, &root, &asker, &parsed, &why);
    if (e != ERR_OK) {
        no_address(a, endpoint, e, why.text);
        job_free(job);
        return;
    }
    enum request_outcome outcome;
    const char *refusal = NULL;
    if (asker->deadline_ms <= answerer_now_ms(a)) {
        answerer_count(a, endpoint, asker, REQUEST_EXPIRED);
    } else if ((refusal = refuse_early(a, job, name, &outcome, &why)) != NULL) {
        answerer_refuse(a, endpoint, asker, outcome, refusal);
    } else if (parsed != ERR_OK || (e = job_read(job, root, &why)) != ERR_OK) {
        e = parsed != ERR_OK ? parsed : e;
        answerer_refuse(a, endpoint, asker, answerer_outcome(endpoint, e),
                        why.text[0] ? why.text : err_text(e));
    } else if (is_busy(a, job, asker)) { /* what is wrong shall not be asked again */
        answerer_refuse(a, endpoint, asker, REQUEST_BUSY, busy_words);
    } else {
        answer_job(a, job, asker);
        return;
    }
    free(asker);
    job_free(job);
}

void answerer_take(struct answerer *a, struct rpc_request *request)
{
    struct topic topic = topic_parse(a->o.world->settings->topic_root, request->topic);
    if (topic.kind != TOPIC_REQUEST) {
        rpc_request_free(request);
        return;
    }
    struct job *job = job_new(endpoint_find(topic.name), a->o.world, request);
    if (!job) {
        log_event(a->o.log, LOG_ERROR, "request_lost", "reason=\"out of memory\"");
        return;
    }
    take_job(a, job, topic.name);
}

void answerer_ask_standing(struct answerer *a, const char *endpoint, const char *request,
                           const char *topic)
{
    struct asker *asker = NULL;
    struct value root;
    struct err_reason why = {""};
    const struct endpoint *row = endpoint_find(text_of(endpoint));
    struct job *job = row ? job_new(row, a->o.world, NULL) : NULL;
    enum err e = job ? asker_make_standing(topic, answerer_now_ms(a), &asker) : ERR_NOMEM;
    if (e == ERR_OK)
        e = value_parse(job->document, VALUE_JSON, text_of(request), &root, &why);
    if (e == ERR_OK)
        e = job_read(job, root, &why);
    if (e == ERR_OK) {
        answer_job(a, job, asker);
        return;
    }
    if (asker)
        answerer_refuse(a, row, asker, answerer_outcome(row, e),
                        why.text[0] ? why.text : err_text(e));
    free(asker);
    job_free(job);
}

/* --- time ------------------------------------------------------------------- */

/* Tells those of a job whose deadline has come; its question goes on, its answer may be cached. */
static void time_out(struct answerer *a, struct job *job, int64_t now, int64_t *nearest_ms)
{
    for (struct asker **at = &job->askers; *at;) {
        struct asker *asker = *at;
        if (asker->deadline_ms > now) {
            if (asker->deadline_ms < *nearest_ms)
                *nearest_ms = asker->deadline_ms;
            at = &asker->next;
            continue;
        }
        answerer_refuse(a, job->endpoint, asker, REQUEST_TIMEOUT,
                        "InfluxDB did not answer before the request's deadline");
        answerer_drop_asker(a, job, at);
    }
}

/* What waits to be asked, and whose time with InfluxDB is over, is answered without it. */
static void give_up_waiting(struct answerer *a, int64_t now)
{
    for (struct job *job = a->waiting.first, *next; job; job = next) {
        next = job->next;
        if (job->store_deadline_ms > now)
            continue;
        jobs_take_out(job);
        answerer_without_store(a, job, REQUEST_TIMEOUT,
                               "InfluxDB had too much to answer before this");
    }
}

uint32_t answerer_turn(struct answerer *a)
{
    int64_t now = answerer_now_ms(a), nearest_ms = now + 1000;
    give_up_waiting(a, now);
    for (struct job *job = a->waiting.first; job; job = job->next) {
        time_out(a, job, now, &nearest_ms);
        if (job->store_deadline_ms < nearest_ms)
            nearest_ms = job->store_deadline_ms;
    }
    for (struct job *job = a->active.first; job; job = job->next)
        time_out(a, job, now, &nearest_ms);
    return nearest_ms > now ? (uint32_t)(nearest_ms - now) : 0;
}

/* --- the rest --------------------------------------------------------------- */

enum err answerer_open(const struct answerer_options *options, struct answerer **ret_answerer)
{
    struct answerer *a = calloc(1, sizeof *a);
    if (!a)
        return ERR_NOMEM;
    a->o = *options;
    jobs_begin(&a->waiting);
    jobs_begin(&a->active);
    a->cache = cache_new((size_t)options->world->settings->query.cache_bytes);
    if (!a->cache) {
        free(a);
        return ERR_NOMEM;
    }
    *ret_answerer = a;
    return ERR_OK;
}

bool answerer_idle(const struct answerer *a)
{
    return !a->waiting.first && !a->active.first;
}

unsigned answerer_pending(const struct answerer *a)
{
    return a->pending;
}

void answerer_cache_size(const struct answerer *a, size_t *ret_entries, size_t *ret_bytes)
{
    cache_size(a->cache, ret_entries, ret_bytes);
}

void answerer_stop(struct answerer *a)
{
    a->stopping = true;
}

static void tell_all(struct answerer *a, struct job *job)
{
    while (job->askers) {
        answerer_refuse(a, job->endpoint, job->askers, REQUEST_UNAVAILABLE, stopping_words);
        answerer_drop_asker(a, job, &job->askers);
    }
}

void answerer_dismiss(struct answerer *a)
{
    for (struct job *job = a->active.first; job; job = job->next)
        tell_all(a, job); /* the gatherer still has it */
    while (a->waiting.first) {
        tell_all(a, a->waiting.first);
        answerer_end(a, a->waiting.first);
    }
}

void answerer_close(struct answerer *a)
{
    if (!a)
        return;
    while (a->waiting.first)
        answerer_end(a, a->waiting.first);
    while (a->active.first)
        answerer_end(a, a->active.first);
    cache_free(a->cache);
    figures_free(&a->stored);
    figures_free(&a->live);
    buf_free(&a->members);
    buf_free(&a->payload);
    free(a);
}
