/* What a subscriber of the benchmarks counts and reports. */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include <stddef.h>

#include "subscribe.h"

struct tally {
    uint64_t messages, bytes;
    double first_s, last_s; /* monotonic */
    double cpu_before_s;    /* this process's time before the first message */
};

void tally_message(struct tally *t, size_t bytes);

/* tally_complete: the count is reached, it has been idle too long, or it was stopped. */
bool tally_complete(const struct tally *t, const struct subscribe_options *o);

/* tally_whole: as many as --count asked for, and no more. */
bool tally_whole(const struct tally *t, const struct subscribe_options *o);
void tally_report(const struct tally *t, const struct subscribe_options *o);

#endif
