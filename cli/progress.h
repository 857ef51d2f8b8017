/* How far a long task is: a bar on a terminal, a line each 10 s elsewhere, both on standard error,
 * so that standard output stays what was asked for. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; /* "records replayed" */
    uint64_t total;
    bool terminal;
    bool shown; /* a bar stands on the terminal's line */
    int64_t shown_ms;
};

struct progress progress_begin(const char *what, uint64_t total);

/* progress_show draws when enough time has passed since the last time; progress_end takes the bar
 * away. */
void progress_show(struct progress *progress, uint64_t done);
void progress_end(struct progress *progress);

#endif
