/* Command-line options as a table: --name VALUE, --name=VALUE or --flag. The table
 * is also the --help. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_TEXT,   /* into: const char * */
    OPTION_COUNT,  /* into: uint64_t, from least to most */
    OPTION_NUMBER, /* into: double, not negative */
    OPTION_FLAG,   /* into: bool */
};

struct option_row {
    const char *name, *argument; /* without the dashes; argument NULL for a flag */
    enum option_kind kind;
    void *into;
    uint64_t least, most;
    const char *help; /* lines after the first begin with '\n' */
};

struct option_table {
    const char *program, *summary, *footer;
    const struct option_row *rows;
    size_t count;
};

/* options_read ends the program by itself on --help (0) and on wrong usage (2, with
 * words on standard error). */
void options_read(const struct option_table *table, int argc, char **argv);

#endif
