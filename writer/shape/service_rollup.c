#include "writer/shape/service_rollup.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "writer/shape/pack.h"
#include "writer/shape/window.h"

/* Figures are NaN until a message has them. */

static double add(double before, double now)
{
    return isnan(before) ? now : fmin(before + now, DBL_MAX);
}

static double latest(double before, double now)
{
    (void)before;
    return now;
}

static const struct figure {
    const char *field;
    double (*join)(double before, double now);
} figures[] = {
    {"events_processed", add},  {"write_attempts", add},        {"write_errors", add},
    {"lines_written", add},     {"write_latency_max_ms", fmax}, {"journal_bytes", fmax},
    {"journal_oldest_s", fmax}, {"events_total", latest},       {"uptime_s", latest},
};

/* A mean is weighted by the first of these fields that is above 0. */
static const struct mean {
    const char *field, *weight_field, *sum_field;
    const char *weighted_by[2];
} means[] = {
    {"processing_time_ms", "processing_events", "processing_sum", {"events_processed"}},
    {"success_rate", "success_events", "success_sum", {"write_attempts", "events_processed"}},
};

enum {
    FIGURES = sizeof figures / sizeof figures[0],
    MEANS = sizeof means / sizeof means[0],
};

struct service {
    char name[SERVICE_ROLLUP_NAME_SIZE];
    size_t name_len;
    uint64_t messages;
    int64_t last_time_ns; /* of the message added last */
    double figures[FIGURES];
    double products[MEANS]; /* value times weight, summed */
    double weights[MEANS];
};

struct service_rollup {
    struct window window;
    uint64_t steps_back;
    unsigned count;
    struct service services[SERVICE_ROLLUP_SERVICES];
};

struct service_rollup *service_rollup_new(void)
{
    struct service_rollup *rollup = calloc(1, sizeof *rollup);
    if (rollup)
        rollup->window = (struct window){300 * CLOCK_NS_PER_S, WINDOW_NONE};
    return rollup;
}

void service_rollup_free(struct service_rollup *rollup)
{
    free(rollup);
}

static struct text service_name(const struct service *service)
{
    return (struct text){service->name, service->name_len};
}

static void service_reset(struct service *service)
{
    service->messages = 0;
    for (size_t i = 0; i < FIGURES; i++)
        service->figures[i] = NAN;
    for (size_t i = 0; i < MEANS; i++)
        service->products[i] = service->weights[i] = 0;
}

/* --- a row -------------------------------------------------------------------- */

static void service_emit(const struct service *service, int64_t time_ns,
                         const struct rollup_sink *sink)
{
    struct point point;
    point_clear(&point);
    point.measurement = TEXT("service_metrics_5m");
    point.timed = true;
    point.time_ns = time_ns;
    enum err e = point_tag(&point, TEXT("service"), service_name(service));
    e = e ? e : point_number(&point, TEXT("messages"), (double)service->messages);
    for (size_t i = 0; i < FIGURES; i++)
        if (e == ERR_OK && !isnan(service->figures[i]))
            e = point_number(&point, text_of(figures[i].field), service->figures[i]);
    for (size_t i = 0; i < MEANS; i++) {
        double weight = service->weights[i];
        if (e || weight == 0)
            continue;
        e = point_number(&point, text_of(means[i].field), service->products[i] / weight);
        e = e ? e : point_number(&point, text_of(means[i].weight_field), weight);
        e = e ? e : point_number(&point, text_of(means[i].sum_field), service->products[i]);
    }
    if (e == ERR_OK)
        sink->point(sink->context, &point);
}

/* A service that was silent for a whole window gives its place back. */
static void window_close(struct service_rollup *rollup, const struct rollup_sink *sink)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < rollup->count; i++) {
        struct service *service = &rollup->services[i];
        if (service->messages == 0)
            continue;
        service_emit(service, rollup->window.start_ns + (int64_t)rollup->steps_back, sink);
        service_reset(service);
        rollup->services[kept++] = *service;
    }
    rollup->count = kept;
}

void service_rollup_advance(struct service_rollup *rollup, int64_t arrival_ns,
                            const struct rollup_sink *sink)
{
    if (window_holds(&rollup->window, arrival_ns))
        return; /* nearly always */
    if (rollup->window.start_ns != WINDOW_NONE)
        window_close(rollup, sink);
    if (arrival_ns < rollup->window.start_ns)
        rollup->steps_back++;
    rollup->window.start_ns = window_start(&rollup->window, arrival_ns);
}

/* --- a message ---------------------------------------------------------------- */

static double number_of(const struct point *point, const char *field)
{
    if (!field)
        return NAN;
    for (unsigned i = 0; i < point->field_count; i++) {
        const struct point_field *f = &point->fields[i];
        if (f->type == FIELD_NUMBER && f->number >= 0 && text_equal(f->key, text_of(field)))
            return f->number;
    }
    return NAN;
}

