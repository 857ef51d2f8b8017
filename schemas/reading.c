#include "schemas/reading.h"

static const char *const kinds[] = {"reading", "energy", "phm", "vm", NULL};

static const struct keys_row rows[] = {
    {"schema", KEYS_NUMBER | KEYS_NULL, false,
     "version of this message: 1, also when it is not said"},
    {"kind", KEYS_TEXT | KEYS_NULL, false,
     "what is read: energy, phm and vm have a measurement of their own, any other but reading "
     "becomes a tag"},
    {"device", KEYS_TEXT | KEYS_NULL, false, "the device, when it is not the topic's last level"},
    {"time", KEYS_TEXT | KEYS_TIME | KEYS_NULL, false,
     "RFC 3339 with a zone; the arrival when no key says a time"},
    {"time_s", KEYS_NUMBER | KEYS_TEXT | KEYS_NULL, false, "instead: seconds since 1970 UTC"},
    {"time_ms", KEYS_NUMBER | KEYS_TEXT | KEYS_NULL, false, "instead: milliseconds since 1970 UTC"},
    {"time_ns", KEYS_NUMBER | KEYS_TEXT | KEYS_NULL, false, "instead: nanoseconds since 1970 UTC"},
    {"tags", KEYS_MAP | KEYS_NULL, false, "more tags by name: texts, numbers or booleans"},
    {"fields", KEYS_MAP, false,
     "fields by name: numbers, booleans or texts; with it no other key is a field"},
    {"measurement", KEYS_TEXT | KEYS_NULL, false, "where to store it instead of device_metrics"},
};

const struct keys_table reading_keys = {
    .name = "reading",
    .help = "What a device measured, or an array of that.",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .kinds = kinds,
};
