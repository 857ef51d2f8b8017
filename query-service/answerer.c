#include "query-service/answerer.h"

#include <stdio.h>
#include <stdlib.h>

#include "query-service/cache.h"
#include "query-service/endpoints/compare.h"
#include "query-service/job.h"
#include "schemas/topics.h"

struct answerer {
    struct answerer_options o;
    struct cache *cache;
    struct job *waiting, **waiting_end; /* not asked yet */
    struct job *active;                 /* at InfluxDB */
    unsigned active_count, pending;     /* pending: askers */
    size_t bytes;                       /* of all jobs' messages */
    bool stopping;
    struct figures stored, live; /* filled for one answer at a time */
    struct buf members, payload;
};

static int64_t now_ms(const struct answerer *a)
{
    return clock_monotonic_ms(&a->o.world->clock);
}

/* --- sending ---------------------------------------------------------------- */

static void count(struct answerer *a, const struct endpoint *endpoint, const struct asker *asker,
                  enum request_outcome outcome)
{
    query_metrics_request(a->o.metrics, endpoint ? endpoint->name : query_endpoint_unknown, outcome,
                          (double)(now_ms(a) - asker->arrived_ms) / 1000);
}

static void send_error(struct answerer *a, const struct endpoint *endpoint,
                       const struct asker *asker, enum request_outcome outcome, const char *message)
{
    buf_reset(&a->payload);
    enum err e = asker_error(asker, clock_real_ns(&a->o.world->clock), query_metrics_code(outcome),
                             message, &a->payload);
    if (e == ERR_OK)
        a->o.send(a->o.context, asker, buf_view(&a->payload));
    else
        log_event(a->o.log, LOG_ERROR, "answer_lost", "reason=\"%s\"", err_text(e));
    count(a, endpoint, asker, outcome);
}

static void send_answer(struct answerer *a, const struct endpoint *endpoint,
                        const struct asker *asker, const struct asker_envelope *envelope,
                        struct text members)
{
    buf_reset(&a->payload);
    enum err e = asker_answer(asker, envelope, members, &a->payload);
    if (e != ERR_OK) {
        send_error(a, endpoint, asker, REQUEST_UNAVAILABLE, err_text(e));
        return;
    }
    a->o.send(a->o.context, asker, buf_view(&a->payload));
    count(a, endpoint, asker, REQUEST_OK);
}

/* --- the end of a job ------------------------------------------------------- */

static void unlink_job(struct answerer *a, struct job *job)
{
    if (!job->link)
        return;
    *job->link = job->next;
    if (job->next)
        job->next->link = job->link;
    else if (a->waiting_end == &job->next)
        a->waiting_end = job->link;
    job->link = NULL;
}

static void end_job(struct answerer *a, struct job *job)
{
    unlink_job(a, job);
    a->pending -= job->askers_count;
    a->bytes -= job->bytes;
    job_free(job);
}

static enum request_outcome outcome_of(const struct endpoint *endpoint, enum err e)
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

static void fail_job(struct answerer *a, struct job *job, enum err e, const char *words)
{
    enum request_outcome outcome = outcome_of(job->endpoint, e);
    for (struct asker *asker = job->askers; asker; asker = asker->next)
        send_error(a, job->endpoint, asker, outcome, words[0] ? words : err_text(e));
    end_job(a, job);
}

/* Sends what stands in `members` to all who asked. */
static void finish_job(struct answerer *a, struct job *job, bool keep)
{
    if (a->members.failed) {
        fail_job(a, job, ERR_NOMEM, "");
        return;
    }
    const struct asker_envelope envelope = {job->question.now_ns, false, 0};
    for (struct asker *asker = job->askers; asker; asker = asker->next)
        send_answer(a, job->endpoint, asker, &envelope, buf_view(&a->members));
    int64_t ttl_ms = job_ttl_ms(job, a->o.world->settings->query.cache_ttl_s);
    if (keep && ttl_ms > 0) {
        const struct cache_entry entry = {buf_view(&a->members), job->question.now_ns, now_ms(a)};
        cache_put(a->cache, buf_view(&job->key), &entry, entry.made_ms + ttl_ms);
    }
    end_job(a, job);
}

