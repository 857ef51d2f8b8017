/* Measured times, and what can be said of them. */
#ifndef BENCH_LATENCIES_H
#define BENCH_LATENCIES_H

#include <stddef.h>

struct latencies {
    double *ms; /* owned */
    size_t count, capacity;
};

/* Out of memory ends the program. */
void latencies_add(struct latencies *l, double ms);

/* latencies_percentile gives the smallest time that `percent` of all do not exceed; 0 when there
 * are none. It sorts them. */
double latencies_percentile(struct latencies *l, double percent);
void latencies_free(struct latencies *l);

#endif
