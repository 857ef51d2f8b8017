#include "writer/journal/chain.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "writer/journal/folder.h"

enum err chain_reserve(struct chain *chain)
{
    if (chain->count < chain->capacity)
        return ERR_OK;
    size_t capacity = chain->capacity ? 2 * chain->capacity : 32;
    struct segment **items = realloc(chain->items, capacity * sizeof(struct segment *));
    if (!items)
        return ERR_NOMEM;
    chain->items = items;
    chain->capacity = capacity;
    return ERR_OK;
}

void chain_push(struct chain *chain, struct segment *segment)
{
    size_t at = chain->count++;
    for (; at > 0 && chain->items[at - 1]->number > segment->number; at--)
        chain->items[at] = chain->items[at - 1];
    chain->items[at] = segment;
}

struct segment *chain_drop_first(struct chain *chain)
{
    struct segment *first = chain->items[0];
    chain->count--;
    memmove(chain->items, chain->items + 1, chain->count * sizeof(struct segment *));
    return first;
}

void chain_free(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        segment_free(chain->items[i]);
    free(chain->items);
    *chain = (struct chain){0};
}

struct segment *chain_last(const struct chain *chain)
{
    return chain->count > 0 ? chain->items[chain->count - 1] : NULL;
}

struct segment *chain_at(const struct chain *chain, uint64_t number)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->items[i]->number >= number && !chain->items[i]->damaged)
            return chain->items[i];
    return NULL;
}

struct segment *chain_holding(const struct chain *chain, uint64_t number)
{
    struct segment *found = NULL;
    for (size_t i = 0; i < chain->count; i++) {
        struct segment *segment = chain->items[i];
        if (!segment->damaged && (!found || segment->first <= number))
            found = segment;
    }
    return found;
}

uint64_t chain_bytes_from(const struct chain *chain, uint64_t number)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < chain->count; i++)
        if (chain->items[i]->number >= number)
            bytes += chain->items[i]->size;
    return bytes;
}

uint64_t chain_bytes(const struct chain *chain)
{
    return chain_bytes_from(chain, 0);
}

static bool known(const struct chain *chain, uint64_t number)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->items[i]->number == number)
            return true;
    return false;
}

/* A segment that holds nothing and never did: a spare, or one that a crash left half made. The
 * records of one with damaged headers are lost, but its number must not be given again. */
static bool is_leftover(const struct segment *segment)
{
    return segment->damaged ? segment->size == 0 : segment->first == 0;
}

static enum err load_one(struct chain *chain, int folder, uint64_t number, struct segment **spare,
                         struct err_reason *why)
{
    struct segment *segment = NULL;
    enum err e = chain_reserve(chain);
    if (!e)
        e = segment_load(folder, number, &segment, why);
    if (e == ERR_NOT_FOUND && !spare)
        return ERR_OK; /* renamed since the folder was listed */
    if (e)
        return e;
    if (!is_leftover(segment))
        chain_push(chain, segment);
    else if (!spare)
        segment_free(segment);
    else if (!segment->damaged && !*spare)
        *spare = segment;
    else
        segment_delete(folder, segment);
    return ERR_OK;
}

enum err chain_load(struct chain *chain, int folder, struct segment **spare, struct err_reason *why)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = again < 0 ? NULL : fdopendir(again);
    if (!listing) {
        enum err failed =
            err_explain_errno(why, folder_error(), "cannot list the journal's folder");
        if (again >= 0)
            close(again);
        return failed;
    }
    enum err e = ERR_OK;
    for (struct dirent *entry; !e && (entry = readdir(listing));) {
        uint64_t number;
        if (segment_number_of(entry->d_name, &number) && !known(chain, number))
            e = load_one(chain, folder, number, spare, why);
    }
    closedir(listing);
    return e;
}
