#include "writer/shape/recent.h"

#include <stdlib.h>
#include <string.h>

/* Slots are counted from 1; 0 is none. Slot 0 is the end of the ring of all entries: what is newer
 * than it is the oldest, what is older than it the newest. */
struct slot {
    uint64_t key;
    uint32_t older, newer;
    uint32_t next; /* in its bucket, or among the free ones */
    uint32_t unused;
    unsigned char entry[];
};

struct recent {
    uint32_t max, count;
    uint32_t begun; /* slots that were ever used */
    uint32_t free;  /* the first of those that were given back */
    size_t size, stride;
    unsigned bits; /* of the buckets' number */
    unsigned char *slots;
    uint32_t *buckets;
};

static struct slot *slot_at(const struct recent *recent, uint32_t at)
{
    return (struct slot *)(void *)(recent->slots + (size_t)at * recent->stride);
}

static uint32_t slot_number(const struct recent *recent, const void *entry)
{
    const unsigned char *slot = (const unsigned char *)entry - offsetof(struct slot, entry);
    return (uint32_t)((size_t)(slot - recent->slots) / recent->stride);
}

static uint32_t *bucket_of(const struct recent *recent, uint64_t key)
{
    return &recent->buckets[(key * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - recent->bits)];
}

struct recent *recent_new(uint32_t max, size_t size)
{
    struct recent *recent = calloc(1, sizeof *recent);
    if (!recent)
        return NULL;
    recent->max = max;
    recent->size = size;
    recent->stride = sizeof(struct slot) + (size + 7) / 8 * 8;
    recent->bits = 4;
    while (recent->bits < 31 && (UINT32_C(1) << recent->bits) < max)
        recent->bits++;
    recent->slots = calloc((size_t)max + 1, recent->stride);
    recent->buckets = calloc((size_t)1 << recent->bits, sizeof *recent->buckets);
    if (!recent->slots || !recent->buckets) {
        recent_free(recent);
        return NULL;
    }
    return recent;
}

void recent_free(struct recent *recent)
{
    if (!recent)
        return;
    free(recent->slots);
    free(recent->buckets);
    free(recent);
}

uint32_t recent_count(const struct recent *recent)
{
    return recent->count;
}

static uint32_t find(const struct recent *recent, uint64_t key)
{
    uint32_t at = *bucket_of(recent, key);
    while (at != 0 && slot_at(recent, at)->key != key)
        at = slot_at(recent, at)->next;
    return at;
}

void *recent_find(const struct recent *recent, uint64_t key)
{
    uint32_t at = find(recent, key);
    return at ? slot_at(recent, at)->entry : NULL;
}

static void ring_take_out(struct recent *recent, struct slot *slot)
{
    slot_at(recent, slot->older)->newer = slot->newer;
    slot_at(recent, slot->newer)->older = slot->older;
}

static void ring_put_newest(struct recent *recent, struct slot *slot, uint32_t at)
{
    struct slot *end = slot_at(recent, 0);
    slot->older = end->older;
    slot->newer = 0;
    slot_at(recent, end->older)->newer = at;
    end->older = at;
}

void recent_remove(struct recent *recent, uint64_t key)
{
    uint32_t *link = bucket_of(recent, key);
    while (*link != 0 && slot_at(recent, *link)->key != key)
        link = &slot_at(recent, *link)->next;
    if (*link == 0)
        return;
    uint32_t at = *link;
    struct slot *slot = slot_at(recent, at);
    *link = slot->next;
    ring_take_out(recent, slot);
    slot->next = recent->free;
    recent->free = at;
    recent->count--;
}

static uint32_t take_slot(struct recent *recent)
{
    if (recent->count == recent->max)
        recent_remove(recent, slot_at(recent, slot_at(recent, 0)->newer)->key);
    uint32_t at = recent->free;
    if (at != 0)
        recent->free = slot_at(recent, at)->next;
    else
        at = ++recent->begun;
    recent->count++;
    return at;
}

void *recent_touch(struct recent *recent, uint64_t key)
{
    uint32_t at = find(recent, key);
    struct slot *slot = slot_at(recent, at);
    if (at != 0) {
        ring_take_out(recent, slot);
    } else {
        at = take_slot(recent);
        slot = slot_at(recent, at);
        memset(slot->entry, 0, recent->size);
        slot->key = key;
        slot->next = *bucket_of(recent, key);
        *bucket_of(recent, key) = at;
    }
    ring_put_newest(recent, slot, at);
    return slot->entry;
}

static void *entry_at(const struct recent *recent, uint32_t at, uint64_t *ret_key)
{
    if (at == 0)
        return NULL;
    *ret_key = slot_at(recent, at)->key;
    return slot_at(recent, at)->entry;
}

void *recent_oldest(const struct recent *recent, uint64_t *ret_key)
{
    return entry_at(recent, slot_at(recent, 0)->newer, ret_key);
}

void *recent_newer(const struct recent *recent, const void *entry, uint64_t *ret_key)
{
    return entry_at(recent, slot_at(recent, slot_number(recent, entry))->newer, ret_key);
}
