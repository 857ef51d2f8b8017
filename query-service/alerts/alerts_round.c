#include <stdlib.h>

#include "base/clock.h"
#include "query-service/alerts/alerts_parts.h"

/* Value and words of the moment. */
static void describe(struct alert *alert, const struct finding *finding)
{
    fields_copy(alert->message, sizeof alert->message, text_of(finding->message));
    alert->value = finding->value;
    alert->threshold = finding->threshold;
    if (finding->since_ns)
        alert->since_ns = finding->since_ns;
}

static void fire(struct alerts *alerts, struct alerts_entry *entry, const struct finding *finding)
{
    struct alert *alert = &entry->alert;
    alerts->resolved -= alert->state == ALERT_RESOLVED;
    alert->state = ALERT_FIRING;
    alert->level = finding->level;
    alert->time_ns = alerts->now_ns;
    alert->since_ns = entry->waits_since_ns;
    alert->by[0] = alert->why[0] = '\0';
    alert->silenced = alerts_is_silenced(alerts, alert);
    describe(alert, finding);
    entry->waits = false;
    alerts_say(alerts, entry);
}

static void wait_or_fire(struct alerts *alerts, struct alerts_entry *entry,
                         const struct finding *finding)
{
    if (!entry->waits) {
        entry->waits = true;
        entry->waits_since_ns = alerts->now_ns;
        entry->held_ns = 0;
        entry->firing_ns = 0;
    }
    int64_t passed_ns = alerts->now_ns - entry->firing_ns;
    if (entry->firing_ns && passed_ns > 0 && passed_ns <= ALERTS_PAUSE_S * CLOCK_NS_PER_S)
        entry->held_ns += passed_ns;
    entry->firing_ns = alerts->now_ns;
    if (entry->held_ns >= finding->for_s * CLOCK_NS_PER_S)
        fire(alerts, entry, finding);
}

static void go_on(struct alerts *alerts, struct alerts_entry *entry, const struct finding *finding)
{
    struct alert *alert = &entry->alert;
    if (finding->level < alert->level && alert->level <= finding->keeps)
        return; /* not far enough below to come down a level: all stays as it was said */
    bool changed = finding->level != alert->level;
    describe(alert, finding);
    if (!changed)
        return;
    alert->level = finding->level;
    alert->time_ns = alerts->now_ns;
    alerts_say(alerts, entry);
}

static void found_firing(struct alerts *alerts, struct alerts_entry *entry,
                         const struct finding *finding)
{
    if (alerts_stands(&entry->alert))
        go_on(alerts, entry, finding);
    else
        wait_or_fire(alerts, entry, finding);
}

static void found_between(struct alerts *alerts, struct alerts_entry *entry,
                          const struct finding *finding)
{
    (void)alerts, (void)finding;
    entry->waits = false;
}

static void found_clear(struct alerts *alerts, struct alerts_entry *entry,
                        const struct finding *finding)
{
    struct alert *alert = &entry->alert;
    entry->waits = false;
    if (!alerts_stands(alert))
        return;
    alert->state = ALERT_RESOLVED;
    alert->time_ns = alerts->now_ns;
    alert->value = finding->value;
    alert->threshold = finding->threshold;
    alerts->resolved++;
    alerts_say(alerts, entry);
}

static void found_unknown(struct alerts *alerts, struct alerts_entry *entry,
                          const struct finding *finding)
{
    (void)alerts, (void)finding;
    entry->firing_ns = 0;
}

static void (*const by_verdict[])(struct alerts *, struct alerts_entry *,
                                  const struct finding *) = {
    [VERDICT_UNKNOWN] = found_unknown,
    [VERDICT_CLEAR] = found_clear,
    [VERDICT_BETWEEN] = found_between,
    [VERDICT_FIRING] = found_firing,
};

void alerts_round_begin(struct alerts *alerts, int64_t now_ns)
{
    alerts->now_ns = now_ns;
    alerts->rules_count = 0;
    alerts->rules_overflow = false;
    alerts_silences_end(alerts, now_ns);
}

enum err alerts_find(struct alerts *alerts, const struct finding *finding)
{
    struct alert names = {0};
    fields_copy(names.service, sizeof names.service, text_of(finding->service));
    fields_copy(names.rule, sizeof names.rule, text_of(finding->rule));
    fields_copy(names.subject, sizeof names.subject, text_of(finding->subject));
    struct alerts_entry *entry = alerts_entry_of(alerts, &names);
    if (!entry && finding->verdict != VERDICT_FIRING)
        return ERR_OK;
    if (!entry) {
        enum err err = alerts_add(alerts, &names, &entry);
        if (err != ERR_OK)
            return err;
    }
    entry->found = true;
    entry->found_ns = alerts->now_ns;
    by_verdict[finding->verdict](alerts, entry, finding);
    return ERR_OK;
}

void alerts_rule_asked(struct alerts *alerts, const char *rule, int64_t gone_after_s)
{
    if (alerts->rules_count == ALERTS_RULES) {
        alerts->rules_overflow = true;
        return;
    }
    struct alerts_rule *asked = &alerts->rules[alerts->rules_count++];
    fields_copy(asked->name, sizeof asked->name, text_of(rule));
    asked->gone_after_ns =
        gone_after_s < 0 ? -1
                         : (gone_after_s > INT32_MAX ? INT32_MAX : gone_after_s) * CLOCK_NS_PER_S;
}

static int rules_compare(const void *a, const void *b)
{
    return strcmp(((const struct alerts_rule *)a)->name, ((const struct alerts_rule *)b)->name);
}

static bool is_gone(struct alerts *alerts, struct alerts_entry *entry)
{
    struct alerts_rule key;
    if (entry->found)
        return false;
    memcpy(key.name, entry->alert.rule, sizeof key.name);
    const struct alerts_rule *rule =
        bsearch(&key, alerts->rules, alerts->rules_count, sizeof alerts->rules[0], rules_compare);
    if (!rule)
        return !alerts->rules_overflow;
    if (entry->found_ns == 0) /* restored: from now on it counts */
        entry->found_ns = alerts->now_ns;
    return rule->gone_after_ns >= 0 && alerts->now_ns - entry->found_ns >= rule->gone_after_ns;
}

static bool is_over(const struct alerts *alerts, const struct alerts_entry *entry)
{
    int64_t age_ns = alerts->now_ns - entry->alert.time_ns;
    int64_t kept_ns = ALERTS_RESOLVED_KEPT_S * CLOCK_NS_PER_S;
    if (entry->waits)
        return false;
    if (entry->alert.state == ALERT_UNSAID)
        return true;
    /* A time that lies ahead is of a clock that was wrong. */
    return entry->alert.state == ALERT_RESOLVED && (age_ns >= kept_ns || age_ns < -kept_ns);
}

static bool keep_entry(void *context, struct index_entry *at)
{
    struct alerts *alerts = context;
    struct alerts_entry *entry = (struct alerts_entry *)at;
    if (is_gone(alerts, entry) || is_over(alerts, entry)) {
        alerts_empty(alerts, &entry->alert);
        return false;
    }
    if (!entry->found)
        entry->firing_ns = 0;
    entry->found = false;
    return true;
}

void alerts_round_end(struct alerts *alerts)
{
    qsort(alerts->rules, alerts->rules_count, sizeof alerts->rules[0], rules_compare);
    index_keep(&alerts->entries, keep_entry, alerts);
    alerts_flush(alerts);
}