/* --- figures ---------------------------------------------------------------- */

static enum err live_of(struct answerer *a, const struct job *job)
{
    return live_figures(a->o.world->live, &job->question.period, job->request.service,
                        job->question.now_ns, &a->live);
}

/* Answers from the services; `why_not` says why not from InfluxDB, NULL when that was chosen. */
static void answer_live(struct answerer *a, struct job *job, const char *why_not)
{
    if (job->request.service.len && !live_knows(a->o.world->live, job->request.service)) {
        fail_job(a, job, ERR_NOT_FOUND,
                 "service: nothing was heard of it on the bus, and InfluxDB was not asked");
        return;
    }
    enum err e = live_of(a, job);
    if (e != ERR_OK) {
        fail_job(a, job, e, "");
        return;
    }
    if (why_not) {
        figures_miss(&a->live, "source", "%s", why_not);
        query_metrics_fallback(a->o.metrics, job->endpoint->name);
    }
    buf_reset(&a->members);
    job->endpoint->write_figures(&job->question, &a->live, &a->members);
    finish_job(a, job, false);
}

static enum err stored_of(struct answerer *a, struct job *job, struct err_reason *why)
{
    const struct gather_results *results = job->stages[0];
    if (results->outcome != ERR_OK)
        return err_explain(why, results->outcome, "%s", results->at[results->failed].words);
    return stored_figures(results, 0, &job->question.period, job->request.service, a->o.world->live,
                          job->question.now_ns, &a->stored, why);
}

/* Both sources; when InfluxDB did not answer (`why_not`), its side is empty and says why. */
static void answer_both(struct answerer *a, struct job *job, const char *why_not)
{
    struct err_reason why = {""};
    enum err e = why_not ? ERR_IO : stored_of(a, job, &why);
    if (e != ERR_OK && e != ERR_NOT_FOUND) {
        e = figures_begin(&a->stored, FIGURES_INFLUXDB, &job->question.period,
                          job->request.service);
        figures_miss(&a->stored, "source", "%s", why_not ? why_not : why.text);
    }
    if (e == ERR_OK)
        e = live_of(a, job);
    if (e != ERR_OK) {
        fail_job(a, job, e, why.text);
        return;
    }
    buf_reset(&a->members);
    compare_write(&job->question, &a->stored, &a->live, &a->members);
    finish_job(a, job, false);
}

static void answer_figures(struct answerer *a, struct job *job)
{
    struct err_reason why = {""};
    if (job->source == JOB_BOTH) {
        answer_both(a, job, NULL);
        return;
    }
    enum err e = stored_of(a, job, &why);
    if (e == ERR_NOT_FOUND) {
        fail_job(a, job, e, why.text);
        return;
    }
    if (e != ERR_OK) {
        char words[192];
        snprintf(words, sizeof words, "InfluxDB: %.170s", why.text[0] ? why.text : err_text(e));
        answer_live(a, job, words);
        return;
    }
    buf_reset(&a->members);
    job->endpoint->write_figures(&job->question, &a->stored, &a->members);
    finish_job(a, job, true);
}

/* --- asking InfluxDB -------------------------------------------------------- */

static void start_waiting(struct answerer *a);
static void ask_store(struct answerer *a, struct job *job);

static const struct gather_results *const *stages_of(const struct job *job)
{
    return (const struct gather_results *const *)job->stages;
}

static void answer_stored(struct answerer *a, struct job *job)
{
    struct err_reason why = {""};
    buf_reset(&a->members);
    enum err e =
        job->endpoint->answer(&job->question, stages_of(job), job->stages_count, &a->members, &why);
    if (e != ERR_OK)
        fail_job(a, job, e, why.text);
    else
        finish_job(a, job, job->endpoint->plan != NULL);
}