static struct text service_of(const struct point *point)
{
    for (unsigned i = 0; i < point->tag_count; i++)
        if (text_equal(point->tags[i].key, TEXT("service")))
            return point->tags[i].value;
    return (struct text){NULL, 0};
}

/* The place of a service, made when it is new; NULL when there is none. */
static struct service *service_find(struct service_rollup *rollup, struct text name)
{
    for (unsigned i = 0; i < rollup->count; i++)
        if (text_equal(service_name(&rollup->services[i]), name))
            return &rollup->services[i];
    if (rollup->count == SERVICE_ROLLUP_SERVICES || name.len == 0 ||
        name.len >= SERVICE_ROLLUP_NAME_SIZE)
        return NULL;
    struct service *service = &rollup->services[rollup->count++];
    *service = (struct service){.name_len = name.len, .last_time_ns = INT64_MIN};
    memcpy(service->name, name.at, name.len);
    service_reset(service);
    return service;
}

static void add_mean(struct service *service, size_t i, const struct point *point)
{
    double value = number_of(point, means[i].field);
    double weight = number_of(point, means[i].weighted_by[0]);
    if (!(weight > 0))
        weight = number_of(point, means[i].weighted_by[1]);
    if (isnan(value) || !(weight > 0))
        return;
    service->products[i] = add(service->products[i], value * weight);
    service->weights[i] = add(service->weights[i], weight);
}

bool service_rollup_add(struct service_rollup *rollup, const struct point *point)
{
    struct service *service = service_find(rollup, service_of(point));
    if (!service)
        return false;
    if (service->last_time_ns == point->time_ns)
        return true;
    service->last_time_ns = point->time_ns;
    service->messages++;
    for (size_t i = 0; i < FIGURES; i++) {
        double number = number_of(point, figures[i].field);
        if (!isnan(number))
            service->figures[i] = figures[i].join(service->figures[i], number);
    }
    for (size_t i = 0; i < MEANS; i++)
        add_mean(service, i, point);
    return true;
}

/* --- the saved state ---------------------------------------------------------- */

static void save_figure(double figure, struct buf *out)
{
    uint64_t bits;
    memcpy(&bits, &figure, sizeof bits);
    pack_number(out, bits);
}

static bool load_figure(double *figure, struct text *rest)
{
    uint64_t bits;
    if (!pack_take_number(rest, &bits))
        return false;
    memcpy(figure, &bits, sizeof bits);
    return isnan(*figure) || (*figure >= 0 && isfinite(*figure));
}

static void service_save(const struct service *service, struct buf *out)
{
    pack_text(out, service_name(service));
    pack_number(out, service->messages);
    pack_number(out, (uint64_t)service->last_time_ns);
    for (size_t i = 0; i < FIGURES; i++)
        save_figure(service->figures[i], out);
    for (size_t i = 0; i < MEANS; i++) {
        save_figure(service->products[i], out);
        save_figure(service->weights[i], out);
    }
}

static bool service_load(struct service *service, struct text *rest)
{
    struct text name;
    uint64_t time;
    if (!pack_take_text(rest, &name) || name.len == 0 || name.len >= SERVICE_ROLLUP_NAME_SIZE ||
        !pack_take_number(rest, &service->messages) || !pack_take_number(rest, &time))
        return false;
    memcpy(service->name, name.at, name.len);
    service->name_len = name.len;
    service->last_time_ns = (int64_t)time;
    for (size_t i = 0; i < FIGURES; i++)
        if (!load_figure(&service->figures[i], rest))
            return false;
    for (size_t i = 0; i < MEANS; i++)
        if (!load_figure(&service->products[i], rest) || !load_figure(&service->weights[i], rest) ||
            isnan(service->products[i]) || isnan(service->weights[i]))
            return false;
    return true;
}

void service_rollup_save(const struct service_rollup *rollup, struct buf *out)
{
    pack_number(out, rollup->count);
    pack_number(out, rollup->steps_back);
    window_save(&rollup->window, out);
    for (unsigned i = 0; i < rollup->count; i++)
        service_save(&rollup->services[i], out);
}

bool service_rollup_load(struct service_rollup *rollup, struct text *rest)
{
    uint64_t count;
    if (!pack_take_number(rest, &count) || count > SERVICE_ROLLUP_SERVICES ||
        !pack_take_number(rest, &rollup->steps_back) ||
        rollup->steps_back > WINDOW_STEPS_BACK_MAX || !window_load(&rollup->window, rest))
        return false;
    rollup->count = (unsigned)count;
    for (unsigned i = 0; i < rollup->count; i++)
        if (!service_load(&rollup->services[i], rest))
            return false;
    return true;
}
