#include "query-service/alerts/own.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/span.h"
#include "query-service/alerts/index.h"
#include "query-service/alerts/own_statement.h"
#include "query-service/alerts/words.h"

/* A subject of one rule. */
struct own_subject {
    struct index_entry at; /* key: the rule's number in two bytes, the subject */
    uint16_t rule;
    int64_t seen_ns;
    double sum; /* of its series, for increase */
};

struct own {
    struct index known;   /* of rules with count, from round to round */
    struct index summing; /* of the rule at hand */
    bool begun;           /* the hour before the start was heard of */
};

#define SUBJECT_MAX 255

struct own *own_new(void)
{
    return calloc(1, sizeof(struct own));
}

void own_free(struct own *own)
{
    if (!own)
        return;
    index_free(&own->known);
    index_free(&own->summing);
    free(own);
}

static bool counts(const struct settings_alert_rule *rule)
{
    return rule->aggregate == SETTINGS_AGGREGATE_COUNT;
}

enum err own_check(const struct settings_query_alerts *settings, struct err_reason *why)
{
    unsigned statements = 0;
    for (unsigned i = 0; i < settings->rules_count; i++)
        statements += own_statements(&settings->rules[i]) + counts(&settings->rules[i]);
    if (statements <= OWN_STATEMENTS)
        return ERR_OK;
    return err_explain(why, ERR_INVALID,
                       "query.alerts.rules: %u rules need %u questions to InfluxDB in each round, "
                       "and at most %d are asked; a rule needs 1, with increase or count 2",
                       settings->rules_count, statements, OWN_STATEMENTS);
}

void own_plan(struct own *own, const struct settings_query_alerts *settings, int64_t now_ns,
              struct gather_plan *plan)
{
    for (unsigned i = 0; i < settings->rules_count; i++)
        own_statements_add(&settings->rules[i], now_ns, plan);
    for (unsigned i = 0; !own->begun && i < settings->rules_count; i++)
        if (counts(&settings->rules[i]))
            own_statement_before(&settings->rules[i], now_ns, plan);
}

/* --- subjects ------------------------------------------------------------------- */

static struct own_subject *subject_of(struct index *index, uint16_t rule, struct text subject)
{
    char key[SUBJECT_MAX + sizeof rule];
    struct text bytes = {key, sizeof rule + subject.len};
    memcpy(key, &rule, sizeof rule);
    if (subject.len)
        memcpy(key + sizeof rule, subject.at, subject.len);
    struct own_subject *known = (struct own_subject *)index_find(index, bytes);
    if (known || index->count >= OWN_SUBJECTS)
        return known;
    known = calloc(1, sizeof *known);
    if (known && index_add(index, bytes, &known->at) != ERR_OK) {
        free(known);
        return NULL;
    }
    if (known)
        known->rule = rule;
    return known;
}

static const char *subject_name(const struct own_subject *subject)
{
    return subject->at.key + sizeof subject->rule;
}

/* --- findings ------------------------------------------------------------------- */

static bool holds(enum settings_comparison comparison, double value, double limit)
{
    switch (comparison) {
    case SETTINGS_ABOVE:
        return value > limit;
    case SETTINGS_AT_LEAST:
        return value >= limit;
    case SETTINGS_BELOW:
        return value < limit;
    case SETTINGS_AT_MOST:
        return value <= limit;
    }
    return false;
}

static const char *const comparisons[] = {">", ">=", "<", "<="};
static const char *const aggregates[] = {"mean", "min", "max",   "first",
                                         "last", "sum", "count", "increase"};

static void write_made_message(const struct settings_alert_rule *rule, const char *subject,
                               double value, struct buf *out)
{
    char span[SPAN_TEXT_BYTES];
    span_format(rule->window_s, span);
    if (subject[0])
        buf_printf(out, "%s: ", subject);
    buf_printf(out, "%s of %s over %s is ", aggregates[rule->aggregate], rule->field, span);
    words_number(value, 3, rule->threshold, out);
    buf_printf(out, " (%s ", comparisons[rule->comparison]);
    buf_number(out, rule->threshold);
    buf_char(out, ')');
}

