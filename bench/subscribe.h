/* What both subscribers of the benchmarks share: options, counting, the report. */
#ifndef BENCH_SUBSCRIBE_H
#define BENCH_SUBSCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct subscribe_options {
    const char *host, *port, *client_id, *topic;
    uint64_t qos;
    uint64_t count; /* end after so many; 0: until idle or stopped */
    double idle_s;  /* end when nothing came for so long after the first; 0: never */
    bool json;
};

/* subscribe_read_options exits by itself on --help (0) and on wrong usage (2), and
 * makes SIGINT and SIGTERM end the count with a report. */
void subscribe_read_options(struct subscribe_options *o, int argc, char **argv);

/* subscribe_say_ready prints "subscribed", so that a script knows when to publish. */
void subscribe_say_ready(void);

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
