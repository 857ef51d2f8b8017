/* hearthline: the person's tool. One table of subcommands, one file each. */
#include <stdio.h>
#include <string.h>

#include "base/spelling.h"
#include "cli/ack.h"
#include "cli/alerts.h"
#include "cli/ask.h"
#include "cli/check.h"
#include "cli/demo.h"
#include "cli/explain.h"
#include "cli/flush.h"
#include "cli/init.h"
#include "cli/journal_info.h"
#include "cli/journal_replay.h"
#include "cli/options.h"
#include "cli/rejects_list.h"
#include "cli/rejects_replay.h"
#include "cli/reload.h"
#include "cli/send.h"
#include "cli/silence.h"
#include "cli/tail.h"
#include "cli/watch.h"

static const struct command {
    const char *name; /* one word, or two: "journal info" */
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the last word of the name */
} commands[] = {
    {"init", "try a broker and an InfluxDB, and write a configuration", init_main},
    {"check", "say what is wrong with a configuration", check_main},
    {"demo", "play a small house into the broker", demo_main},
    {"send", "publish a message and wait until the broker has it", send_main},
    {"tail", "show what becomes of messages as they come", tail_main},
    {"explain", "show what a message would become, and why", explain_main},
    {"flush", "wait until all that was received is stored", flush_main},
    {"reload", "have the running services read their configuration again", reload_main},
    {"journal info", "what the journal holds", journal_info_main},
    {"journal replay", "make points again from what the journal holds", journal_replay_main},
    {"rejects list", "what could not be stored", rejects_list_main},
    {"rejects replay", "try it again", rejects_replay_main},
    {"ask", "ask the query service for statistics, history, health", ask_main},
    {"watch", "a live screen: services, rates, journal, ledger, alerts", watch_main},
    {"alerts", "show the alerts, the worst first", alerts_main},
    {"ack", "say that somebody knows of an alert", ack_main},
    {"silence", "keep alerts quiet for a time", silence_main},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

/* Lists all commands, or those whose first word is `group`. */
static void list(FILE *to, const char *group)
{
    size_t len = group ? strlen(group) : 0;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (!group || (strncmp(commands[i].name, group, len) == 0 && commands[i].name[len] == ' '))
            fprintf(to, "  %-15s %s\n", commands[i].name, commands[i].summary);
}

static void help(FILE *to)
{
    fputs("Usage: hearthline COMMAND [OPTION]...\n\n", to);
    list(to, NULL);
    fputs("\nhearthline COMMAND --help tells the options of a command, hearthline --version the\n"
          "version.\n",
          to);
}

static void help_group(FILE *to, const char *group)
{
    fprintf(to, "Usage: hearthline %s COMMAND [OPTION]...\n\n", group);
    list(to, group);
    fprintf(to, "\nhearthline %s COMMAND --help tells the options of a command.\n", group);
}

/* How many words of the command line the name is: 0 when it is another command's. */
static int words_that_match(const char *name, int argc, char **argv)
{
    const char *blank = strchr(name, ' ');
    size_t len = blank ? (size_t)(blank - name) : strlen(name);
    if (argc < 1 || strlen(argv[0]) != len || strncmp(name, argv[0], len) != 0)
        return 0;
    if (!blank)
        return 1;
    return argc > 1 && strcmp(blank + 1, argv[1]) == 0 ? 2 : 0;
}

static bool is_group(const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strncmp(commands[i].name, word, len) == 0 && commands[i].name[len] == ' ')
            return true;
    return false;
}

static const char *name_at(const void *context, size_t i)
{
    (void)context;
    return commands[i].name;
}

static int unknown(const char *first, const char *second)
{
    char name[80];
    snprintf(name, sizeof name, "%s%s%s", first, second ? " " : "", second ? second : "");
    size_t i = spelling_nearest(text_of(name), COMMAND_COUNT, NULL, name_at);
    if (i < COMMAND_COUNT)
        fprintf(stderr, "hearthline: there is no command \"%s\"; did you mean \"%s\"?\n", name,
                commands[i].name);
    else
        fprintf(stderr, "hearthline: there is no command \"%s\"; hearthline --help names them\n",
                name);
    return OPTIONS_EXIT_USAGE;
}

static int dispatch(int argc, char **argv)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        int words = words_that_match(commands[i].name, argc, argv);
        if (words > 0)
            return commands[i].run(argc - words + 1, argv + words - 1);
    }
    if (!is_group(argv[0]))
        return unknown(argv[0], NULL);
    bool asked = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    if (argc > 1 && !asked)
        return unknown(argv[0], argv[1]);
    help_group(asked ? stdout : stderr, argv[0]);
    return asked ? 0 : OPTIONS_EXIT_USAGE;
}

/* All of it as the page docs/commands.md, which a test holds against this. */
static int print_page(void)
{
    char asked[] = "--help";
    puts("# Commands\n\nWhat `hearthline help --markdown` prints; a test fails when this page is "
         "out of date.\n\n```");
    help(stdout);
    puts("```");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s", commands[i].name);
        char *argv[] = {name, asked, NULL};
        printf("\n## hearthline %s\n\n```\n", name);
        int status = commands[i].run(2, argv);
        if (status != 0)
            return status;
        puts("```");
    }
    return 0;
}

/* hearthline help, help NAME, help --markdown. */
static int run_help(int argc, char **argv)
{
    char asked[] = "--help";
    if (argc > 1 && strcmp(argv[1], "--markdown") == 0)
        return print_page();
    if (argc > 1 && strncmp(argv[1], "-", 1) != 0) {
        char *words[] = {argv[1], argc > 2 ? argv[2] : asked, asked, NULL};
        return dispatch(argc > 2 ? 3 : 2, words);
    }
    help(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return OPTIONS_EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return run_help(argc - 1, argv + 1);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts("hearthline " HEARTHLINE_VERSION);
        return 0;
    }
    return dispatch(argc - 1, argv + 1);
}
