#include "cli/check.h"

#include <stdio.h>

#include "cli/command.h"
#include "writer/decoders/source_claim.h"

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
    .after = "What is right but perhaps not meant, such as two sources that claim one topic, is "
             "told on\nstandard error as a warning.\n\nExit status: 0 ok, 1 something is wrong, 2 "
             "wrong usage.\n",
};

static void print_effective(const struct settings *settings)
{
    struct buf out = {0};
    settings_effective(settings, &out);
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
}

/* What is taken as it stands and perhaps not meant so. */
static void print_overlaps(const struct settings *settings)
{
    struct err_reason words = {""};
    for (unsigned i = 0; i < settings->writer.sources_count; i++)
        if (source_claim(settings->writer.sources, i, &words) == SOURCE_CLAIM_ACROSS)
            fprintf(stderr, "warning: %s\n", words.text);
}

static enum err check(const struct command_given *given, struct err_reason *why)
{
    const struct check_options *options = given->options;
    (void)why;
    print_overlaps(given->settings);
    if (options->effective)
        print_effective(given->settings);
    else
        puts("ok");
    return ERR_OK;
}

int check_main(int argc, char **argv)
{
    struct check_options options = {0};
    const struct command command = {
        .table = &table, .config = &options.file, .decodes = true, .run = check};
    return command_main(&command, argc, argv, &options);
}
