/* The segments in use, oldest first, the last being the one that is appended to. Owns them. Not
 * thread-safe: under the journal's segments lock. */
#ifndef WRITER_JOURNAL_CHAIN_H
#define WRITER_JOURNAL_CHAIN_H

#include "writer/journal/segment.h"

struct chain {
    struct segment **items;
    size_t count;
    size_t capacity;
};

/* chain_load adds what the folder holds and the chain does not know yet. A spare goes to *spare,
 * and leftovers of a crash are removed; with `spare` NULL both are left alone. */
enum err chain_load(struct chain *chain, int folder, struct segment **spare,
                    struct err_reason *why) ERR_MUST_CHECK;
void chain_free(struct chain *chain);

/* chain_reserve makes room for one more, so that the next chain_push cannot fail. */
enum err chain_reserve(struct chain *chain) ERR_MUST_CHECK;

/* chain_push adds a segment, taken over, where its number belongs. */
void chain_push(struct chain *chain, struct segment *segment);

/* chain_drop_first takes the oldest out and gives it to the caller. */
struct segment *chain_drop_first(struct chain *chain);

/* chain_last is NULL when the chain is empty. */
struct segment *chain_last(const struct chain *chain);

/* chain_at gives the readable segment with this number, or else the next readable one; NULL: none.
 */
struct segment *chain_at(const struct chain *chain, uint64_t number);

/* chain_holding gives the readable segment that record `number` lies in, or the oldest readable one
 * when it is gone; NULL: none. */
struct segment *chain_holding(const struct chain *chain, uint64_t number);

/* chain_bytes is the size of all files; chain_bytes_from of those from segment `number` on. */
uint64_t chain_bytes_from(const struct chain *chain, uint64_t number);
uint64_t chain_bytes(const struct chain *chain);

#endif