/* The person's words; what is in braces and not known stays as it is. */
static void write_message(const struct settings_alert_rule *rule, const char *subject, double value,
                          struct buf *out)
{
    struct text left = text_of(rule->message);
    while (left.len > 0) {
        static const struct text names[] = {{"{subject}", 9}, {"{value}", 7}, {"{threshold}", 11}};
        size_t name = 0, taken = 1;
        while (name < 3 && !text_starts(left, names[name]))
            name++;
        if (name < 3)
            taken = names[name].len;
        if (name == 0)
            buf_string(out, subject);
        else if (name == 1)
            words_number(value, 3, rule->threshold, out);
        else if (name == 2)
            buf_number(out, rule->threshold);
        else
            buf_char(out, left.at[0]);
        left = (struct text){left.at + taken, left.len - taken};
    }
}

static void judge(const struct settings_alert_rule *rule, const char *subject, double value,
                  const struct rules_sink *sink)
{
    static const enum alert_level levels[] = {ALERT_INFO, ALERT_WARNING, ALERT_ERROR,
                                              ALERT_CRITICAL};
    struct buf words = {0};
    struct finding finding = {.service = "system",
                              .rule = rule->name,
                              .subject = subject,
                              .verdict = VERDICT_BETWEEN,
                              .level = levels[rule->level],
                              .value = fields_number(value),
                              .threshold = fields_number(rule->threshold),
                              .for_s = rule->for_s};
    if (holds(rule->comparison, value, rule->threshold))
        finding.verdict = VERDICT_FIRING;
    else if (!holds(rule->comparison, value, rule->clear))
        finding.verdict = VERDICT_CLEAR;
    if (finding.verdict == VERDICT_FIRING && rule->message[0])
        write_message(rule, subject, value, &words);
    else if (finding.verdict == VERDICT_FIRING)
        write_made_message(rule, subject, value, &words);
    finding.message = buf_cstr(&words);
    sink->find(sink->context, &finding);
    buf_free(&words);
}

/* --- results -------------------------------------------------------------------- */

/* What one rule's results are read with. */
struct reading {
    struct own *own;
    const struct settings_alert_rule *rule;
    uint16_t number;
    int64_t now_ns;
    const struct rules_sink *sink;
};

/* False for a series that has no subject where the rule is by subject. */
static bool subject_at(const struct reading *r, const struct table *table, size_t series,
                       struct text *ret_subject)
{
    if (!r->rule->subject[0]) {
        *ret_subject = TEXT("");
        return true;
    }
    *ret_subject = table_tag(table, series, text_of(r->rule->subject));
    return ret_subject->len > 0 && ret_subject->len <= SUBJECT_MAX;
}

static bool number_at(const struct table *table, size_t series, struct text column,
                      double *ret_number)
{
    return table_number(table, series, 0, table_column(table, series, column), ret_number);
}

static void know(const struct reading *r, struct text subject)
{
    struct own_subject *known = subject_of(&r->own->known, r->number, subject);
    if (known)
        known->seen_ns = r->now_ns;
}

static void take_values(const struct reading *r, const struct table *table)
{
    char name[SUBJECT_MAX + 1];
    struct text subject;
    double value;
    for (size_t i = 0; i < table_series_count(table); i++) {
        if (!subject_at(r, table, i, &subject) || !number_at(table, i, TEXT("value"), &value))
            continue;
        if (counts(r->rule))
            know(r, subject);
        snprintf(name, sizeof name, "%.*s", TEXT_ARGS(subject));
        judge(r->rule, name, value, r->sink);
    }
}

