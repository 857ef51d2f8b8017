/* What a command with a configuration does around its own work: it reads the command line, the
 * configuration and, where it decodes, the mapping; where something fails it says why. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/settings.h"
#include "cli/options.h"
#include "writer/decoders/source.h"

struct command_given {
    const void *options; /* filled from the command line */
    const struct settings *settings;
    const struct sources *sources; /* NULL unless the command decodes */
};

struct command {
    const struct options_table *table;
    const char *const *config; /* the member of the options that names the configuration */
    bool decodes;              /* it needs the mapping: one that is wrong ends it */
    bool defaults;             /* without a configuration the settings are all defaults */
    enum err (*run)(const struct command_given *given, struct err_reason *why);
};

/* command_main runs the command and returns its exit status. `options` is what the table fills,
 * with the defaults in it. */
int command_main(const struct command *command, int argc, char **argv, void *options);

#endif
