/* How long to wait before trying again: capped exponential with full jitter, a
 * number drawn evenly from floor_ms to min(cap_ms, floor_ms * 2^attempt), attempt being 1
 * for the first wait, so that many clients of one server do not come back together. The only source
 * of retry delays in the tree. Pure: no clock. */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
    uint32_t floor_ms;
    uint32_t cap_ms;
    uint32_t attempt; /* failures in a row so far */
    uint64_t seed;    /* state of the generator, any value */
};

struct backoff backoff_make(uint32_t floor_ms, uint32_t cap_ms, uint64_t seed);

/* backoff_next_ms counts one failure and gives the wait, floor_ms..cap_ms. */
uint32_t backoff_next_ms(struct backoff *b);

/* backoff_reset is called on success. */
void backoff_reset(struct backoff *b);

#endif
