#include "base/clock.h"
#include "query-service/alerts/rules.h"
#include "query-service/alerts/words.h"

#define SERIES_FRESH_S 60
#define SERIES_QUIET_S 900

/* What a rule about one service looks at. */
struct view {
    const struct live_service *service;
    const struct settings_query_alerts *settings;
    int64_t now_ns;
    double quiet_s; /* since its last sign of life */
};

static double seconds_since(int64_t time_ns, int64_t now_ns)
{
    return time_ns < now_ns ? (double)(now_ns - time_ns) / 1e9 : 0;
}

/* Metrics that still say how it is; NULL when there are none. */
static const struct service_metrics *fresh_metrics(const struct view *view)
{
    const struct service_metrics *m = view->service->metrics;
    if (!m || (view->service->status && view->service->status->state == STATUS_OFFLINE))
        return NULL;
    return view->quiet_s > view->settings->offline_after_s ? NULL : m;
}

/* A service that never told metrics is judged by its status alone. It is offline since its last
 * sign of life, or since it says so itself; a will's own time is that of the connection. */
static bool offline(const struct view *view, struct finding *finding, struct buf *words)
{
    const struct live_service *service = view->service;
    const struct status *status = service->status;
    finding->level = ALERT_ERROR;
    finding->verdict = VERDICT_CLEAR;
    finding->since_ns = view->now_ns - (int64_t)(view->quiet_s * 1e9);
    if (status && status->state == STATUS_OFFLINE) {
        finding->verdict = VERDICT_FIRING;
        if (status->since_ns > finding->since_ns && status->since_ns <= view->now_ns)
            finding->since_ns = status->since_ns;
        buf_printf(words, "Service %s is offline%s%s", service->name, status->reason[0] ? ": " : "",
                   status->reason);
        return true;
    }
    if (!service->metrics)
        return true;
    finding->value = fields_number(view->quiet_s);
    finding->threshold = fields_number(view->settings->offline_after_s);
    if (view->quiet_s <= view->settings->offline_after_s)
        return true;
    finding->verdict = VERDICT_FIRING;
    buf_printf(words, "Service %s has said nothing for ", service->name);
    words_span(view->quiet_s, words);
    return true;
}

static bool journal_lag(const struct view *view, struct finding *finding, struct buf *words)
{
    const struct service_metrics *m = fresh_metrics(view);
    double limit_s = view->settings->journal_oldest_s;
    finding->level = ALERT_WARNING;
    if (!m)
        return true;
    if (!m->journal_oldest_s.present)
        return m->journal_bytes.present;
    double oldest_s = m->journal_oldest_s.value;
    finding->value = m->journal_oldest_s;
    finding->threshold = fields_number(limit_s);
    finding->verdict = oldest_s > limit_s         ? VERDICT_FIRING
                       : oldest_s > limit_s * 0.9 ? VERDICT_BETWEEN
                                                  : VERDICT_CLEAR;
    buf_string(words, "The oldest undelivered message of the journal waits for ");
    words_span(oldest_s, words);
    return true;
}

/* One side of the ledger: how much of `whole` is unaccounted for. False: not all was told. */
static bool difference(const struct fields_unsigned *const *parts, size_t count,
                       struct fields_unsigned whole, int64_t *ret_difference)
{
    uint64_t left = whole.value;
    bool told = whole.present;
    for (size_t i = 0; i < count; i++) {
        told = told && parts[i]->present;
        left -= parts[i]->value;
    }
    *ret_difference = (int64_t)left;
    return told;
}

static bool ledger(const struct view *view, struct finding *finding, struct buf *words)
{
    const struct service_metrics *m = fresh_metrics(view);
    finding->level = ALERT_ERROR;
    if (!m)
        return true;
    if (!m->received.present && !m->points_made.present)
        return false;
    const struct fields_unsigned *const messages[] = {&m->decoded,  &m->repeated, &m->ignored,
                                                      &m->rejected, &m->dropped,  &m->pending};
    const struct fields_unsigned *const points[] = {&m->points_stored, &m->points_merged,
                                                    &m->points_rejected, &m->points_dropped,
                                                    &m->points_pending};
    int64_t of_messages, of_points;
    if (!difference(messages, 6, m->received, &of_messages) ||
        !difference(points, 5, m->points_made, &of_points))
        return true;
    finding->verdict = of_messages || of_points ? VERDICT_FIRING : VERDICT_CLEAR;
    finding->value = fields_number((double)(of_messages ? of_messages : of_points));
    finding->threshold = fields_number(0);
    buf_printf(words, "The ledger does not balance: it misses %lld messages and %lld points",
               (long long)of_messages, (long long)of_points);
    return true;
}

