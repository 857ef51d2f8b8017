#include <stdlib.h>

#include "base/clock.h"
#include "query-service/statistics/live_samples.h"

#define INTERVAL_MAX_S  3600
#define TIME_MAX_NS     (INT64_MAX / 2) /* the year 2116 */
#define SAMPLES_AT_ONCE 32

struct live *live_new(void)
{
    return calloc(1, sizeof(struct live));
}

static void service_free(struct service *service)
{
    free(service->samples);
    free(service);
}

void live_free(struct live *live)
{
    if (!live)
        return;
    for (unsigned i = 0; i < live->count; i++)
        service_free(live->services[i]);
    free(live);
}

static unsigned find(const struct live *live, struct text name)
{
    unsigned i = 0;
    while (i < live->count && !text_equal(text_of(live->services[i]->name), name))
        i++;
    return i;
}

static enum err find_or_make(struct live *live, struct text name, struct service **ret_service)
{
    unsigned i = find(live, name);
    if (i == live->count) {
        if (i == FIGURES_SERVICES || name.len >= sizeof live->services[0]->name)
            return ERR_FULL;
        struct service *service = calloc(1, sizeof *service);
        if (!service)
            return ERR_NOMEM;
        fields_copy(service->name, sizeof service->name, name);
        live->services[live->count++] = service;
    }
    *ret_service = live->services[i];
    return ERR_OK;
}

void live_forget(struct live *live, struct text service)
{
    unsigned i = find(live, service);
    if (i == live->count)
        return;
    service_free(live->services[i]);
    live->services[i] = live->services[--live->count];
}

bool live_knows(const struct live *live, struct text service)
{
    return find(live, service) < live->count;
}

void live_heard(struct live *live, struct text service, int64_t now_ns)
{
    unsigned i = find(live, service);
    if (i < live->count)
        live->services[i]->heard_ns = now_ns;
}

/* By its own clock, which is all there is to what was retained. */
static int64_t said_ns(const struct service *service)
{
    int64_t metrics_ns = service->has_metrics ? service->metrics.time_ns : 0;
    int64_t status_ns = service->has_status ? service->status.since_ns : 0;
    return metrics_ns > status_ns ? metrics_ns : status_ns;
}

static void describe(const struct service *service, struct live_service *ret_service)
{
    *ret_service = (struct live_service){
        .name = service->name,
        .status = service->has_status ? &service->status : NULL,
        .metrics = service->has_metrics ? &service->metrics : NULL,
        .heard_ns = service->heard_ns ? service->heard_ns : said_ns(service),
    };
}

bool live_service(const struct live *live, unsigned i, struct live_service *ret_service)
{
    if (i >= live->count)
        return false;
    describe(live->services[i], ret_service);
    return true;
}

bool live_find(const struct live *live, struct text service, struct live_service *ret_service)
{
    return live_service(live, find(live, service), ret_service);
}

enum status_state live_state(const struct live_service *service)
{
    if (service->status)
        return service->status->state;
    return service->metrics ? service->metrics->state : STATUS_UNSAID;
}

/* --- what is heard ------------------------------------------------------------ */

enum err live_status(struct live *live, struct text service, const struct status *status)
{
    struct service *s;
    enum err e = find_or_make(live, service, &s);
    if (e != ERR_OK)
        return e;
    s->status = *status;
    s->has_status = true;
    return ERR_OK;
}

static bool is_told(const struct service *service, int64_t end_ns)
{
    for (unsigned i = service->samples_count; i-- > 0;)
        if (live_sample(service, i)->end_ns == end_ns)
            return true;
    return false;
}

/* Makes room for one more: the ring grows up to LIVE_SAMPLES, then the oldest goes. */
static enum err make_room(struct service *service)
{
    if (service->samples_count < service->samples_capacity)
        return ERR_OK;
    if (service->samples_count == LIVE_SAMPLES) {
        service->samples_first = (service->samples_first + 1) % LIVE_SAMPLES;
        service->samples_count--;
        return ERR_OK;
    }
    unsigned capacity = service->samples_capacity ? 2 * service->samples_capacity : SAMPLES_AT_ONCE;
    capacity = capacity < LIVE_SAMPLES ? capacity : LIVE_SAMPLES;
    struct sample *samples = realloc(service->samples, capacity * sizeof *samples);
    if (!samples)
        return ERR_NOMEM;
    service->samples = samples; /* not full yet, so the oldest is still the first */
    service->samples_capacity = capacity;
    return ERR_OK;
}

static double kept(const struct service_metrics *metrics)
{
    double received = (double)metrics->received.value, repeated = (double)metrics->repeated.value;
    return received > repeated ? received - repeated : 0;
}

/* A counter that fell began anew, with a new journal: what it says has grown since. */
static struct fields_number growth(const struct service_metrics *before,
                                   const struct service_metrics *now)
{
    if (!before->received.present || !now->received.present)
        return (struct fields_number){0};
    double a = kept(before), b = kept(now);
    return fields_number(b >= a ? b - a : b);
}

static struct sample sample_of(const struct service *service, const struct service_metrics *metrics)
{
    double interval_s = metrics->interval_s.value;
    int64_t before_ns = service->has_metrics ? service->metrics.time_ns : metrics->time_ns;
    struct sample sample = {
        .start_ns = before_ns,
        .end_ns = metrics->time_ns,
        .tally = tally_of(metrics),
        .grown_from_ns = before_ns,
    };
    if (metrics->interval_s.present && interval_s > 0 && interval_s <= INTERVAL_MAX_S)
        sample.start_ns = metrics->time_ns - (int64_t)(interval_s * CLOCK_NS_PER_S);
    if (sample.start_ns > sample.end_ns) /* the clock stepped back */
        sample.start_ns = sample.end_ns;
    if (service->has_metrics)
        sample.grown = growth(&service->metrics, metrics);
    return sample;
}

enum err live_metrics(struct live *live, struct text service, const struct service_metrics *metrics)
{
    struct service *s;
    if (metrics->time_ns < 0 || metrics->time_ns > TIME_MAX_NS)
        return ERR_INVALID;
    enum err e = find_or_make(live, service, &s);
    if (e != ERR_OK)
        return e;
    if (is_told(s, metrics->time_ns))
        return ERR_OK;
    e = make_room(s);
    if (e != ERR_OK)
        return e;
    struct sample sample = sample_of(s, metrics);
    *live_sample(s, s->samples_count) = sample;
    s->samples_count++;
    s->metrics = *metrics;
    s->has_metrics = true;
    return ERR_OK;
}
