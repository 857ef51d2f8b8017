#include "query-service/endpoints/figures_alerts.h"

#include <stdlib.h>

#include "query-service/alerts/rules.h"

#define FOUND_MAX (2 * FIGURES_SERVICES + 1) /* success and processing of each, errors of all */
#define RULES_MAX 8

struct figures_alerts {
    const struct question *question;
    const struct figures *figures;
    struct alert found[FOUND_MAX];
    unsigned found_count;
    const char *rules[RULES_MAX]; /* that the figures were asked for */
    unsigned rules_count;
    const struct alert *at[FOUND_MAX + ALERTS_MAX];
    unsigned count;
};

static const struct alert *find_standing(const struct alerts *alerts, const struct finding *finding)
{
    const struct alert *alert;
    for (unsigned i = 0; alerts && alerts_at(alerts, true, i, &alert); i++)
        if (strcmp(alert->service, finding->service) == 0 &&
            strcmp(alert->rule, finding->rule) == 0 &&
            strcmp(alert->subject, finding->subject) == 0)
            return alert;
    return NULL;
}

static void take_finding(void *context, const struct finding *finding)
{
    struct figures_alerts *alerts = context;
    const char *only = alerts->figures->only_service;
    if (finding->verdict != VERDICT_FIRING || alerts->found_count == FOUND_MAX ||
        (only[0] && strcmp(only, finding->service) != 0))
        return;
    struct alert *alert = &alerts->found[alerts->found_count++];
    const struct alert *standing = find_standing(alerts->question->world->alerts, finding);
    if (standing)
        *alert = *standing;
    else
        *alert = (struct alert){.state = ALERT_FIRING, .time_ns = alerts->question->now_ns};
    fields_copy(alert->service, sizeof alert->service, text_of(finding->service));
    fields_copy(alert->rule, sizeof alert->rule, text_of(finding->rule));
    fields_copy(alert->subject, sizeof alert->subject, text_of(finding->subject));
    fields_copy(alert->message, sizeof alert->message, text_of(finding->message));
    alert->level = finding->level;
    alert->value = finding->value;
    alert->threshold = finding->threshold;
}

static void take_rule(void *context, const char *rule, int64_t gone_after_s)
{
    struct figures_alerts *alerts = context;
    (void)gone_after_s;
    if (alerts->rules_count < RULES_MAX)
        alerts->rules[alerts->rules_count++] = rule;
}

static bool is_of_figures(const struct figures_alerts *alerts, const struct alert *alert)
{
    for (unsigned i = 0; i < alerts->rules_count; i++)
        if (strcmp(alert->rule, alerts->rules[i]) == 0)
            return true;
    return false;
}

static void take_standing(struct figures_alerts *alerts)
{
    const struct alerts *all = alerts->question->world->alerts;
    const char *only = alerts->figures->only_service;
    const struct alert *alert;
    for (unsigned i = 0; all && i < ALERTS_MAX && alerts_at(all, true, i, &alert); i++)
        if (!is_of_figures(alerts, alert) && (!only[0] || strcmp(only, alert->service) == 0))
            alerts->at[alerts->count++] = alert;
}

static int by_urgency(const void *a, const void *b)
{
    const struct alert *x = *(const struct alert *const *)a, *y = *(const struct alert *const *)b;
    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    if (x->time_ns != y->time_ns)
        return x->time_ns > y->time_ns ? -1 : 1;
    int order = strcmp(x->service, y->service);
    order = order ? order : strcmp(x->rule, y->rule);
    return order ? order : strcmp(x->subject, y->subject);
}

struct figures_alerts *figures_alerts_make(const struct question *question,
                                           const struct figures *figures)
{
    struct figures_alerts *alerts = calloc(1, sizeof *alerts);
    if (!alerts)
        return NULL;
    alerts->question = question;
    alerts->figures = figures;
    const struct rules_sink sink = {alerts, take_finding, take_rule};
    rules_figures(figures, question->world->live, &sink);
    for (unsigned i = 0; i < alerts->found_count; i++)
        alerts->at[alerts->count++] = &alerts->found[i];
    take_standing(alerts);
    qsort(alerts->at, alerts->count, sizeof alerts->at[0], by_urgency);
    return alerts;
}

void figures_alerts_free(struct figures_alerts *alerts)
{
    free(alerts);
}

unsigned figures_alerts_write(const struct figures_alerts *alerts, struct text service,
                              struct text level, struct buf *out)
{
    unsigned written = 0;
    if (!alerts) {
        out->failed = true;
        return 0;
    }
    buf_char(out, '[');
    for (unsigned i = 0; i < alerts->count; i++) {
        const struct alert *alert = alerts->at[i];
        if ((service.len && !text_equal(service, text_of(alert->service))) ||
            (level.len && !text_equal(level, text_of(alert_level_words[alert->level]))))
            continue;
        if (written++ > 0)
            buf_char(out, ',');
        alert_encode(alert, out);
    }
    buf_char(out, ']');
    return written;
}
