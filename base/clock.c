#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now); /* cannot fail for these two clocks */
    return (int64_t)now.tv_sec * CLOCK_NS_PER_S + now.tv_nsec;
}

static int64_t system_real_ns(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_monotonic_ns(void *context)
{
    (void)context;
    return read_clock(CLOCK_MONOTONIC);
}

struct clock clock_system(void)
{
    return (struct clock){system_real_ns, system_monotonic_ns, NULL};
}

void clock_format_rfc3339(int64_t real_ns, char ret_text[CLOCK_RFC3339_SIZE])
{
    int64_t ns = real_ns % CLOCK_NS_PER_S;
    time_t seconds = (time_t)(real_ns / CLOCK_NS_PER_S);
    if (ns < 0) { /* before 1970 the rest still counts forwards */
        ns += CLOCK_NS_PER_S;
        seconds--;
    }
    struct tm day;
    gmtime_r(&seconds, &day);
    size_t used = strftime(ret_text, CLOCK_RFC3339_SIZE, "%Y-%m-%dT%H:%M:%S", &day);
    char *rest = ret_text + used;
    size_t room = CLOCK_RFC3339_SIZE - used;
    if (ns == 0)
        snprintf(rest, room, "Z");
    else if (ns % 1000000 == 0)
        snprintf(rest, room, ".%03dZ", (int)(ns / 1000000));
    else if (ns % 1000 == 0)
        snprintf(rest, room, ".%06dZ", (int)(ns / 1000));
    else
        snprintf(rest, room, ".%09dZ", (int)ns);
}
