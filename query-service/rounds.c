#include "query-service/rounds.h"

#include <stdlib.h>

#include "base/span.h"
#include "query-service/alerts/habit.h"
#include "query-service/alerts/own.h"
#include "query-service/query_metrics.h"
#include "schemas/topics.h"

struct rounds {
    struct rounds_options o;
    struct alerts *alerts;
    struct habit *habit;
    struct own *own;
    struct figures figures;
    bool begun, asking;
    int64_t due_ms;
    unsigned said_on; /* the connection on which what is retained was said last */
    /* Of the round under way: where its statements begin. */
    struct period period;
    unsigned habit_first, own_first;
    bool asked_figures;
    struct buf topic, payload;
};

static bool can_tell(const struct rounds *rounds)
{
    return speaker_speaks(rounds->o.speaker) && listener_takes_requests(rounds->o.listener);
}

/* --- what changed is said --------------------------------------------------- */

static void publish(struct rounds *rounds, const char *topic, bool retained)
{
    if (rounds->payload.failed || rounds->topic.failed ||
        !speaker_publish(rounds->o.speaker, topic, buf_view(&rounds->payload),
                         (struct bus_publish){.qos = 1, .retained = retained}))
        log_event(rounds->o.log, LOG_WARNING, "alert_not_said", "topic=\"%s\"", topic);
}

static const char *root_of(const struct rounds *rounds)
{
    return rounds->o.world->settings->topic_root;
}

static int64_t now_ns(const struct rounds *rounds)
{
    return clock_real_ns(&rounds->o.world->clock);
}

static void begin(struct rounds *rounds)
{
    buf_reset(&rounds->topic);
    buf_reset(&rounds->payload);
}

static void say_retained(void *context, const char *service, const char *rule, const char *subject,
                         const struct alert *alert)
{
    struct rounds *rounds = context;
    begin(rounds);
    if (alert)
        alert_encode(alert, &rounds->payload);
    publish(rounds, topic_alert(&rounds->topic, root_of(rounds), service, rule, subject), true);
}

static void say_event(void *context, const struct alert *alert)
{
    struct rounds *rounds = context;
    begin(rounds);
    alert_encode(alert, &rounds->payload);
    publish(rounds, topic_alerts_event(&rounds->topic, root_of(rounds)), false);
    log_change(rounds->o.log, alert->state == ALERT_FIRING ? LOG_WARNING : LOG_INFO, "alert",
               "state=%s service=\"%s\" rule=%s subject=\"%s\" message=\"%s\"",
               alert_state_words[alert->state], alert->service, alert->rule, alert->subject,
               alert->message);
}

static void say_active(void *context)
{
    struct rounds *rounds = context;
    begin(rounds);
    alerts_encode_active(rounds->alerts, now_ns(rounds), &rounds->payload);
    publish(rounds, topic_alerts_active(&rounds->topic, root_of(rounds)), true);
}

static void say_silences(void *context)
{
    struct rounds *rounds = context;
    begin(rounds);
    alerts_encode_silences(rounds->alerts, &rounds->payload);
    publish(rounds, topic_alerts_silenced(&rounds->topic, root_of(rounds)), true);
}

/* On a new connection everything is said again: the broker may have lost what it had retained. */
static void say_all(struct rounds *rounds)
{
    const struct alert *alert;
    for (int standing = 1; standing >= 0; standing--)
        for (unsigned i = 0; alerts_at(rounds->alerts, standing, i, &alert); i++)
            say_retained(rounds, alert->service, alert->rule, alert->subject, alert);
    say_active(rounds);
    say_silences(rounds);
    rounds->said_on = speaker_connections(rounds->o.speaker);
}

/* --- a round ---------------------------------------------------------------- */

/* The figures that the rules judge: from InfluxDB when it answered, else what was heard. */
static void judge_figures(struct rounds *rounds, const struct gather_results *results,
                          const struct rules_sink *sink)
{
    const struct live *live = rounds->o.world->live;
    const struct text all = {NULL, 0};
    enum err e = ERR_IO;
    if (results && rounds->asked_figures)
        e = stored_figures(results, 0, &rounds->period, all, live, now_ns(rounds), &rounds->figures,
                           NULL);
    if (e != ERR_OK)
        e = live_figures(live, &rounds->period, all, now_ns(rounds), &rounds->figures);
    rules_figures(e == ERR_OK ? &rounds->figures : NULL, live, sink);
}

static void judge_store(struct rounds *rounds, const struct rules_sink *sink)
{
    const struct endpoint_store *store = &rounds->o.world->store;
    if (rounds->o.world->settings->influxdb.enabled)
        rules_influxdb(store->asked, store->connected, store->words, store->changed_ns, sink);
}

static void judge(struct rounds *rounds, struct gather_results *results)
{
    const struct endpoint_world *world = rounds->o.world;
    const struct settings_query_alerts *settings = &world->settings->query.alerts;
    struct rules_target target = {rounds->alerts, 0};
    const struct rules_sink sink = rules_to_alerts(&target);
    alerts_round_begin(rounds->alerts, now_ns(rounds));
    judge_figures(rounds, results, &sink);
    rules_services(world->live, settings, now_ns(rounds), &sink);
    judge_store(rounds, &sink);
    if (settings->silent_devices) {
        if (results)
            habit_learn(rounds->habit, results, rounds->habit_first);
        habit_find(rounds->habit, now_ns(rounds), &sink);
    }
    own_find(rounds->own, settings, results, rounds->own_first, now_ns(rounds), &sink);
    alerts_round_end(rounds->alerts);
    if (target.refused > 0)
        log_event(rounds->o.log, LOG_ERROR, "alerts_too_many", "refused=%u limit=%d",
                  target.refused, ALERTS_MAX);
}

