/* The keys of a further database, bucket or retention policy. */
#include <string.h>

#include "base/settings_check.h"
#include "base/settings_table.h"

/* In the order of enum settings_when_full. */
static const char *const when_fulls[] = {"hold", "drop_oldest", "drop_newest", NULL};

/* clang-format off */
static const struct settings_row measurement_row = {
    .name = "measurement", .kind = SETTINGS_TEXT, .check = settings_check_routed,
    .help = "One of several measurements."};

static const struct settings_row destination_rows[] = {
    {.name = "name", .kind = SETTINGS_TEXT, MEMBER(settings_destination, name),
     .check = settings_check_destination_name,
     .help = "Name that a source's `destination` means; no two have the same."},
    {.name = "database", .kind = SETTINGS_TEXT, MEMBER(settings_destination, database),
     .check = settings_check_name,
     .help = "Database of 1.x and 3.x, bucket of 2.x, on the same server."},
    {.name = "retention_policy", .kind = SETTINGS_TEXT,
     MEMBER(settings_destination, retention_policy), .preset = "",
     .help = "Retention policy of 1.x in that database; its default one when empty. "
             "2.x and 3.x have none: named there it is a fault."},
    {.name = "retention", .kind = SETTINGS_TEXT, MEMBER(settings_destination, retention),
     .preset = "0", .check = settings_check_retention,
     .help = "How long what Hearthline makes there keeps its points: `0` for ever, or like `7d`."},
    {.name = "measurements", .kind = SETTINGS_TEXTS, MEMBER(settings_destination, measurements),
     .preset = "", .values = &measurement_row,
     .help = "Measurements that go there, whatever brings them, but for sources that name a "
             "`destination` themselves."},
    {.name = "max_bytes", .kind = SETTINGS_BYTES, MEMBER(settings_destination, max_bytes),
     .preset = "64 MiB", .min = UINT64_C(1) << 20, .max = UINT64_C(1) << 40,
     .help = "Bound of the lines that wait on disk while it cannot take them."},
    {.name = "when_full", .kind = SETTINGS_WORD, MEMBER(settings_destination, when_full),
     .preset = "drop_oldest", .words = when_fulls,
     .help = "When that much waits: `drop_oldest` gives up the oldest of it, `drop_newest` what comes, "
             "both counted; `hold` lets everything wait, this and all other destinations'."},
};

static const char *complete_destination(void *entry, struct buf *ret_wrong)
{
    const struct settings_destination *destination = entry;
    for (unsigned i = 0; i < destination->measurements_count; i++)
        for (unsigned j = 0; j < i; j++)
            if (strcmp(destination->measurements[i], destination->measurements[j]) == 0) {
                buf_printf(ret_wrong, "\"%.64s\" stands there twice", destination->measurements[i]);
                return "measurements";
            }
    return NULL;
}

const struct settings_section settings_destination_section = {
    .rows = destination_rows, .count = sizeof destination_rows / sizeof *destination_rows,
    .size = sizeof(struct settings_destination), .unique = "name",
    .complete = complete_destination,
    .example = "{ name: energy, database: energy, retention: 0, measurements: [energy] }",
    .help = "A list of at most 16 further databases, buckets or retention policies of the same "
            "server, each for some measurements or sources; everything else, and Hearthline's own "
            "figures, goes to `influxdb.database`. While one of them cannot take its points "
            "(it is missing, or may not be written to) they wait in a file below the journal's "
            "folder, and the others go on. They change at the next start; `measurements` and a "
            "source's `destination` at a reload."};
/* clang-format on */
