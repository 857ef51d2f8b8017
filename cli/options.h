/* What a subcommand takes on its command line, as one table: from it come the reading, the words of
 * a mistake and the --help.
 *
 * An option is written --name VALUE or --name=VALUE; --help and -h are there by themselves. What
 * does not begin with two dashes is an argument ("-3.25" is a payload, "-" is standard input), and
 * so is everything behind "--". The value of an option may begin with a dash (--from -2h). */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum options_kind {
    OPTIONS_FLAG,     /* bool */
    OPTIONS_TEXT,     /* const char *, into argv */
    OPTIONS_NUMBER,   /* uint32_t, min to max */
    OPTIONS_MOMENT,   /* int64_t, ns since 1970 (cli/moment.h) */
    OPTIONS_SPAN,     /* uint32_t, seconds, min to max: "5", "5s", "2m" (base/span.h) */
    OPTIONS_ARGUMENT, /* const char *, into argv: not an option but by its place */
    OPTIONS_WORDS,    /* struct options_words: all arguments behind those with a place */
};

/* The arguments of a row OPTIONS_WORDS, in their order; into argv. */
#define OPTIONS_WORDS_MAX 32
struct options_words {
    const char *at[OPTIONS_WORDS_MAX];
    size_t count;
};

struct options_row {
    const char *name; /* "config"; of an argument what the help calls it: "TOPIC" */
    enum options_kind kind;
    size_t offset;     /* of the member */
    const char *value; /* what the help calls the value: "FILE"; NULL for flags and arguments */
    const char *help;  /* lines are parted by \n */
    uint32_t min, max; /* OPTIONS_NUMBER, OPTIONS_SPAN */
    bool needed;       /* it must be there */
};

#define OPTIONS_ROWS_MAX 32

struct options_table {
    const char *command; /* "journal replay" */
    const char *about;   /* what it does; ends with a newline */
    const struct options_row *rows;
    size_t count;
    const char *after; /* below the options; ends with a newline */
};

#define OPTIONS_ROWS(array) .rows = (array), .count = sizeof(array) / sizeof((array)[0])

/* The row that most commands have. */
#define OPTIONS_CONFIG(type)                                                                       \
    {                                                                                              \
        .name = "config", .kind = OPTIONS_TEXT, .offset = offsetof(type, config), .value = "FILE", \
        .help = "the configuration; else the file that HEARTHLINE_CONFIG names,\n"                 \
                "else hearthline.yaml in this folder"                                              \
    }

#define OPTIONS_EXIT "Exit status: 0 done, 1 it failed, 2 wrong usage.\n"

enum { OPTIONS_GO_ON = -1, OPTIONS_EXIT_FAILED = 1, OPTIONS_EXIT_USAGE = 2 };

/* options_parse fills the members of `into`; what is not given stays as it is. argv[0] is passed
 * over. *ret_help: --help was among them, and nothing else counts. ERR_INVALID with words. */
enum err options_parse(const struct options_table *table, int argc, char **argv, int64_t now_ns,
                       void *into, bool *ret_help, struct err_reason *why) ERR_MUST_CHECK;

/* options_help appends the whole --help. */
void options_help(const struct options_table *table, struct buf *out);

/* options_read parses, prints --help to standard output or the mistake to standard error, and
 * returns OPTIONS_GO_ON or the exit status to end with. */
int options_read(const struct options_table *table, int argc, char **argv, void *into);

#endif
