#include "cli/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HERE "hearthline.yaml"

const char *config_path(const char *named)
{
    const char *environment = getenv("HEARTHLINE_CONFIG");
    if (named)
        return named;
    if (environment && *environment)
        return environment;
    return access(HERE, F_OK) == 0 ? HERE : NULL;
}

enum err config_read(const char *named, struct settings **ret_settings, struct err_reason *why)
{
    const char *path = config_path(named);
    if (!path)
        return err_explain(why, ERR_NOT_FOUND,
                           "no configuration: neither --config nor HEARTHLINE_CONFIG names a file, "
                           "and there is no " HERE " here (hearthline init writes one)");
    return settings_read(path, ret_settings, why);
}

enum err config_read_or_defaults(const char *named, struct settings **ret_settings,
                                 struct err_reason *why)
{
    const char *path = config_path(named);
    return settings_read(path ? path : "/dev/null", ret_settings, why); /* empty: all defaults */
}

void config_rejects_path(const struct settings *settings, char ret_path[CONFIG_PATH_SIZE])
{
    const struct settings_writer *writer = &settings->writer;
    if (writer->rejects_path[0])
        snprintf(ret_path, CONFIG_PATH_SIZE, "%s", writer->rejects_path);
    else
        snprintf(ret_path, CONFIG_PATH_SIZE, "%s/rejected.jsonl", writer->journal.path);
}
