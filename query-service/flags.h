/* The flags that take effect on a running service: stats.use_influxdb and stats.rollout_percent,
 * read again when the configuration file changes (looked at each FLAGS_EVERY_MS) or when told. The
 * environment wins over the file and does not change while the process runs. */
#ifndef QUERY_FLAGS_H
#define QUERY_FLAGS_H

#include <sys/stat.h>

#include "base/log.h"
#include "base/settings.h"

#define FLAGS_EVERY_MS 5000

struct flags {
    struct settings_stats now;
    const char *path; /* borrowed */
    struct stat seen;
    int64_t due_ms;
};

/* flags_make takes what the settings say that were just read from `path`. */
struct flags flags_make(const char *path, const struct settings *settings);

/* flags_take: they are these from now on; the log says what changed. */
void flags_take(struct flags *flags, const struct settings_stats *stats, struct log *log);

/* flags_look reads the file again when it changed; a file that cannot be used leaves the flags as
 * they are, and the log says why. Returns in how many ms it is due. */
uint32_t flags_look(struct flags *flags, int64_t now_ms, struct log *log);

#endif