static void sum_up(const struct reading *r, const struct table *readings)
{
    struct text subject;
    double first, last;
    for (size_t i = 0; i < table_series_count(readings); i++) {
        if (!subject_at(r, readings, i, &subject) ||
            !number_at(readings, i, TEXT("first"), &first) ||
            !number_at(readings, i, TEXT("last"), &last))
            continue;
        struct own_subject *sum = subject_of(&r->own->summing, r->number, subject);
        if (sum)
            sum->sum += last - first;
    }
}

static void add_falls(const struct reading *r, const struct table *falls)
{
    struct text subject;
    double fallen;
    for (size_t i = 0; i < table_series_count(falls); i++) {
        if (!subject_at(r, falls, i, &subject) || !number_at(falls, i, TEXT("fallen"), &fallen))
            continue;
        struct own_subject *sum = subject_of(&r->own->summing, r->number, subject);
        if (sum)
            sum->sum += fallen;
    }
}

static void judge_sum(void *context, struct index_entry *at)
{
    const struct reading *r = context;
    const struct own_subject *sum = (const struct own_subject *)at;
    judge(r->rule, subject_name(sum), sum->sum > 0 ? sum->sum : 0, r->sink);
}

/* What is known and was not among the answers has said nothing in the window. */
static bool judge_nothing(void *context, struct index_entry *at)
{
    const struct reading *r = context;
    struct own_subject *known = (struct own_subject *)at;
    if (known->rule != r->number || known->seen_ns == r->now_ns)
        return true;
    if (r->now_ns - known->seen_ns >= OWN_KNOWN_S * CLOCK_NS_PER_S)
        return false;
    judge(r->rule, subject_name(known), 0, r->sink);
    return true;
}

static bool failed(const struct gather_result *results, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (results[i].outcome != ERR_OK || table_partial(results[i].table))
            return true;
    return false;
}

static void find_rule(struct reading *r, const struct gather_result *results)
{
    if (failed(results, own_statements(r->rule))) {
        r->sink->asked(r->sink->context, r->rule->name, ALERTS_NEVER_GONE);
        return;
    }
    if (r->rule->aggregate == SETTINGS_AGGREGATE_INCREASE) {
        sum_up(r, results[0].table);
        add_falls(r, results[1].table);
        index_each(&r->own->summing, judge_sum, r);
        index_free(&r->own->summing);
    } else {
        take_values(r, results[0].table);
    }
    if (counts(r->rule))
        index_keep(&r->own->known, judge_nothing, r);
    r->sink->asked(r->sink->context, r->rule->name, OWN_KNOWN_S);
}

/* Who was heard of in the hour before the start. */
static void take_before(struct own *own, const struct settings_query_alerts *settings,
                        const struct gather_result *results, int64_t now_ns)
{
    struct text subject;
    unsigned at = 0;
    own->begun = true;
    for (unsigned i = 0; i < settings->rules_count; i++) {
        struct reading r = {own, &settings->rules[i], (uint16_t)i, now_ns - 1, NULL};
        if (!counts(r.rule))
            continue;
        const struct gather_result *result = &results[at++];
        own->begun &= result->outcome == ERR_OK;
        for (size_t s = 0; result->table && s < table_series_count(result->table); s++)
            if (subject_at(&r, result->table, s, &subject))
                know(&r, subject);
    }
}

void own_find(struct own *own, const struct settings_query_alerts *settings,
              const struct gather_results *results, unsigned first, int64_t now_ns,
              const struct rules_sink *sink)
{
    unsigned at = first, before = first;
    for (unsigned i = 0; i < settings->rules_count; i++)
        before += own_statements(&settings->rules[i]);
    if (results && !own->begun)
        take_before(own, settings, results->at + before, now_ns);
    for (unsigned i = 0; i < settings->rules_count; i++) {
        struct reading r = {own, &settings->rules[i], (uint16_t)i, now_ns, sink};
        if (results) {
            find_rule(&r, results->at + at);
            at += own_statements(r.rule);
        } else {
            sink->asked(sink->context, r.rule->name, ALERTS_NEVER_GONE);
        }
    }
}
