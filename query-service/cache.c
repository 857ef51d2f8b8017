#include "query-service/cache.h"

#include <stdlib.h>

#include "base/crc32c.h"

#define CHAINS 512u

struct entry {
    struct entry *chain;         /* of the same hash */
    struct entry *newer, *older; /* by last use */
    int64_t made_ns, made_ms, expires_ms;
    size_t key_len, body_len;
    char bytes[]; /* key, then body */
};

struct cache {
    struct entry *chains[CHAINS];
    struct entry *newest, *oldest;
    size_t count, bytes, max_bytes;
};

static size_t cost(size_t key_len, size_t body_len)
{
    return sizeof(struct entry) + key_len + body_len;
}

struct cache *cache_new(size_t max_bytes)
{
    struct cache *cache = calloc(1, sizeof *cache);
    if (cache)
        cache->max_bytes = max_bytes;
    return cache;
}

static struct entry **place(struct cache *cache, struct text key)
{
    struct entry **at = &cache->chains[crc32c(0, key.at, key.len) % CHAINS];
    while (*at && !text_equal((struct text){(*at)->bytes, (*at)->key_len}, key))
        at = &(*at)->chain;
    return at;
}

static void unlink_use(struct cache *cache, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void drop(struct cache *cache, struct entry **at)
{
    struct entry *entry = *at;
    *at = entry->chain;
    unlink_use(cache, entry);
    cache->count--;
    cache->bytes -= cost(entry->key_len, entry->body_len);
    free(entry);
}

void cache_free(struct cache *cache)
{
    if (!cache)
        return;
    for (struct entry *entry = cache->newest, *next; entry; entry = next) {
        next = entry->older;
        free(entry);
    }
    free(cache);
}

static void make_room(struct cache *cache, size_t wanted)
{
    while (cache->oldest &&
           (cache->bytes + wanted > cache->max_bytes || cache->count >= CACHE_ENTRIES))
        drop(cache, place(cache, (struct text){cache->oldest->bytes, cache->oldest->key_len}));
}

void cache_put(struct cache *cache, struct text key, const struct cache_entry *made,
               int64_t expires_ms)
{
    struct entry **at = place(cache, key);
    if (*at)
        drop(cache, at);
    size_t wanted = cost(key.len, made->body.len);
    if (wanted > cache->max_bytes / 4)
        return;
    struct entry *entry = malloc(wanted);
    if (!entry)
        return;
    make_room(cache, wanted);
    *entry = (struct entry){.made_ns = made->made_ns,
                            .made_ms = made->made_ms,
                            .expires_ms = expires_ms,
                            .key_len = key.len,
                            .body_len = made->body.len};
    memcpy(entry->bytes, key.at, key.len);
    memcpy(entry->bytes + key.len, made->body.at, made->body.len);
    at = place(cache, key); /* its neighbours may have gone */
    *at = entry;
    link_newest(cache, entry);
    cache->count++;
    cache->bytes += wanted;
}

bool cache_get(struct cache *cache, struct text key, int64_t now_ms, struct cache_entry *ret_entry)
{
    struct entry **at = place(cache, key);
    if (!*at)
        return false;
    if ((*at)->expires_ms <= now_ms) {
        drop(cache, at);
        return false;
    }
    struct entry *entry = *at;
    unlink_use(cache, entry);
    link_newest(cache, entry);
    *ret_entry = (struct cache_entry){
        {entry->bytes + entry->key_len, entry->body_len}, entry->made_ns, entry->made_ms};
    return true;
}

void cache_size(const struct cache *cache, size_t *ret_entries, size_t *ret_bytes)
{
    *ret_entries = cache->count;
    *ret_bytes = cache->bytes;
}
