/* The types of fields by their ids (field_id.h): a table of a fixed size, 2 MiB of which a house
 * uses the pages that it touches. What is in it depends on nothing but what was added and removed.
 */
#ifndef WRITER_SHAPE_TYPE_TABLE_H
#define WRITER_SHAPE_TYPE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TYPE_TABLE_FIELDS 100000u /* at most */

struct type_table;

struct type_entry {
    uint64_t field;
    uint8_t type; /* enum field_type; what else its owner keeps there */
    bool told;    /* that a value did not fit */
    bool used;
};

struct type_table *type_table_new(void); /* NULL when out of memory */
void type_table_free(struct type_table *table);

/* type_table_find gives a field's entry, NULL when there is none. type_table_add makes one; NULL
 * when the table is full. Entries stay where they are until one is removed. */
struct type_entry *type_table_find(struct type_table *table, uint64_t field);
struct type_entry *type_table_add(struct type_table *table, uint64_t field, uint8_t type);
void type_table_remove(struct type_table *table, uint64_t field);

size_t type_table_count(const struct type_table *table);

/* type_table_next walks the entries in no order that means anything: begin with *at 0, NULL is the
 * end. */
struct type_entry *type_table_next(struct type_table *table, size_t *at);

#endif
