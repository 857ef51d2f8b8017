#include "cli/watch_house.h"

#include <stdlib.h>

#include "base/clock.h"
#include "cli/watch_words.h"
#include "schemas/topics.h"

struct watch_house *watch_house_new(void)
{
    struct watch_house *house = calloc(1, sizeof *house);
    if (!house)
        return NULL;
    house->document = value_document_new();
    if (!house->document) {
        free(house);
        return NULL;
    }
    return house;
}

void watch_house_free(struct watch_house *house)
{
    if (!house)
        return;
    value_document_free(house->document);
    free(house);
}

/* --- services -------------------------------------------------------------------- */

/* The place of the service, or where it belongs. */
static size_t place_of(const struct watch_house *house, struct text name, bool *ret_there)
{
    size_t i = 0;
    while (i < house->service_count && text_compare(text_of(house->services[i].name), name) < 0)
        i++;
    *ret_there = i < house->service_count && text_equal(text_of(house->services[i].name), name);
    return i;
}

/* NULL when there is no room. */
static struct watch_service *service_of(struct watch_house *house, struct text name)
{
    bool there;
    size_t at = place_of(house, name, &there);
    struct watch_service *s = &house->services[at];
    if (there)
        return s;
    if (house->service_count == WATCH_SERVICES_MAX || name.len >= sizeof s->name) {
        house->more_services = true;
        return NULL;
    }
    memmove(s + 1, s, (house->service_count++ - at) * sizeof *s);
    *s = (struct watch_service){.has_status = false};
    memcpy(s->name, name.at, name.len);
    return s;
}

/* What was retained is gone; so is the service when that was all that was known of it. */
static void forget(struct watch_house *house, struct text name, bool status)
{
    bool there;
    size_t at = place_of(house, name, &there);
    struct watch_service *s = &house->services[at];
    if (!there)
        return;
    if (status) {
        s->has_status = false;
        s->state = STATUS_UNSAID;
        s->reason[0] = '\0';
    } else {
        s->has_metrics = false;
    }
    if (!s->has_status && !s->has_metrics)
        memmove(s, s + 1, (--house->service_count - at) * sizeof *s);
}

static void seen(struct watch_service *s, bool retained, int64_t own_ns, int64_t now_ns)
{
    int64_t at_ns = retained && own_ns < now_ns ? own_ns : now_ns;
    if (at_ns > s->seen_ns)
        s->seen_ns = at_ns;
}

bool watch_house_is_stale(const struct watch_service *s, int64_t now_ns)
{
    return s->state == STATUS_OFFLINE ||
           watch_words_age_ns(s->seen_ns, now_ns) > WATCH_STALE_S * CLOCK_NS_PER_S;
}

static void hear_status(struct watch_house *house, struct text name, struct value root,
                        bool retained, int64_t now_ns)
{
    struct status status;
    if (status_decode(root, &status, NULL) != ERR_OK)
        return;
    struct watch_service *s = service_of(house, name);
    if (!s)
        return;
    s->has_status = true;
    s->state = status.state;
    memcpy(s->reason, status.reason, sizeof s->reason);
    if (status.state != STATUS_OFFLINE) /* which is the broker's word */
        seen(s, retained, status.since_ns, now_ns);
}

static void hear_metrics(struct watch_house *house, struct text name, struct value root,
                         bool retained, int64_t now_ns)
{
    struct service_metrics metrics;
    if (service_metrics_decode(root, &metrics, NULL) != ERR_OK)
        return;
    struct watch_service *s = service_of(house, name);
    if (!s)
        return;
    s->has_metrics = true;
    s->metrics = metrics;
    seen(s, retained, metrics.time_ns, now_ns);
}

/* --- alerts ---------------------------------------------------------------------- */

static uint64_t count_at(struct value root, struct text key)
{
    struct value v = {NULL};
    int64_t count = value_get(root, key, &v) ? value_integer(v) : 0;
    return count > 0 ? (uint64_t)count : 0;
}

