#include "schemas/reading.h"

static const char *const kinds[] = {"reading", "energy", "phm", "vm", NULL};

static const struct keys_row rows[] = {
    KEYS_ROWS("the device, when it is not the topic's last level", "device_metrics",
              KEYS_TEXT | KEYS_NULL, false,
              "what is read: energy, phm and vm have a measurement of their own, any other but "
              "reading becomes a tag")};

const struct keys_table reading_keys = {
    .name = "reading",
    .help = "What a device measured, or an array of that.",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .kinds = kinds,
};
