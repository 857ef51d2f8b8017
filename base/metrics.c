#include "base/metrics.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

enum kind { COUNTER, GAUGE, HISTOGRAM };

/* All metrics of one name: the format wants them in one run below one HELP and TYPE. */
struct family {
    struct family *next;
    char *name, *help;
    enum kind kind;
    struct metric *first;
};

struct metric {
    struct metric *next;                  /* of the family */
    char *labels[2 * METRICS_LABELS_MAX]; /* name, value, name, value; NULL ends them */
    enum kind kind;
    _Atomic uint64_t value; /* the bits of a double; of a histogram: the sum */
    size_t bounds_count;
    double *bounds_s;
    _Atomic uint64_t *buckets; /* bounds_count + 1, not cumulated */
};

struct metrics {
    struct family *first;
};

struct metrics *metrics_new(void)
{
    return calloc(1, sizeof(struct metrics));
}

static void metric_free(struct metric *metric)
{
    if (!metric)
        return;
    for (size_t i = 0; i < 2 * METRICS_LABELS_MAX; i++)
        free(metric->labels[i]);
    free(metric->bounds_s);
    free(metric->buckets);
    free(metric);
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    for (struct family *family = metrics->first, *next; family; family = next) {
        next = family->next;
        for (struct metric *metric = family->first, *behind; metric; metric = behind) {
            behind = metric->next;
            metric_free(metric);
        }
        free(family->name);
        free(family->help);
        free(family);
    }
    free(metrics);
}

static bool is_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789";
    size_t len = strlen(name);
    return len > 0 && strspn(name, letters) == len && !(name[0] >= '0' && name[0] <= '9');
}

/* The family of `name`, made when there is none; NULL when it is of another kind. */
static struct family *find_family(struct metrics *metrics, const char *name, const char *help,
                                  enum kind kind)
{
    struct family **end = &metrics->first;
    for (; *end; end = &(*end)->next)
        if (strcmp((*end)->name, name) == 0)
            return (*end)->kind == kind ? *end : NULL;
    struct family *family = is_name(name) ? calloc(1, sizeof *family) : NULL;
    if (!family)
        return NULL;
    family->kind = kind;
    family->name = strdup(name);
    family->help = strdup(help);
    if (!family->name || !family->help) {
        free(family->name);
        free(family->help);
        free(family);
        return NULL;
    }
    *end = family;
    return family;
}

static bool is_label(const char *name)
{
    return is_name(name) && !strchr(name, ':') && strncmp(name, "__", 2) != 0 &&
           strcmp(name, "le") != 0;
}

static bool are_labels(const struct metrics_labels *labels)
{
    const char *const *text = labels->text;
    for (size_t i = 0; i < 2 * METRICS_LABELS_MAX && text[i]; i += 2) {
        if (!is_label(text[i]) || !text[i + 1])
            return false;
        for (size_t before = 0; before < i; before += 2)
            if (strcmp(text[before], text[i]) == 0)
                return false;
    }
    return true;
}

/* Whether every `step`th text is the same, from the first on: 1 for names and values, 2 for names
 * alone. */
static bool same_labels(const struct metric *metric, const struct metrics_labels *labels,
                        size_t step)
{
    for (size_t i = 0; i < 2 * METRICS_LABELS_MAX; i += step) {
        const char *a = metric->labels[i], *b = labels->text[i];
        if (!a || !b)
            return a == b;
        if (strcmp(a, b) != 0)
            return false;
    }
    return true;
}

static struct metric *metric_new(enum kind kind, const struct metrics_labels *labels)
{
    struct metric *metric = calloc(1, sizeof *metric);
    if (!metric)
        return NULL;
    metric->kind = kind;
    for (size_t i = 0; i < 2 * METRICS_LABELS_MAX && labels->text[i]; i++) {
        metric->labels[i] = strdup(labels->text[i]);
        if (!metric->labels[i]) {
            metric_free(metric);
            return NULL;
        }
    }
    return metric;
}

/* The metric of these labels' values, made when there is none. */
static struct metric *find_metric(struct metrics *metrics, const char *name, const char *help,
                                  enum kind kind, struct metrics_labels labels)
{
    struct family *family = are_labels(&labels) ? find_family(metrics, name, help, kind) : NULL;
    if (!family || (family->first && !same_labels(family->first, &labels, 2)))
        return NULL;
    struct metric **end = &family->first;
    for (; *end; end = &(*end)->next)
        if (same_labels(*end, &labels, 1))
            return *end;
    *end = metric_new(kind, &labels);
    return *end;
}

struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                               struct metrics_labels labels)
{
    return find_metric(metrics, name, help, COUNTER, labels);
}

struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                             struct metrics_labels labels)
{
    return find_metric(metrics, name, help, GAUGE, labels);
}

