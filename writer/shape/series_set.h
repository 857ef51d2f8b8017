/* A set of 64-bit hashes, for counting exactly: in the order in which they came, with an index by
 * open addressing, at most three quarters full; 14 to 27 bytes each. */
#ifndef WRITER_SHAPE_SERIES_SET_H
#define WRITER_SHAPE_SERIES_SET_H

#include <stdint.h>

#include "base/buf.h"

/* Zeroed to begin with. */
struct series_set {
    uint64_t *hashes;
    uint32_t count;
    uint32_t *index; /* counted from 1; 0: free */
    uint32_t capacity;
};

bool series_set_has(const struct series_set *set, uint64_t hash);

/* series_set_add adds one, if it is not there; false when out of memory. */
bool series_set_add(struct series_set *set, uint64_t hash);
void series_set_free(struct series_set *set);

/* series_set_save appends 8 bytes each; series_set_load adds them from the front of `rest`, false
 * when they cannot be read. */
void series_set_save(const struct series_set *set, struct buf *out);
bool series_set_load(struct series_set *set, struct text *rest);

#endif
