/* The command line that both subscribers of the benchmarks share. */
#ifndef BENCH_SUBSCRIBE_H
#define BENCH_SUBSCRIBE_H

#include <stdbool.h>
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

#endif
