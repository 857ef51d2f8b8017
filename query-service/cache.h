/* Answers that may be given again: by key, until they expire. Bounded in entries and bytes; what
 * was not used for longest goes first. Owned by the loop. */
#ifndef QUERY_CACHE_H
#define QUERY_CACHE_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define CACHE_ENTRIES 1024

struct cache;

struct cache_entry {
    struct text body; /* the members of the answer's object */
    int64_t made_ns;  /* its timestamp */
    int64_t made_ms;  /* by the monotonic clock, for its age */
};

struct cache *cache_new(size_t max_bytes); /* NULL when out of memory */
void cache_free(struct cache *cache);      /* NULL accepted */

/* cache_put copies key and entry; an older one under the key goes. What is larger than a quarter of
 * the bound, or finds no memory, is not kept. */
void cache_put(struct cache *cache, struct text key, const struct cache_entry *entry,
               int64_t expires_ms);

/* cache_get finds an entry that has not expired; its body lives until the next cache_put. */
bool cache_get(struct cache *cache, struct text key, int64_t now_ms, struct cache_entry *ret_entry);

/* What it holds now: bodies, keys and what an entry costs. */
void cache_size(const struct cache *cache, size_t *ret_entries, size_t *ret_bytes);

#endif
