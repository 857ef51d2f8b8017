/* The two clocks, handed in from outside so that tests can turn them. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
    int64_t (*real_ns)(void *context);      /* since 1970-01-01 UTC, may step */
    int64_t (*monotonic_ns)(void *context); /* from any origin, never steps */
    void *context;                          /* borrowed */
};

/* clock_system reads CLOCK_REALTIME and CLOCK_MONOTONIC. */
struct clock clock_system(void);

static inline int64_t clock_real_ns(const struct clock *c)
{
    return c->real_ns(c->context);
}

static inline int64_t clock_monotonic_ms(const struct clock *c)
{
    return c->monotonic_ns(c->context) / 1000000;
}

/* clock_due tells whether something that comes each `interval_ms` (0: never) has come due, and sets
 * the next time. */
static inline bool clock_due(int64_t *due_ms, int64_t now_ms, int64_t interval_ms)
{
    if (interval_ms == 0 || now_ms < *due_ms)
        return false;
    *due_ms = now_ms + interval_ms;
    return true;
}

/* clock_sooner_ms is the shorter of two waits. */
static inline uint32_t clock_sooner_ms(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

#define CLOCK_NS_PER_MS 1000000LL
#define CLOCK_NS_PER_S  1000000000LL

/* clock_format_rfc3339 writes UTC with nanoseconds cut to what is not zero
 * (none, .mmm, .uuuuuu or .nnnnnnnnn) and a Z: at most 31 bytes with the NUL. */
#define CLOCK_RFC3339_SIZE 40
void clock_format_rfc3339(int64_t real_ns, char ret_text[CLOCK_RFC3339_SIZE]);

#endif
