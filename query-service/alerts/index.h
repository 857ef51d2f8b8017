/* Finding things by a key of bytes: a chained hash table of entries that lie in their owner's
 * structs as the first member. It grows as it fills, so that a look-up costs the same with ten
 * entries and with twenty thousand. The entries' memory is their owner's, the keys are copied.
 *
 * Keys may come from strangers: whoever fills an index bounds the number of its entries. */
#ifndef ALERTS_INDEX_H
#define ALERTS_INDEX_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct index_entry {
    struct index_entry *next;
    uint32_t hash;
    char *key; /* a copy, owned by the index; terminated */
    size_t key_len;
};

struct index {
    struct index_entry **chains;
    size_t chains_count; /* a power of two; 0 while empty */
    size_t count;
};

struct index_entry *index_find(const struct index *index, struct text key); /* NULL: none */

/* index_add puts a zeroed entry in whose key is not there yet. ERR_NOMEM leaves all as it was. */
enum err index_add(struct index *index, struct text key, struct index_entry *entry) ERR_MUST_CHECK;

/* index_keep walks all entries, in no order: one that `keep` says false of is taken out, handed to
 * free(), and its key with it. */
void index_keep(struct index *index, bool (*keep)(void *context, struct index_entry *entry),
                void *context);

void index_each(const struct index *index, void (*visit)(void *context, struct index_entry *entry),
                void *context);

/* index_free frees all entries by free() and empties the index. */
void index_free(struct index *index);

#endif
