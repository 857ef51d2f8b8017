#include "query-service/alerts/index.h"

#include <stdlib.h>

/* FNV-1a. */
static uint32_t hash_of(struct text key)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.at[i]) * 16777619u;
    return hash;
}

static struct index_entry **chain_of(const struct index *index, uint32_t hash)
{
    return &index->chains[hash & (index->chains_count - 1)];
}

struct index_entry *index_find(const struct index *index, struct text key)
{
    if (index->chains_count == 0)
        return NULL;
    uint32_t hash = hash_of(key);
    for (struct index_entry *e = *chain_of(index, hash); e; e = e->next)
        if (e->hash == hash && text_equal((struct text){e->key, e->key_len}, key))
            return e;
    return NULL;
}

static void link_in(struct index *index, struct index_entry *entry)
{
    struct index_entry **chain = chain_of(index, entry->hash);
    entry->next = *chain;
    *chain = entry;
}

static enum err grow(struct index *index)
{
    size_t count = index->chains_count ? index->chains_count * 2 : 64;
    struct index grown = {calloc(count, sizeof *grown.chains), count, index->count};
    if (!grown.chains)
        return ERR_NOMEM;
    for (size_t i = 0; i < index->chains_count; i++) {
        struct index_entry *next;
        for (struct index_entry *e = index->chains[i]; e; e = next) {
            next = e->next;
            link_in(&grown, e);
        }
    }
    free(index->chains);
    *index = grown;
    return ERR_OK;
}

enum err index_add(struct index *index, struct text key, struct index_entry *entry)
{
    char *copy = malloc(key.len + 1);
    if (!copy)
        return ERR_NOMEM;
    if (index->count >= index->chains_count && grow(index) != ERR_OK) {
        free(copy);
        return ERR_NOMEM;
    }
    if (key.len)
        memcpy(copy, key.at, key.len);
    copy[key.len] = '\0';
    entry->key = copy;
    entry->key_len = key.len;
    entry->hash = hash_of(key);
    link_in(index, entry);
    index->count++;
    return ERR_OK;
}

static void entry_free(struct index_entry *entry)
{
    free(entry->key);
    free(entry);
}

void index_keep(struct index *index, bool (*keep)(void *context, struct index_entry *entry),
                void *context)
{
    for (size_t i = 0; i < index->chains_count; i++) {
        struct index_entry **at = &index->chains[i];
        while (*at) {
            struct index_entry *e = *at;
            if (keep(context, e)) {
                at = &e->next;
                continue;
            }
            *at = e->next;
            index->count--;
            entry_free(e);
        }
    }
}

void index_each(const struct index *index, void (*visit)(void *context, struct index_entry *entry),
                void *context)
{
    for (size_t i = 0; i < index->chains_count; i++)
        for (struct index_entry *e = index->chains[i]; e; e = e->next)
            visit(context, e);
}

static bool keep_none(void *context, struct index_entry *entry)
{
    (void)context;
    (void)entry;
    return false;
}

void index_free(struct index *index)
{
    index_keep(index, keep_none, NULL);
    free(index->chains);
    *index = (struct index){0};
}