static void gathered(void *context, struct gather_results *results)
{
    struct rounds *rounds = context;
    rounds->asking = false;
    if (results->outcome == ERR_IO || results->outcome == ERR_TIMEOUT)
        rounds->o.store_failed(rounds->o.context, results->outcome,
                               results->at[results->failed].words);
    if (can_tell(rounds)) /* else nobody would hear the changes; the next round will */
        judge(rounds, results);
    gather_results_free(results);
}

static void make_period(struct rounds *rounds)
{
    char name[SPAN_TEXT_BYTES];
    span_format(rounds->o.world->settings->query.alerts.period_s, name);
    enum err e = period_make(text_of(name), (struct text){NULL, 0}, 0, now_ns(rounds),
                             &rounds->period, NULL);
    (void)e; /* the settings allow no span that this refuses; the last round's stays else */
}

static bool ask(struct rounds *rounds)
{
    const struct endpoint_world *world = rounds->o.world;
    const struct settings_query_alerts *settings = &world->settings->query.alerts;
    struct gather_plan plan = {.influxdb = &world->settings->influxdb};
    if (!world->store.asked || !world->store.connected)
        return false;
    rounds->asked_figures = world->store.enabled;
    if (rounds->asked_figures)
        stored_plan(&rounds->period, (struct text){NULL, 0}, STORED_LAST_TIME, &plan);
    rounds->habit_first = plan.count;
    if (settings->silent_devices)
        habit_plan(rounds->habit, now_ns(rounds), &plan);
    rounds->own_first = plan.count;
    own_plan(rounds->own, settings, now_ns(rounds), &plan);
    enum err e = gather_start(rounds->o.gatherer, query_asker_alerts, &plan, ROUNDS_TIMEOUT_MS,
                              rounds, gathered);
    gather_plan_free(&plan);
    return e == ERR_OK;
}

static void hold_round(struct rounds *rounds)
{
    make_period(rounds);
    if (rounds->said_on != speaker_connections(rounds->o.speaker))
        say_all(rounds);
    rounds->asking = ask(rounds);
    if (!rounds->asking)
        judge(rounds, NULL);
}

uint32_t rounds_turn(struct rounds *rounds)
{
    int64_t now_ms = clock_monotonic_ms(&rounds->o.world->clock);
    if (!rounds->begun || rounds->asking || !can_tell(rounds))
        return 1000;
    if (now_ms >= rounds->due_ms) {
        rounds->due_ms = now_ms + rounds->o.every_ms;
        hold_round(rounds);
    }
    return (uint32_t)(rounds->due_ms - now_ms);
}

bool rounds_idle(const struct rounds *rounds)
{
    return !rounds->asking;
}

enum err rounds_begin_anew(struct rounds *rounds)
{
    struct own *own = own_new();
    if (!own)
        return ERR_NOMEM;
    own_free(rounds->own);
    rounds->own = own;
    return ERR_OK;
}

/* --- taking up what stood before -------------------------------------------- */

void rounds_restore(struct rounds *rounds, struct text topic, struct text payload)
{
    struct topic parsed = topic_parse(root_of(rounds), topic);
    struct alert alert;
    struct value root;
    if (rounds->begun || payload.len == 0)
        return;
    struct value_document *document = value_document_new();
    enum err e = document
                     ? value_parse(document, value_encoding_of((struct text){NULL, 0}, payload),
                                   payload, &root, NULL)
                     : ERR_NOMEM;
    if (e == ERR_OK && parsed.kind == TOPIC_ALERTS_SILENCED) {
        e = alerts_restore_silences(rounds->alerts, root, NULL);
    } else if (e == ERR_OK && parsed.kind == TOPIC_ALERT) {
        e = alert_decode(root, &alert, NULL);
        e = e ? e : alerts_restore(rounds->alerts, &alert);
    }
    if (e != ERR_OK)
        log_event(rounds->o.log, LOG_WARNING, "alert_not_restored", "topic=\"%.*s\" reason=\"%s\"",
                  TEXT_ARGS(topic), err_text(e));
    value_document_free(document);
}

void rounds_begin(struct rounds *rounds)
{
    rounds->begun = true;
}

/* --- opening and closing ---------------------------------------------------- */

enum err rounds_open(const struct rounds_options *options, struct rounds **ret_rounds,
                     struct err_reason *why)
{
    enum err e = own_check(&options->world->settings->query.alerts, why);
    if (e != ERR_OK)
        return e;
    struct rounds *rounds = calloc(1, sizeof *rounds);
    if (!rounds)
        return ERR_NOMEM;
    rounds->o = *options;
    rounds->alerts =
        alerts_new((struct alerts_sink){rounds, say_retained, say_event, say_active, say_silences});
    rounds->habit = habit_new();
    rounds->own = own_new();
    if (!rounds->alerts || !rounds->habit || !rounds->own) {
        rounds_close(rounds);
        return ERR_NOMEM;
    }
    *ret_rounds = rounds;
    return ERR_OK;
}

struct alerts *rounds_alerts(struct rounds *rounds)
{
    return rounds->alerts;
}

const struct habit *rounds_habit(const struct rounds *rounds)
{
    return rounds->habit;
}

void rounds_close(struct rounds *rounds)
{
    if (!rounds)
        return;
    alerts_free(rounds->alerts);
    habit_free(rounds->habit);
    own_free(rounds->own);
    figures_free(&rounds->figures);
    buf_free(&rounds->topic);
    buf_free(&rounds->payload);
    free(rounds);
}
