/* Which messages InfluxDB refused a line of: the writer's file of rejects tells, and is read again
 * whenever it has changed. */
#ifndef CLI_REFUSALS_H
#define CLI_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct refusals {
    const char *path; /* borrowed */
    int64_t since_ns; /* arrivals before it do not count */
    int64_t *arrivals;
    size_t count, capacity;
    struct stat seen;
};

/* refusals_look reads the file if it has changed; one that is not there holds nothing. */
void refusals_look(struct refusals *refusals);

/* refusals_hold tells whether a line of the message that arrived then was refused. */
bool refusals_hold(const struct refusals *refusals, int64_t arrival_ns);
void refusals_free(struct refusals *refusals);

#endif
