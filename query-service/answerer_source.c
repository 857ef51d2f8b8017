#include <stdio.h>

#include "query-service/answerer_parts.h"
#include "query-service/endpoints/compare.h"

/* --- what InfluxDB's failures are called ------------------------------------- */

/* In words for who asked, with the server's own behind them; and the code, where there is nothing
 * to fall back to. A reply that is too long is his to mend, all else is not. */
static const struct store_failure {
    enum err e;
    enum request_outcome outcome;
    const char *words;
} store_failures[] = {
    {ERR_TIMEOUT, REQUEST_TIMEOUT, "InfluxDB did not answer in time"},
    {ERR_IO, REQUEST_UNAVAILABLE, "InfluxDB is away"},
    {ERR_REFUSED, REQUEST_UNAVAILABLE, "InfluxDB refused the question"},
    {ERR_INVALID, REQUEST_UNAVAILABLE, "InfluxDB's answer was not understood"},
    {ERR_TOO_LARGE, REQUEST_BAD,
     "InfluxDB's answer is too long; ask for a shorter period, wider windows or fewer series"},
};

static const struct store_failure *store_failure_of(enum err e)
{
    static const struct store_failure other = {ERR_NOMEM, REQUEST_UNAVAILABLE,
                                               "InfluxDB could not be asked: out of memory"};
    for (size_t i = 0; i < sizeof store_failures / sizeof *store_failures; i++)
        if (store_failures[i].e == e)
            return &store_failures[i];
    return &other;
}

static void store_words(enum err e, const char *said, struct err_reason *ret_words)
{
    (void)err_explain(ret_words, e, "%s%s%.300s", store_failure_of(e)->words, said[0] ? ": " : "",
                      said);
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
        answerer_fail(a, job, REQUEST_UNKNOWN_SERVICE,
                      "service: nothing was heard of it on the bus, and InfluxDB was not asked");
        return;
    }
    enum err e = live_of(a, job);
    if (e != ERR_OK) {
        answerer_fail(a, job, REQUEST_UNAVAILABLE, err_text(e));
        return;
    }
    if (why_not) {
        figures_miss(&a->live, "source", "%s", why_not);
        query_metrics_fallback(a->o.metrics, job->endpoint->name);
    }
    buf_reset(&a->members);
    job->endpoint->write_figures(&job->question, &a->live, &a->members);
    answerer_finish(a, job, false);
}

static enum err stored_of(struct answerer *a, struct job *job, struct err_reason *why)
{
    const struct gather_results *results = job->stages[0];
    if (results->outcome != ERR_OK) {
        store_words(results->outcome, results->at[results->failed].words, why);
        return ERR_IO;
    }
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
        answerer_fail(a, job, answerer_outcome(job->endpoint, e),
                      why.text[0] ? why.text : err_text(e));
        return;
    }
    buf_reset(&a->members);
    compare_write(&job->question, &a->stored, &a->live, &a->members);
    answerer_finish(a, job, false);
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
        answerer_fail(a, job, REQUEST_UNKNOWN_SERVICE, why.text);
        return;
    }
    if (e != ERR_OK) {
        answer_live(a, job, why.text[0] ? why.text : err_text(e));
        return;
    }
    buf_reset(&a->members);
    job->endpoint->write_figures(&job->question, &a->stored, &a->members);
    answerer_finish(a, job, true);
}

void answerer_without_store(struct answerer *a, struct job *job, enum request_outcome outcome,
                            const char *words)
{
    if (job->endpoint->write_figures && job->source == JOB_BOTH)
        answer_both(a, job, words);
    else if (job->endpoint->write_figures)
        answer_live(a, job, words);
    else
        answerer_fail(a, job, outcome, words);
}

/* --- asking InfluxDB -------------------------------------------------------- */

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
        answerer_fail(a, job, answerer_outcome(job->endpoint, e),
                      why.text[0] ? why.text : err_text(e));
    else
        answerer_finish(a, job, job->endpoint->plan != NULL);
}

