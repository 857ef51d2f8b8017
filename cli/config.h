/* The configuration that a command works with: the file that --config names, else the one that
 * HEARTHLINE_CONFIG names, else hearthline.yaml in this folder. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "base/settings.h"

/* config_path gives the file's name, NULL when there is none. `named` is what --config says, or
 * NULL. Borrowed from the environment or `named`. */
const char *config_path(const char *named);

/* config_read reads it. ERR_NOT_FOUND: there is none, the words say where one is looked for. */
enum err config_read(const char *named, struct settings **ret_settings,
                     struct err_reason *why) ERR_MUST_CHECK;

/* config_read_or_defaults: without a file the settings are all defaults. */
enum err config_read_or_defaults(const char *named, struct settings **ret_settings,
                                 struct err_reason *why) ERR_MUST_CHECK;

/* config_rejects_path is the file of what could not be stored, by default beside the journal. */
#define CONFIG_PATH_SIZE 4096
void config_rejects_path(const struct settings *settings, char ret_path[CONFIG_PATH_SIZE]);

#endif
