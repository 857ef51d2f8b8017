#include "schemas/event.h"

static const char *const kinds[] = {"memory_dump", NULL};

static const struct keys_row rows[] = {
    KEYS_ROWS("the device that it concerns", "events", KEYS_TEXT, true,
              "what happened; memory_dump has a measurement of its own")};

const struct keys_table event_keys = {
    .name = "event",
    .help = "Something that happened, or an array of that.",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .kinds = kinds,
};
