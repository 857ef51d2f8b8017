#include "base/backoff.h"

struct backoff backoff_make(uint32_t floor_ms, uint32_t cap_ms, uint64_t seed)
{
    return (struct backoff){
        .floor_ms = floor_ms, .cap_ms = cap_ms < floor_ms ? floor_ms : cap_ms, .seed = seed};
}

/* SplitMix64: any seed will do, zero too. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint32_t backoff_next_ms(struct backoff *b)
{
    if (b->attempt < UINT32_MAX)
        b->attempt++;
    unsigned doublings = b->attempt < 32 ? b->attempt : 32;
    uint64_t limit = (uint64_t)b->floor_ms << doublings;
    if (limit > b->cap_ms)
        limit = b->cap_ms;
    uint64_t span = limit - b->floor_ms + 1;
    /* The high half scaled by the span: even enough for a wait, and no division. */
    return b->floor_ms + (uint32_t)(((draw(&b->seed) >> 32) * span) >> 32);
}

void backoff_reset(struct backoff *b)
{
    b->attempt = 0;
}