static void gathered(void *context, struct gather_results *results)
{
    struct job *job = context;
    struct answerer *a = job->answerer;
    unlink_job(a, job);
    a->active_count--;
    job->stages[job->stages_count++] = results;
    if (results->outcome == ERR_IO || results->outcome == ERR_TIMEOUT)
        a->o.store_failed(a->o.context, results->outcome, results->at[results->failed].words);
    if (job->endpoint->write_figures)
        answer_figures(a, job);
    else if (results->outcome != ERR_OK)
        fail_job(a, job, results->outcome, results->at[results->failed].words);
    else
        ask_store(a, job);
    start_waiting(a);
}

/* The statements of the next stage; an empty plan means that all is there. */
static enum err plan_stage(struct job *job, struct gather_plan *plan, struct err_reason *why)
{
    if (job->endpoint->write_figures) {
        stored_plan(&job->question.period, job->request.service, job->endpoint->last, plan);
        return ERR_OK;
    }
    if (!job->endpoint->plan || job->stages_count == ENDPOINT_STAGES)
        return ERR_OK;
    return job->endpoint->plan(&job->question, job->stages_count, stages_of(job), plan, why);
}

static enum err start_gather(struct answerer *a, struct job *job, struct gather_plan *plan)
{
    int64_t left_ms = job->store_deadline_ms - now_ms(a);
    if (left_ms <= 0)
        return ERR_TIMEOUT;
    enum err e =
        gather_start(a->o.gatherer, job->endpoint->name, plan, (uint32_t)left_ms, job, gathered);
    if (e != ERR_OK)
        return e;
    unlink_job(a, job);
    job->next = a->active;
    job->link = &a->active;
    if (job->next)
        job->next->link = &job->next;
    a->active = job;
    a->active_count++;
    return ERR_OK;
}

static void store_did_not(struct answerer *a, struct job *job, enum err e, const char *words)
{
    if (job->endpoint->write_figures && job->source == JOB_BOTH)
        answer_both(a, job, words);
    else if (job->endpoint->write_figures)
        answer_live(a, job, words);
    else
        fail_job(a, job, e, words);
}

static void ask_store(struct answerer *a, struct job *job)
{
    struct gather_plan plan = {0};
    struct err_reason why = {""};
    enum err e = plan_stage(job, &plan, &why);
    if (e != ERR_OK) {
        fail_job(a, job, e, why.text);
    } else if (plan.count == 0 && !plan.failed) {
        answer_stored(a, job);
    } else {
        e = start_gather(a, job, &plan);
        if (e == ERR_TIMEOUT)
            store_did_not(a, job, e, "InfluxDB had no time left to answer");
        else if (e != ERR_OK)
            store_did_not(a, job, ERR_IO, "InfluxDB could not be asked");
    }
    gather_plan_free(&plan);
}

static void start_waiting(struct answerer *a)
{
    while (a->waiting && a->active_count < ANSWER_ACTIVE) {
        struct job *job = a->waiting;
        unlink_job(a, job);
        ask_store(a, job);
    }
}

/* --- taking a request ------------------------------------------------------- */

static void add_asker(struct answerer *a, struct job *job, struct asker *asker)
{
    asker->next = job->askers;
    job->askers = asker;
    job->askers_count++;
    a->pending++;
}

/* An equal job that will have asked InfluxDB early enough for this asker. */
static struct job *equal_job(struct answerer *a, const struct job *like, const struct asker *asker)
{
    for (int list = 0; list < 2; list++)
        for (struct job *job = list ? a->waiting : a->active; job; job = job->next)
            if (job->store_deadline_ms <= asker->deadline_ms &&
                text_equal(buf_view(&job->key), buf_view(&like->key)))
                return job;
    return NULL;
}

