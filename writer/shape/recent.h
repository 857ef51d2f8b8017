/* A bounded table of entries by 64-bit keys that knows in which order they were last touched: the
 * one that was touched longest ago is the first to go. All its memory is reserved at the beginning
 * and used as it fills, so that adding cannot fail. */
#ifndef WRITER_SHAPE_RECENT_H
#define WRITER_SHAPE_RECENT_H

#include <stddef.h>
#include <stdint.h>

struct recent;

/* recent_new: of at most `max` entries of `size` bytes; NULL when out of memory. */
struct recent *recent_new(uint32_t max, size_t size);
void recent_free(struct recent *recent); /* NULL accepted */

uint32_t recent_count(const struct recent *recent);

/* recent_find gives the entry of a key, NULL when there is none; its place in the order stays. */
void *recent_find(const struct recent *recent, uint64_t key);

/* recent_touch gives the entry of a key, zeroed when it is new, and makes it the newest. A new one
 * takes the place of the oldest when there are `max`. */
void *recent_touch(struct recent *recent, uint64_t key);

/* recent_remove takes an entry out, if it is there. */
void recent_remove(struct recent *recent, uint64_t key);

/* The walk from the oldest to the newest: NULL at its end. An entry stays where it is in memory
 * until it is removed. */
void *recent_oldest(const struct recent *recent, uint64_t *ret_key);
void *recent_newer(const struct recent *recent, const void *entry, uint64_t *ret_key);

#endif
