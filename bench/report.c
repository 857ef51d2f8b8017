#include "report.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static volatile sig_atomic_t stopped;

static void report_name(struct report *r, const char *name)
{
    if (r->json)
        printf("%s\"%s\": ", r->begun ? ", " : "{", name);
    else
        printf("%s: ", name);
    r->begun = true;
}

void report_count(struct report *r, const char *name, uint64_t count)
{
    report_name(r, name);
    printf("%" PRIu64 "%s", count, r->json ? "" : "\n");
}

void report_number(struct report *r, const char *name, double number)
{
    report_name(r, name);
    printf("%.6f%s", number, r->json ? "" : "\n");
}

void report_end(struct report *r)
{
    if (r->json)
        printf("}\n");
    fflush(stdout);
}

static double seconds_of(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double report_real_s(void)
{
    return seconds_of(CLOCK_REALTIME);
}

double report_monotonic_s(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double report_cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

double report_rate(uint64_t count, double seconds)
{
    return seconds > 0 ? (double)count / seconds : 0;
}

static void report_stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

void report_signals(void)
{
    struct sigaction action = {.sa_handler = report_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool report_stopped(void)
{
    return stopped != 0;
}