static void hear_alerts(struct watch_house *house, struct value root)
{
    struct watch_alerts *alerts = &house->alerts;
    struct value list = {NULL}, element;
    struct text key;
    if (!value_get(root, TEXT("alerts"), &list) || value_kind(list) != VALUE_ARRAY)
        return;
    alerts->known = true;
    alerts->count = count_at(root, TEXT("count"));
    alerts->firing = count_at(root, TEXT("firing"));
    alerts->acknowledged = count_at(root, TEXT("acknowledged"));
    alerts->listed = 0;
    struct value_walk walk = value_walk(list);
    while (alerts->listed < WATCH_ALERTS_MAX && value_next(&walk, &key, &element))
        if (alert_decode(element, &alerts->list[alerts->listed], NULL) == ERR_OK)
            alerts->listed++;
}

/* --- hearing --------------------------------------------------------------------- */

static void take_back(struct watch_house *house, const struct topic *topic)
{
    if (topic->kind == TOPIC_ALERTS_ACTIVE)
        house->alerts = (struct watch_alerts){.known = false};
    else if (topic->kind == TOPIC_STATUS || topic->kind == TOPIC_METRICS)
        forget(house, topic->name, topic->kind == TOPIC_STATUS);
}

void watch_house_hear(struct watch_house *house, const char *topic_root, struct text topic,
                      struct text payload, bool retained, int64_t now_ns)
{
    struct topic of = topic_parse(topic_root, topic);
    struct value root;
    house->heard_ns = now_ns;
    if (payload.len == 0) {
        take_back(house, &of);
        return;
    }
    enum value_encoding encoding = value_encoding_of(TEXT(""), payload);
    if (value_parse(house->document, encoding, payload, &root, NULL) != ERR_OK)
        return;
    if (of.kind == TOPIC_STATUS)
        hear_status(house, of.name, root, retained, now_ns);
    else if (of.kind == TOPIC_METRICS)
        hear_metrics(house, of.name, root, retained, now_ns);
    else if (of.kind == TOPIC_ALERTS_ACTIVE)
        hear_alerts(house, root);
}

/* --- the answer to stats --------------------------------------------------------- */

static struct fields_number number_at(struct value root, struct text key)
{
    struct value v = {NULL};
    if (!value_get(root, key, &v) ||
        (value_kind(v) != VALUE_INTEGER && value_kind(v) != VALUE_NUMBER))
        return (struct fields_number){0, false};
    return fields_number(value_number(v));
}

static void text_at(struct value root, struct text key, char *to, size_t size)
{
    struct value v = {NULL};
    fields_copy(to, size, value_get(root, key, &v) ? value_text(v) : TEXT(""));
}

void watch_house_no_answer(struct watch_house *house, const char *why)
{
    fields_copy(house->stats.failure, sizeof house->stats.failure, text_of(why));
}

void watch_house_answer(struct watch_house *house, struct text payload, int64_t now_ns)
{
    struct watch_stats stats = {.answered_ns = now_ns};
    struct value root, error, metrics;
    if (value_parse(house->document, VALUE_JSON, payload, &root, NULL) != ERR_OK) {
        watch_house_no_answer(house, "an answer came that is not JSON");
        return;
    }
    if (value_get(root, TEXT("error"), &error)) {
        char words[sizeof house->stats.failure];
        text_at(error, TEXT("message"), words, sizeof words);
        watch_house_no_answer(house, words[0] ? words : "an error without words");
        return;
    }
    if (!value_get(root, TEXT("metrics"), &metrics)) {
        watch_house_no_answer(house, "an answer came that is none of stats");
        return;
    }
    text_at(root, TEXT("source"), stats.source, sizeof stats.source);
    text_at(root, TEXT("period"), stats.period, sizeof stats.period);
    stats.age_s = number_at(root, TEXT("age_s"));
    stats.total_events = number_at(metrics, TEXT("total_events"));
    stats.events_per_minute = number_at(metrics, TEXT("events_per_minute"));
    stats.error_rate_percent = number_at(metrics, TEXT("error_rate_percent"));
    house->stats = stats;
}