static bool from_cache(struct answerer *a, struct job *job, const struct asker *asker)
{
    struct cache_entry entry;
    if (job->request.fresh || job->source == JOB_LIVE || job->endpoint->ttl_s == 0)
        return false;
    bool hit = cache_get(a->cache, buf_view(&job->key), now_ms(a), &entry);
    query_metrics_cache(a->o.metrics, hit);
    if (!hit)
        return false;
    const struct asker_envelope envelope = {entry.made_ns, true,
                                            (double)(now_ms(a) - entry.made_ms) / 1000};
    send_answer(a, job->endpoint, asker, &envelope, entry.body);
    return true;
}

static bool store_is_away(const struct answerer *a)
{
    return !a->o.world->store.asked || !a->o.world->store.connected;
}

static void away_words(const struct answerer *a, char words[192])
{
    const struct endpoint_store *store = &a->o.world->store;
    if (!store->asked)
        snprintf(words, 192, "InfluxDB was not reached yet");
    else
        snprintf(words, 192, "InfluxDB is away: %.160s", store->words);
}

/* Puts the job where it is answered: at once, or when InfluxDB has been asked. */
static void begin_job(struct answerer *a, struct job *job, struct asker *asker)
{
    bool asks = job->endpoint->write_figures || job->endpoint->plan;
    char words[192];
    add_asker(a, job, asker);
    a->bytes += job->bytes;
    if (!asks || job->source == JOB_LIVE) {
        if (job->endpoint->write_figures)
            answer_live(a, job, NULL);
        else
            answer_stored(a, job);
        return;
    }
    if (store_is_away(a)) {
        away_words(a, words);
        store_did_not(a, job, ERR_IO, words);
        return;
    }
    job->store_deadline_ms =
        asker->arrived_ms + (asker->deadline_ms - asker->arrived_ms) * ANSWER_STORE_PERCENT / 100;
    job->link = a->waiting_end;
    *a->waiting_end = job;
    a->waiting_end = &job->next;
    start_waiting(a);
}

/* The request was read: from the cache, with an equal one, or as a job of its own. Takes both. */
static void answer_job(struct answerer *a, struct job *job, struct asker *asker)
{
    job->answerer = a;
    job_set_source(job, asker, a->o.flags);
    if (from_cache(a, job, asker)) {
        free(asker);
        job_free(job);
        return;
    }
    struct job *equal = equal_job(a, job, asker);
    if (equal) {
        add_asker(a, equal, asker);
        job_free(job);
        return;
    }
    begin_job(a, job, asker);
}

static bool is_busy(const struct answerer *a, const struct rpc_request *request)
{
    return request->overflow || a->pending >= a->o.world->settings->query.requests_max ||
           a->bytes + request->payload.len > ANSWER_BYTES_MAX;
}

/* What can be said before the payload is read, NULL when there is nothing. */
static const char *refuse_early(struct answerer *a, const struct endpoint *endpoint,
                                const struct rpc_request *request, struct text name,
                                enum request_outcome *ret_outcome, struct err_reason *why)
{
    if (a->stopping) {
        *ret_outcome = REQUEST_UNAVAILABLE;
        return "the query service is stopping; ask again when it is back";
    }
    if (!endpoint) {
        const char *nearest = endpoint_nearest(name);
        *ret_outcome = REQUEST_UNKNOWN_ENDPOINT;
        (void)err_explain(why, ERR_OK,
                          "there is no endpoint \"%.*s\"; the nearest is \"%s\", and "
                          "\"endpoints\" lists all",
                          (int)(name.len > 100 ? 100 : name.len), name.at,
                          nearest ? nearest : "stats");
        return why->text;
    }
    if (is_busy(a, request)) {
        *ret_outcome = REQUEST_BUSY;
        return "too many requests at once (query.requests_max); ask again in a moment";
    }
    if (request->payload.len > ANSWER_PAYLOAD_MAX) {
        *ret_outcome = REQUEST_BAD;
        return "a request of more than 1 MiB";
    }
    return NULL;
}

