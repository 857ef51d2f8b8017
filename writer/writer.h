/* The writer: opens the rooms, runs the one loop, closes them in order.
 *
 * The loop waits in one place (http_wait) for signals, requests to the metrics address, replies of
 * InfluxDB, and the wake-ups of paho's threads and of the journal. SIGTERM and SIGINT end it:
 * intake down, what is decoded delivered for at most 3 s, cursor and state saved, offline said,
 * disconnected. */
#ifndef WRITER_WRITER_H
#define WRITER_WRITER_H

#include "base/log.h"
#include "base/settings.h"

struct writer;

/* writer_open borrows settings, the path they were read from, and log. `die_at` is for tests
 * (writer/delivery.h), else NULL. *ret_exit gets the exit code
 * (base/program.h) that goes with a failure. */
enum err writer_open(const struct settings *settings, const char *path, struct log *log,
                     struct clock clock, const char *die_at, struct writer **ret_writer,
                     int *ret_exit, struct err_reason *why) ERR_MUST_CHECK;

/* writer_run returns the exit code: 0 after SIGTERM or SIGINT. */
int writer_run(struct writer *writer);
void writer_close(struct writer *writer);

#endif
