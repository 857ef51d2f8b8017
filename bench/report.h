/* What a program of bench/ found: `name: number` lines for a person, or one JSON
 * object on one line for a script. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stdint.h>

struct report {
    bool json;
    bool begun;
};

void report_count(struct report *r, const char *name, uint64_t count);
void report_number(struct report *r, const char *name, double number);
void report_end(struct report *r);

/* The clocks in seconds: since 1970, from any origin, and this process's user
 * and system time. */
double report_real_s(void);
double report_monotonic_s(void);
double report_cpu_s(void);

/* report_rate is count / seconds, 0 for no time at all. */
double report_rate(uint64_t count, double seconds);

/* report_signals lets SIGINT and SIGTERM set what report_stopped gives, so that
 * a program that is stopped still reports. */
void report_signals(void);
bool report_stopped(void);

#endif
