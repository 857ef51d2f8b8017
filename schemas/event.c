#include "schemas/event.h"

static const char *const kinds[] = {"memory_dump", NULL};

static const struct keys_row rows[] = {
    {"schema", KEYS_NUMBER | KEYS_NULL, false,
     "version of this message: 1, also when it is not said"},
    {"kind", KEYS_TEXT, true, "what happened; memory_dump has a measurement of its own"},
    {"device", KEYS_TEXT | KEYS_NULL, false, "the device that it concerns"},
    {"time", KEYS_TEXT | KEYS_TIME | KEYS_NULL, false,
     "RFC 3339 with a zone; the arrival when no key says a time"},
    {"time_s", KEYS_NUMBER | KEYS_TEXT | KEYS_NULL, false, "instead: seconds since 1970 UTC"},
    {"time_ms", KEYS_NUMBER | KEYS_TEXT | KEYS_NULL, false, "instead: milliseconds since 1970 UTC"},
    {"time_ns", KEYS_NUMBER | KEYS_TEXT | KEYS_NULL, false, "instead: nanoseconds since 1970 UTC"},
    {"tags", KEYS_MAP | KEYS_NULL, false, "more tags by name: texts, numbers or booleans"},
    {"fields", KEYS_MAP, false,
     "fields by name: numbers, booleans or texts; with it no other key is a field"},
    {"measurement", KEYS_TEXT | KEYS_NULL, false, "where to store it instead of events"},
};

const struct keys_table event_keys = {
    .name = "event",
    .help = "Something that happened, or an array of that.",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .kinds = kinds,
};
