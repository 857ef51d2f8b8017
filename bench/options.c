#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 24 };

static void print_help(const struct option_table *t)
{
    printf("Usage: %s [OPTION]...\n%s\n\n", t->program, t->summary);
    for (size_t i = 0; i < t->count; i++) {
        const struct option_row *row = &t->rows[i];
        int width = printf("  --%s %s", row->name, row->argument ? row->argument : "");
        printf("%*s", width < HELP_COLUMN ? HELP_COLUMN - width : 1, "");
        for (const char *c = row->help; *c != '\0'; c++)
            printf("%c%*s", *c, *c == '\n' ? HELP_COLUMN : 0, "");
        printf("\n");
    }
    printf("  --help%*sthis\n\n%s\n", HELP_COLUMN - 8, "", t->footer);
}

static _Noreturn void refuse(const struct option_table *t, const char *what, const char *words)
{
    fprintf(stderr, "%s: %s: %s (see --help)\n", t->program, what, words);
    exit(2);
}

static bool read_count(const struct option_row *row, const char *text)
{
    char *end;
    unsigned long long count = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || count < row->least || count > row->most)
        return false;
    *(uint64_t *)row->into = count;
    return true;
}

static bool read_number(const struct option_row *row, const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= 0 && number < 1e12))
        return false;
    *(double *)row->into = number;
    return true;
}

static void take(const struct option_table *t, const struct option_row *row, const char *text)
{
    char words[120];
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)row->into = true;
        break;
    case OPTION_TEXT:
        *(const char **)row->into = text;
        break;
    case OPTION_COUNT:
        snprintf(words, sizeof(words), "must be a whole number from %" PRIu64 " to %" PRIu64,
                 row->least, row->most);
        if (!read_count(row, text))
            refuse(t, row->name, words);
        break;
    case OPTION_NUMBER:
        if (!read_number(row, text))
            refuse(t, row->name, "must be a number, not negative");
        break;
    }
}

static const struct option_row *find(const struct option_table *t, const char *name, size_t len)
{
    for (size_t i = 0; i < t->count; i++)
        if (strlen(t->rows[i].name) == len && memcmp(t->rows[i].name, name, len) == 0)
            return &t->rows[i];
    return NULL;
}

void options_read(const struct option_table *t, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help(t);
            exit(0);
        }
        if (strncmp(argv[i], "--", 2) != 0)
            refuse(t, argv[i], "options begin with --");
        const char *name = argv[i] + 2, *equals = strchr(name, '=');
        size_t len = equals ? (size_t)(equals - name) : strlen(name);
        const struct option_row *row = find(t, name, len);
        if (!row)
            refuse(t, argv[i], "no such option");
        const char *text = equals ? equals + 1 : NULL;
        if (row->kind == OPTION_FLAG && text)
            refuse(t, row->name, "takes no value");
        if (row->kind != OPTION_FLAG && !text) {
            if (i + 1 == argc)
                refuse(t, row->name, "needs a value");
            text = argv[++i];
        }
        take(t, row, text);
    }
}
