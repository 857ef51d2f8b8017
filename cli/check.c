#include "cli/check.h"

#include <stdio.h>

#include "cli/config.h"
#include "cli/options.h"
#include "cli/say.h"
#include "writer/decoders/source.h"

struct check_options {
    bool effective;
    const char *file;
};

static const struct options_row rows[] = {
    {.name = "FILE",
     .kind = OPTIONS_ARGUMENT,
     .offset = offsetof(struct check_options, file),
     .help = "the configuration; else the file that HEARTHLINE_CONFIG names,\n"
             "else hearthline.yaml in this folder"},
    {.name = "effective",
     .kind = OPTIONS_FLAG,
     .offset = offsetof(struct check_options, effective),
     .help = "print every key with the value that holds and where it is from:\n"
             "the default, the line of the file, or the environment"},
};

static const struct options_table table = {
    .command = "check",
    .about = "Reads a configuration as the services do and says \"ok\", or what is wrong: the key, "
             "the\nline, and what would be right. No server is asked; hearthline init does that.\n",
    OPTIONS_ROWS(rows),
    .after = "Exit status: 0 ok, 1 something is wrong, 2 wrong usage.\n",
};

static void print_effective(const struct settings *settings)
{
    struct buf out = {0};
    settings_effective(settings, &out);
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
}

int check_main(int argc, char **argv)
{
    struct check_options options = {0};
    struct settings *settings = NULL;
    struct sources *sources = NULL;
    struct err_reason why = {""};
    int status = options_read(&table, argc, argv, &options);
    if (status != OPTIONS_GO_ON)
        return status;
    enum err e = config_read(options.file, &settings, &why);
    if (!e)
        e = sources_open(settings, &sources, &why);
    status = e ? say_failed("check", e, &why) : 0;
    if (!e && options.effective)
        print_effective(settings);
    else if (!e)
        puts("ok");
    sources_close(sources);
    settings_free(settings);
    return status;
}
