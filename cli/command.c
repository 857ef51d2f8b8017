#include "cli/command.h"

#include "cli/config.h"
#include "cli/say.h"

int command_main(const struct command *command, int argc, char **argv, void *options)
{
    struct settings *settings = NULL;
    struct sources *sources = NULL;
    struct err_reason why = {""};
    int status = options_read(command->table, argc, argv, options);
    if (status != OPTIONS_GO_ON)
        return status;
    enum err e = command->defaults ? config_read_or_defaults(*command->config, &settings, &why)
                                   : config_read(*command->config, &settings, &why);
    if (!e && command->decodes)
        e = sources_open(settings, &sources, &why);
    if (e && settings)
        settings_say_where(settings, &why);
    if (!e)
        e = command->run(&(struct command_given){options, settings, sources}, &why);
    status = e ? say_failed(command->table->command, e, &why) : 0;
    sources_close(sources);
    settings_free(settings);
    return status;
}
