#include "latencies.h"

#include <stdio.h>
#include <stdlib.h>

void latencies_add(struct latencies *l, double ms)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity * 2 + 64;
        double *more = realloc(l->ms, capacity * sizeof *more);
        if (!more) {
            fprintf(stderr, "out of memory\n");
            exit(1);
        }
        l->ms = more;
        l->capacity = capacity;
    }
    l->ms[l->count++] = ms;
}

static int by_time(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

double latencies_percentile(struct latencies *l, double percent)
{
    if (l->count == 0)
        return 0;
    qsort(l->ms, l->count, sizeof *l->ms, by_time);
    size_t rank = (size_t)(percent / 100 * (double)l->count + 0.999999);
    if (rank > l->count)
        rank = l->count;
    return l->ms[rank > 0 ? rank - 1 : 0];
}

void latencies_free(struct latencies *l)
{
    free(l->ms);
    *l = (struct latencies){0};
}
