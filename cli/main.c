/* hearthline: the person's tool. One table of subcommands, one file each. */
#include <stdio.h>
#include <string.h>

#include "cli/demo.h"

static const struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
} commands[] = {
    {"demo", "play a small house into the broker", demo_main},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *to)
{
    fputs("Usage: hearthline COMMAND [OPTION...]\n\n", to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\nhearthline COMMAND --help tells the options of a command.\n", to);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return 64;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("hearthline " HEARTHLINE_VERSION);
        return 0;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "hearthline: no command \"%s\"; hearthline --help names them\n", argv[1]);
    return 64;
}
