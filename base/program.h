/* How a service's process begins and ends: its command line (--config FILE, --help, --version), its
 * configuration, its log on standard error, and the code it ends with. */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/settings.h"

/* Exit codes, as sysexits.h names them. */
enum program_exit {
    PROGRAM_EXIT_OK = 0,
    PROGRAM_EXIT_USAGE = 64,
    PROGRAM_EXIT_INSTANCE = 69, /* another instance runs under this name */
    PROGRAM_EXIT_MEMORY = 75,
    PROGRAM_EXIT_CONFIG = 78, /* the configuration, or what it names, cannot be used */
};

/* What a service is started with; it outlives the run. */
struct program_given {
    const struct settings *settings;
    const char *path; /* the configuration's file */
    struct log *log;
    struct clock clock;
};

struct program {
    const char *name; /* "hearthline-writer" */
    const char *help; /* what --help prints */
    /* Opens the service, runs it until it is told to stop, and closes it. ret_exit has the code to
     * end with, PROGRAM_EXIT_CONFIG when it is left alone; on failure `why` is printed. */
    enum err (*run)(const struct program_given *given, int *ret_exit, struct err_reason *why);
};

/* program_main returns the process's exit code. */
int program_main(const struct program *program, int argc, char **argv);

#endif