static uint64_t count_of(const struct fields_count reasons[SERVICE_METRICS_REASONS],
                         const char *name)
{
    for (size_t i = 0; i < SERVICE_METRICS_REASONS && reasons[i].name[0]; i++)
        if (strcmp(reasons[i].name, name) == 0)
            return reasons[i].count;
    return 0;
}

/* A device with a random id comes when it likes: only a while without one is an end. A service that
 * was just started knows of none yet. */
static bool series_cap(const struct view *view, struct finding *finding, struct buf *words)
{
    const struct service_metrics *m = fresh_metrics(view);
    finding->level = ALERT_WARNING;
    if (!m)
        return true;
    if (!m->series.present)
        return false;
    bool refused = m->series_refused_s.present;
    double quiet_s = refused ? m->series_refused_s.value : m->uptime_s.value;
    finding->value =
        fields_number((double)count_of(m->points_rejected_by_reason, "too_many_series"));
    finding->threshold = fields_number(0);
    finding->verdict = refused && quiet_s <= SERIES_FRESH_S ? VERDICT_FIRING
                       : quiet_s <= SERIES_QUIET_S          ? VERDICT_BETWEEN
                                                            : VERDICT_CLEAR;
    buf_printf(words,
               "The source %s has as many series as it may have: points of further ones are "
               "refused, ",
               m->series_refused_source);
    buf_number(words, finding->value.value);
    buf_string(words, " by now");
    return true;
}

static bool destination_parked(const struct view *view, struct finding *finding, struct buf *words)
{
    const struct service_metrics *m = fresh_metrics(view);
    finding->level = ALERT_WARNING;
    if (!m)
        return true;
    if (!m->points_parked.present)
        return false;
    uint64_t given_up = count_of(m->points_dropped_by_reason, "parked_full");
    finding->value = fields_number((double)m->points_parked.value);
    finding->threshold = fields_number(0);
    finding->verdict = m->points_parked.value > 0 ? VERDICT_FIRING : VERDICT_CLEAR;
    buf_printf(words, "%llu points wait on disk for a destination that cannot take them",
               (unsigned long long)m->points_parked.value);
    if (given_up > 0)
        buf_printf(words, "; %llu did not fit there and were given up by now",
                   (unsigned long long)given_up);
    return true;
}

/* Each gives a finding of one service, and false when the rule is not about such a service. */
static const struct {
    const char *name;
    bool (*judge)(const struct view *view, struct finding *finding, struct buf *words);
} rules[] = {{"offline", offline},
             {"journal_lag", journal_lag},
             {"ledger", ledger},
             {"series_cap", series_cap},
             {"destination_parked", destination_parked}};

void rules_services(const struct live *live, const struct settings_query_alerts *settings,
                    int64_t now_ns, const struct rules_sink *sink)
{
    struct buf words = {0};
    struct live_service service;
    for (size_t rule = 0; rule < sizeof rules / sizeof rules[0]; rule++) {
        for (unsigned i = 0; live_service(live, i, &service); i++) {
            struct view view = {&service, settings, now_ns,
                                seconds_since(service.heard_ns, now_ns)};
            struct finding finding = {
                .service = service.name, .rule = rules[rule].name, .subject = ""};
            buf_reset(&words);
            if (!rules[rule].judge(&view, &finding, &words))
                continue;
            finding.message = buf_cstr(&words);
            sink->find(sink->context, &finding);
        }
        sink->asked(sink->context, rules[rule].name, RULES_GONE_S);
    }
    buf_free(&words);
}
