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

/* The rows of readings and events, which differ in what is said of the device, in the measurement
 * and in the kind. */
#define KEYS_ROWS(device_help, stored_in, kind_kinds, kind_required, kind_help)                    \
    {"schema", KEYS_NUMBER | KEYS_NULL, false,                                                     \
     "version of this message: 1, also when it is not said"},                                      \
        {"kind", kind_kinds, kind_required, kind_help},                                            \
        {"device", KEYS_TEXT | KEYS_NULL, false, device_help},                                     \
        {"time", KEYS_TEXT | KEYS_TIME | KEYS_NULL, false,                                         \
         "RFC 3339 with a zone; the arrival when no key says a time"},                             \
        {"time_s", KEYS_NUMBER | KEYS_TEXT | KEYS_NULL, false, "instead: seconds since 1970 UTC"}, \
        {"time_ms", KEYS_NUMBER | KEYS_TEXT | KEYS_NULL, false,                                    \
         "instead: milliseconds since 1970 UTC"},                                                  \
        {"time_ns", KEYS_NUMBER | KEYS_TEXT | KEYS_NULL, false,                                    \
         "instead: nanoseconds since 1970 UTC"},                                                   \
        {"tags", KEYS_MAP | KEYS_NULL, false, "more tags by name: texts, numbers or booleans"},    \
        {"fields", KEYS_MAP, false,                                                                \
         "fields by name: numbers, booleans or texts; with it no other key is a field"},           \
    {                                                                                              \
        "measurement", KEYS_TEXT | KEYS_NULL, false, "where to store it instead of " stored_in     \
    }

/* keys_find gives the row of a key, NULL when the key is the sender's own. */
const struct keys_row *keys_find(const struct keys_table *table, struct text key);

/* keys_help appends the table in Markdown, a line a key. */
void keys_help(const struct keys_table *table, struct buf *out);

#endif