static void store_failed(struct answerer *a, struct job *job, const struct gather_results *results)
{
    struct err_reason words;
    store_words(results->outcome, results->at[results->failed].words, &words);
    answerer_fail(a, job, store_failure_of(results->outcome)->outcome, words.text);
}

/* Whether the endpoint can say something of what was answered. */
static bool answerable(const struct endpoint *endpoint, const struct gather_results *results)
{
    unsigned answered = 0;
    for (unsigned i = 0; i < results->count; i++) {
        answered += results->at[i].outcome == ERR_OK;
        if (results->at[i].outcome != ERR_OK &&
            (!endpoint->in_parts || results->at[i].outcome != ERR_REFUSED))
            return false;
    }
    return answered > 0;
}

static void gathered(void *context, struct gather_results *results)
{
    struct job *job = context;
    struct answerer *a = job->answerer;
    jobs_take_out(job);
    job->stages[job->stages_count++] = results;
    if (results->outcome == ERR_IO || results->outcome == ERR_TIMEOUT)
        a->o.store_failed(a->o.context, results->outcome, results->at[results->failed].words);
    if (job->endpoint->write_figures)
        answer_figures(a, job);
    else if (!answerable(job->endpoint, results))
        store_failed(a, job, results);
    else
        ask_store(a, job);
    answerer_start_waiting(a);
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
    int64_t left_ms = job->store_deadline_ms - answerer_now_ms(a);
    if (left_ms <= 0)
        return ERR_TIMEOUT;
    enum err e =
        gather_start(a->o.gatherer, job->endpoint->name, plan, (uint32_t)left_ms, job, gathered);
    if (e == ERR_OK)
        jobs_append(&a->active, job);
    return e;
}

/* The job is in no list. */
static void ask_store(struct answerer *a, struct job *job)
{
    struct gather_plan plan = {.influxdb = &a->o.world->settings->influxdb};
    struct err_reason why = {""};
    enum err e = plan_stage(job, &plan, &why);
    if (e != ERR_OK) {
        answerer_fail(a, job, answerer_outcome(job->endpoint, e),
                      why.text[0] ? why.text : err_text(e));
    } else if (plan.count == 0 && !plan.failed) {
        answer_stored(a, job);
    } else if (!job->askers) {
        answerer_end(a, job); /* nobody waits any more for what this stage would tell */
    } else {
        e = start_gather(a, job, &plan);
        if (e == ERR_TIMEOUT)
            answerer_without_store(a, job, REQUEST_TIMEOUT, "InfluxDB had no time left to answer");
        else if (e != ERR_OK)
            answerer_without_store(a, job, REQUEST_UNAVAILABLE, "InfluxDB could not be asked");
    }
    gather_plan_free(&plan);
}

void answerer_start_waiting(struct answerer *a)
{
    while (a->waiting.first && a->active.count < ANSWER_ACTIVE) {
        struct job *job = a->waiting.first;
        jobs_take_out(job);
        ask_store(a, job);
    }
}

/* --- the beginning ----------------------------------------------------------- */

/* Why InfluxDB is not asked now; false when it is. */
static bool store_is_away(const struct answerer *a, struct err_reason *ret_words)
{
    const struct endpoint_store *store = &a->o.world->store;
    if (!a->o.world->settings->influxdb.enabled)
        (void)err_explain(ret_words, ERR_IO, "InfluxDB is not used (influxdb.enabled is false)");
    else if (!store->asked)
        (void)err_explain(ret_words, ERR_IO, "InfluxDB was not reached yet");
    else if (!store->connected)
        store_words(ERR_IO, store->words, ret_words);
    else
        return false;
    return true;
}

void answerer_begin(struct answerer *a, struct job *job)
{
    const struct endpoint *endpoint = job->endpoint;
    struct err_reason why_not;
    if (endpoint->write_figures && job->source == JOB_LIVE) {
        answer_live(a, job, NULL);
    } else if (!endpoint->write_figures && !endpoint->plan) {
        answer_stored(a, job);
    } else if (store_is_away(a, &why_not)) {
        answerer_without_store(a, job, REQUEST_UNAVAILABLE, why_not.text);
    } else {
        jobs_append(&a->waiting, job);
        answerer_start_waiting(a);
    }
}