struct metric *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                 struct metrics_labels labels, const double *bounds_s, size_t count)
{
    double *bounds = calloc(count + 1, sizeof *bounds);
    _Atomic uint64_t *buckets = calloc(count + 1, sizeof *buckets);
    struct metric *metric =
        bounds && buckets ? find_metric(metrics, name, help, HISTOGRAM, labels) : NULL;
    if (!metric || metric->buckets) {
        free(bounds);
        free(buckets);
        return metric;
    }
    if (count > 0)
        memcpy(bounds, bounds_s, count * sizeof *bounds);
    metric->bounds_s = bounds;
    metric->buckets = buckets;
    metric->bounds_count = count;
    return metric;
}

static uint64_t bits_of(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static double number_of(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static void add(struct metric *metric, double by)
{
    uint64_t before = atomic_load_explicit(&metric->value, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&metric->value, &before,
                                                  bits_of(number_of(before) + by),
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

void metric_add(struct metric *metric, uint64_t by)
{
    if (metric && metric->kind != HISTOGRAM)
        add(metric, (double)by);
}

void metric_set(struct metric *metric, double value)
{
    if (metric && metric->kind != HISTOGRAM)
        atomic_store_explicit(&metric->value, bits_of(value), memory_order_relaxed);
}

void metric_observe(struct metric *metric, double seconds)
{
    if (!metric || metric->kind != HISTOGRAM)
        return;
    size_t bucket = 0;
    while (bucket < metric->bounds_count && !(seconds <= metric->bounds_s[bucket]))
        bucket++;
    atomic_fetch_add_explicit(&metric->buckets[bucket], 1, memory_order_relaxed);
    add(metric, seconds);
}

double metric_value(const struct metric *metric)
{
    return metric ? number_of(atomic_load_explicit(&metric->value, memory_order_relaxed)) : 0;
}

/* Of help and label values; the format must be UTF-8, or the whole answer is refused. */
static void put_escaped(const char *text, bool quoted, struct buf *out)
{
    struct text rest = text_of(text);
    while (rest.len > 0) {
        size_t length = text_utf8_sequence(rest);
        if (length == 0)
            buf_string(out, "\xEF\xBF\xBD");
        else if (*rest.at == '\\')
            buf_string(out, "\\\\");
        else if (*rest.at == '\n')
            buf_string(out, "\\n");
        else if (*rest.at == '"' && quoted)
            buf_string(out, "\\\"");
        else
            buf_append(out, rest.at, length);
        rest.at += length ? length : 1;
        rest.len -= length ? length : 1;
    }
}

static void put_number(double number, struct buf *out)
{
    if (isnan(number))
        buf_string(out, "NaN");
    else if (isinf(number))
        buf_string(out, number > 0 ? "+Inf" : "-Inf");
    else
        buf_number(out, number);
}

/* One sample's name and labels, with the upper bound of a bucket as one label more where `le`
 * is given, and the blank before its value. */
static void put_series(const char *name, const char *suffix, const struct metric *metric,
                       const double *le, struct buf *out)
{
    const char *before = "{";
    buf_printf(out, "%s%s", name, suffix);
    for (size_t i = 0; i < 2 * METRICS_LABELS_MAX && metric->labels[i]; i += 2) {
        buf_printf(out, "%s%s=\"", before, metric->labels[i]);
        put_escaped(metric->labels[i + 1], true, out);
        buf_char(out, '"');
        before = ",";
    }
    if (le) {
        buf_printf(out, "%sle=\"", before);
        put_number(*le, out);
        buf_char(out, '"');
    }
    buf_string(out, le || metric->labels[0] ? "} " : " ");
}

static void put_histogram(const char *name, const struct metric *metric, struct buf *out)
{
    static const double infinite = INFINITY;
    uint64_t below = 0;
    for (size_t i = 0; i <= metric->bounds_count; i++) {
        below += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        put_series(name, "_bucket", metric,
                   i < metric->bounds_count ? &metric->bounds_s[i] : &infinite, out);
        buf_printf(out, "%llu\n", (unsigned long long)below);
    }
    put_series(name, "_sum", metric, NULL, out);
    put_number(metric_value(metric), out);
    buf_char(out, '\n');
    put_series(name, "_count", metric, NULL, out);
    buf_printf(out, "%llu\n", (unsigned long long)below);
}

static void put_simple(const char *name, const struct metric *metric, struct buf *out)
{
    put_series(name, "", metric, NULL, out);
    put_number(metric_value(metric), out);
    buf_char(out, '\n');
}

void metrics_write(const struct metrics *metrics, struct buf *out)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    for (const struct family *family = metrics->first; family; family = family->next) {
        buf_printf(out, "# HELP %s ", family->name);
        put_escaped(family->help, false, out);
        buf_printf(out, "\n# TYPE %s %s\n", family->name, kinds[family->kind]);
        for (const struct metric *metric = family->first; metric; metric = metric->next) {
            if (metric->kind == HISTOGRAM)
                put_histogram(family->name, metric, out);
            else
                put_simple(family->name, metric, out);
        }
    }
}