/* The payload's value, and who asked. An empty payload asks with all defaults. */
static enum err read_payload(struct answerer *a, struct job *job, struct value *ret_root,
                             struct asker **ret_asker, enum err *ret_parsed, struct err_reason *why)
{
    struct text payload = job->message->payload;
    struct value root = {NULL};
    if (payload.len == 0)
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
    enum request_outcome outcome = REQUEST_BAD;
    const char *refusal = NULL;
    if (asker->deadline_ms <= now_ms(a)) {
        count(a, endpoint, asker, REQUEST_EXPIRED);
    } else if ((refusal = refuse_early(a, endpoint, job->message, name, &outcome, &why)) != NULL) {
        send_error(a, endpoint, asker, outcome, refusal);
    } else if (parsed != ERR_OK || (e = job_read(job, root, &why)) != ERR_OK) {
        e = parsed != ERR_OK ? parsed : e;
        send_error(a, endpoint, asker, outcome_of(endpoint, e),
                   why.text[0] ? why.text : err_text(e));
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
    enum err e = job ? asker_make_standing(topic, now_ms(a), &asker) : ERR_NOMEM;
    if (e == ERR_OK)
        e = value_parse(job->document, VALUE_JSON, text_of(request), &root, &why);
    if (e == ERR_OK)
        e = job_read(job, root, &why);
    if (e == ERR_OK) {
        answer_job(a, job, asker);
        return;
    }
    if (asker)
        send_error(a, row, asker, outcome_of(row, e), why.text[0] ? why.text : err_text(e));
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
        send_error(a, job->endpoint, asker, REQUEST_TIMEOUT,
                   "InfluxDB did not answer before the request's deadline");
        *at = asker->next;
        free(asker);
        job->askers_count--;
        a->pending--;
    }
}

/* What waits to be asked, and whose time with InfluxDB is over, is answered without it. */
static void give_up_waiting(struct answerer *a, int64_t now)
{
    for (struct job *job = a->waiting, *next; job; job = next) {
        next = job->next;
        if (job->store_deadline_ms > now)
            continue;
        unlink_job(a, job);
        store_did_not(a, job, ERR_TIMEOUT, "InfluxDB had too much to answer before this");
    }
}

uint32_t answerer_turn(struct answerer *a)
{
    int64_t now = now_ms(a), nearest_ms = now + 1000;
    give_up_waiting(a, now);
    for (struct job *job = a->waiting; job; job = job->next) {
        time_out(a, job, now, &nearest_ms);
        if (job->store_deadline_ms < nearest_ms)
            nearest_ms = job->store_deadline_ms;
    }
    for (struct job *job = a->active; job; job = job->next)
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
    a->waiting_end = &a->waiting;
    a->cache = cache_new((size_t)options->world->settings->query.cache_bytes);
    if (!a->cache) {
        free(a);
        return ERR_NOMEM;
    }
    *ret_answerer = a;
    return ERR_OK;
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

static void dismiss_list(struct answerer *a, struct job *first)
{
    for (struct job *job = first; job; job = job->next) {
        for (struct asker *asker = job->askers; asker; asker = asker->next)
            send_error(a, job->endpoint, asker, REQUEST_UNAVAILABLE,
                       "the query service is stopping; ask again when it is back");
        while (job->askers) {
            struct asker *asker = job->askers;
            job->askers = asker->next;
            free(asker);
        }
        a->pending -= job->askers_count;
        job->askers_count = 0;
    }
}

void answerer_dismiss(struct answerer *a)
{
    dismiss_list(a, a->waiting);
    dismiss_list(a, a->active);
}

void answerer_close(struct answerer *a)
{
    if (!a)
        return;
    while (a->waiting)
        end_job(a, a->waiting);
    while (a->active)
        end_job(a, a->active);
    cache_free(a->cache);
    figures_free(&a->stored);
    figures_free(&a->live);
    buf_free(&a->members);
    buf_free(&a->payload);
    free(a);
}
