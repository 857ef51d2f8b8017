#include "writer/shape/type_table.h"

#include <stdlib.h>

/* Open addressing, linear probing; a third more places than entries, so that a search ends soon. */
#define PLACES 131072u

struct type_table {
    size_t count;
    struct type_entry at[PLACES];
};

static size_t home(uint64_t field)
{
    return (size_t)(field ^ field >> 32) % PLACES;
}

static size_t place_of(const struct type_table *table, uint64_t field)
{
    size_t place = home(field);
    while (table->at[place].used && table->at[place].field != field)
        place = (place + 1) % PLACES;
    return place;
}

struct type_table *type_table_new(void)
{
    return calloc(1, sizeof(struct type_table));
}

void type_table_free(struct type_table *table)
{
    free(table);
}

struct type_entry *type_table_find(struct type_table *table, uint64_t field)
{
    struct type_entry *entry = &table->at[place_of(table, field)];
    return entry->used ? entry : NULL;
}

struct type_entry *type_table_add(struct type_table *table, uint64_t field, uint8_t type)
{
    struct type_entry *entry = &table->at[place_of(table, field)];
    if (!entry->used && table->count == TYPE_TABLE_FIELDS)
        return NULL;
    table->count += !entry->used;
    *entry = (struct type_entry){.field = field, .type = type, .used = true};
    return entry;
}

/* The entries behind the gap move up unless that took them before their home. */
void type_table_remove(struct type_table *table, uint64_t field)
{
    size_t gap = place_of(table, field);
    if (!table->at[gap].used)
        return;
    table->count--;
    for (size_t place = (gap + 1) % PLACES; table->at[place].used; place = (place + 1) % PLACES) {
        size_t from_home = (place - home(table->at[place].field)) % PLACES;
        size_t from_gap = (place - gap) % PLACES;
        if (from_home < from_gap)
            continue;
        table->at[gap] = table->at[place];
        gap = place;
    }
    table->at[gap] = (struct type_entry){.used = false};
}

size_t type_table_count(const struct type_table *table)
{
    return table->count;
}

struct type_entry *type_table_next(struct type_table *table, size_t *at)
{
    while (*at < PLACES) {
        struct type_entry *entry = &table->at[(*at)++];
        if (entry->used)
            return entry;
    }
    return NULL;
}
