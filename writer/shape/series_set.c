#include "writer/shape/series_set.h"

#include <stdlib.h>

#include "writer/shape/pack.h"

#define LEAST_CAPACITY 64u
#define MOST_CAPACITY  (UINT32_C(1) << 30)

/* Where the hash stands in the index, or would; there is a free place. */
static uint32_t *place_of(const struct series_set *set, uint64_t hash)
{
    uint32_t mask = set->capacity - 1;
    uint32_t at = (uint32_t)((hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
    while (set->index[at] != 0 && set->hashes[set->index[at] - 1] != hash)
        at = (at + 1) & mask;
    return &set->index[at];
}

bool series_set_has(const struct series_set *set, uint64_t hash)
{
    return set->capacity > 0 && *place_of(set, hash) != 0;
}

static bool grow(struct series_set *set)
{
    uint32_t capacity = set->capacity ? set->capacity * 2 : LEAST_CAPACITY;
    if (capacity > MOST_CAPACITY)
        return false;
    uint64_t *hashes = realloc(set->hashes, capacity / 4 * 3 * sizeof *hashes);
    if (!hashes)
        return false;
    set->hashes = hashes;
    uint32_t *index = calloc(capacity, sizeof *index);
    if (!index)
        return false;
    free(set->index);
    set->index = index;
    set->capacity = capacity;
    for (uint32_t i = 0; i < set->count; i++)
        *place_of(set, hashes[i]) = i + 1;
    return true;
}

bool series_set_add(struct series_set *set, uint64_t hash)
{
    if (series_set_has(set, hash))
        return true;
    if (set->count == set->capacity / 4 * 3 && !grow(set))
        return false;
    uint32_t *place = place_of(set, hash);
    set->hashes[set->count++] = hash;
    *place = set->count;
    return true;
}

void series_set_free(struct series_set *set)
{
    free(set->hashes);
    free(set->index);
    *set = (struct series_set){0};
}

void series_set_save(const struct series_set *set, struct buf *out)
{
    pack_number(out, set->count);
    for (uint32_t i = 0; i < set->count; i++)
        pack_number(out, set->hashes[i]);
}

bool series_set_load(struct series_set *set, struct text *rest)
{
    uint64_t count, hash;
    if (!pack_take_number(rest, &count))
        return false;
    for (; count > 0; count--)
        if (!pack_take_number(rest, &hash) || !series_set_add(set, hash))
            return false;
    return true;
}
