/* A time to wait until, for condition variables on CLOCK_MONOTONIC. */
#ifndef BUS_DEADLINE_H
#define BUS_DEADLINE_H

#include <stdint.h>
#include <time.h>

static inline struct timespec deadline_in(uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

#endif
