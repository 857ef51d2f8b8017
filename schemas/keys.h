/* The keys with a meaning of their own in a message whose other keys are its sender's: readings and
 * events. The table is what is documented; a test holds it against the JSON Schema. */
#ifndef SCHEMAS_KEYS_H
#define SCHEMAS_KEYS_H

#include "base/buf.h"
#include "base/value.h"

#define KEYS_KIND(kind) (1u << (kind))
#define KEYS_TEXT       KEYS_KIND(VALUE_TEXT)
#define KEYS_NUMBER     (KEYS_KIND(VALUE_INTEGER) | KEYS_KIND(VALUE_NUMBER))
#define KEYS_MAP        KEYS_KIND(VALUE_MAP)
#define KEYS_TIME       KEYS_KIND(VALUE_TIME) /* only msgpack has it */
#define KEYS_NULL       KEYS_KIND(VALUE_NULL) /* as good as absent */

struct keys_row {
    const char *name;
    unsigned kinds; /* one bit for each enum value_kind it may be */
    bool required;
    const char *help; /* also the description in the JSON Schema */
};

struct keys_table {
    const char *name; /* of the message, and of its file: "reading" */
    const char *help;
    const struct keys_row *rows;
    size_t count;
    /* The kinds with a meaning of their own, ended by NULL: examples of the key `kind` in the JSON
     * Schema. */
    const char *const *kinds;
};

/* keys_find gives the row of a key, NULL when the key is the sender's own. */
const struct keys_row *keys_find(const struct keys_table *table, struct text key);

/* keys_help appends the table in Markdown, a line a key. */
void keys_help(const struct keys_table *table, struct buf *out);

#endif
