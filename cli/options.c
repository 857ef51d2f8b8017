#include "cli/options.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/span.h"
#include "base/spelling.h"
#include "cli/moment.h"

/* One reading of a command line. */
struct reading {
    const struct options_table *table;
    char **argv;
    int argc, at;
    int64_t now_ns;
    char *into;
    size_t arguments; /* so far */
    struct err_reason *why;
};

static bool is_argument(const struct options_row *row)
{
    return row->kind == OPTIONS_ARGUMENT || row->kind == OPTIONS_WORDS;
}

static const char *option_name_at(const void *context, size_t i)
{
    const struct options_table *table = context;
    return is_argument(&table->rows[i]) ? NULL : table->rows[i].name;
}

static enum err unknown(const struct reading *r, struct text name)
{
    size_t i = spelling_nearest(name, r->table->count, r->table, option_name_at);
    if (i < r->table->count)
        return err_explain(r->why, ERR_INVALID, "there is no --%.*s; did you mean --%s?",
                           (int)(name.len < 64 ? name.len : 64), name.at, r->table->rows[i].name);
    return err_explain(r->why, ERR_INVALID, "there is no --%.*s; see --help",
                       (int)(name.len < 64 ? name.len : 64), name.at);
}

static enum err store_number(const struct reading *r, const struct options_row *row,
                             const char *value)
{
    long long number;
    if (!text_integer(text_of(value), &number) || number < (long long)row->min ||
        number > (long long)row->max)
        return err_explain(r->why, ERR_INVALID,
                           "--%s cannot be \"%.64s\"; right would be a whole number from %u to %u",
                           row->name, value, row->min, row->max);
    *(uint32_t *)(void *)(r->into + row->offset) = (uint32_t)number;
    return ERR_OK;
}

/* Digits alone are seconds. */
static enum err store_span(const struct reading *r, const struct options_row *row,
                           const char *value)
{
    long long number = 0;
    int64_t span_s = 0;
    if (text_integer(text_of(value), &number))
        span_s = number;
    else if (span_parse(text_of(value), &span_s, NULL) != ERR_OK)
        span_s = -1;
    if (span_s < (int64_t)row->min || span_s > (int64_t)row->max)
        return err_explain(r->why, ERR_INVALID,
                           "--%s cannot be \"%.64s\"; right would be %u to %u seconds, such as 5s",
                           row->name, value, row->min, row->max);
    *(uint32_t *)(void *)(r->into + row->offset) = (uint32_t)span_s;
    return ERR_OK;
}

static enum err store_word(const struct reading *r, const struct options_row *row,
                           const char *value)
{
    struct options_words *words = (struct options_words *)(void *)(r->into + row->offset);
    if (words->count == OPTIONS_WORDS_MAX)
        return err_explain(r->why, ERR_INVALID, "\"%.64s\" is too much: at most %d are taken",
                           value, OPTIONS_WORDS_MAX);
    words->at[words->count++] = value;
    return ERR_OK;
}

static enum err store_moment(const struct reading *r, const struct options_row *row,
                             const char *value)
{
    struct err_reason words = {""};
    int64_t *to = (int64_t *)(void *)(r->into + row->offset);
    enum err e = moment_parse(text_of(value), r->now_ns, to, &words);
    return e ? err_explain(r->why, e, "--%s: %s", row->name, words.text) : ERR_OK;
}

static enum err store(const struct reading *r, const struct options_row *row, const char *value)
{
    switch (row->kind) {
    case OPTIONS_FLAG:
        *(bool *)(r->into + row->offset) = true;
        return ERR_OK;
    case OPTIONS_NUMBER:
        return store_number(r, row, value);
    case OPTIONS_MOMENT:
        return store_moment(r, row, value);
    case OPTIONS_SPAN:
        return store_span(r, row, value);
    case OPTIONS_WORDS:
        return store_word(r, row, value);
    default:
        *(const char **)(void *)(r->into + row->offset) = value;
        return ERR_OK;
    }
}

static const struct options_row *find(const struct options_table *table, struct text name)
{
    for (size_t i = 0; i < table->count; i++)
        if (!is_argument(&table->rows[i]) && text_equal(text_of(table->rows[i].name), name))
            return &table->rows[i];
    return NULL;
}

/* --name, --name VALUE or --name=VALUE. */
static enum err take_option(struct reading *r)
{
    const char *word = r->argv[r->at] + 2;
    const char *equals = strchr(word, '=');
    struct text name = {word, equals ? (size_t)(equals - word) : strlen(word)};
    const struct options_row *row = find(r->table, name);
    if (!row)
        return unknown(r, name);
    if (row->kind == OPTIONS_FLAG && equals)
        return err_explain(r->why, ERR_INVALID, "--%s takes no value", row->name);
    if (row->kind == OPTIONS_FLAG || equals)
        return store(r, row, equals ? equals + 1 : NULL);
    if (r->at + 1 >= r->argc)
        return err_explain(r->why, ERR_INVALID, "--%s needs a value: --%s %s", row->name, row->name,
                           row->value);
    return store(r, row, r->argv[++r->at]);
}

static enum err take_argument(struct reading *r)
{
    size_t place = r->arguments++;
    for (size_t i = 0; i < r->table->count; i++) {
        const struct options_row *row = &r->table->rows[i];
        if (row->kind == OPTIONS_WORDS || (row->kind == OPTIONS_ARGUMENT && place-- == 0))
            return store(r, row, r->argv[r->at]);
    }
    return err_explain(r->why, ERR_INVALID, "what is \"%.64s\"? See --help", r->argv[r->at]);
}

static enum err check_needed(const struct reading *r, const bool *given)
{
    size_t place = 0;
    for (size_t i = 0; i < r->table->count; i++) {
        const struct options_row *row = &r->table->rows[i];
        bool argument = is_argument(row);
        bool there = argument ? place++ < r->arguments : given[i];
        if (row->needed && !there)
            return err_explain(r->why, ERR_INVALID, "%s%s is missing; see --help",
                               argument ? "" : "--", row->name);
    }
    return ERR_OK;
}

enum err options_parse(const struct options_table *table, int argc, char **argv, int64_t now_ns,
                       void *into, bool *ret_help, struct err_reason *why)
{
    struct reading r = {
        .table = table, .argv = argv, .argc = argc, .now_ns = now_ns, .into = into, .why = why};
    bool given[OPTIONS_ROWS_MAX] = {false}, only_arguments = false;
    if (table->count > OPTIONS_ROWS_MAX)
        return err_explain(why, ERR_TOO_LARGE, "more options than OPTIONS_ROWS_MAX");
    *ret_help = false;
    for (r.at = 1; r.at < argc; r.at++) {
        const char *word = argv[r.at];
        enum err e = ERR_OK;
        if (!only_arguments && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            *ret_help = true;
            return ERR_OK;
        }
        if (!only_arguments && strcmp(word, "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && strncmp(word, "--", 2) == 0) {
            const struct options_row *row =
                find(table, (struct text){word + 2, strcspn(word + 2, "=")});
            if (row)
                given[row - table->rows] = true;
            e = take_option(&r);
        } else {
            e = take_argument(&r);
        }
        if (e)
            return e;
    }
    return check_needed(&r, given);
}

/* --- the help ----------------------------------------------------------------- */

static size_t label(const struct options_row *row, char *to, size_t size)
{
    int len = is_argument(row) ? snprintf(to, size, "%s", row->name)
              : row->value     ? snprintf(to, size, "--%s %s", row->name, row->value)
                               : snprintf(to, size, "--%s", row->name);
    return (size_t)len;
}

static void help_line(const char *of, size_t width, const char *help, struct buf *out)
{
    buf_printf(out, "  %-*s  ", (int)width, of);
    for (; *help; help++) {
        buf_char(out, *help);
        if (*help == '\n')
            buf_printf(out, "  %-*s  ", (int)width, "");
    }
    buf_char(out, '\n');
}

static void help_usage(const struct options_table *table, struct buf *out)
{
    buf_printf(out, "Usage: hearthline %s [OPTION]...", table->command);
    for (size_t i = 0; i < table->count; i++) {
        const struct options_row *row = &table->rows[i];
        char text[64];
        if (!is_argument(row) && !row->needed)
            continue;
        (void)label(row, text, sizeof text);
        buf_printf(out, row->needed ? " %s" : " [%s]", text);
        if (row->kind == OPTIONS_WORDS)
            buf_string(out, "...");
    }
    buf_char(out, '\n');
}

void options_help(const struct options_table *table, struct buf *out)
{
    char text[64];
    size_t width = sizeof "--help" - 1;
    for (size_t i = 0; i < table->count; i++) {
        size_t len = label(&table->rows[i], text, sizeof text);
        width = len > width ? len : width;
    }
    help_usage(table, out);
    buf_printf(out, "%s\n", table->about);
    for (size_t i = 0; i < table->count; i++) {
        (void)label(&table->rows[i], text, sizeof text);
        help_line(text, width, table->rows[i].help, out);
    }
    help_line("--help", width, "this", out);
    if (table->after)
        buf_printf(out, "\n%s", table->after);
}

int options_read(const struct options_table *table, int argc, char **argv, void *into)
{
    struct clock clock = clock_system();
    struct err_reason why = {""};
    struct buf help = {0};
    bool wanted = false;
    enum err e = options_parse(table, argc, argv, clock_real_ns(&clock), into, &wanted, &why);
    if (e) {
        fprintf(stderr, "hearthline %s: %s\n", table->command, why.text);
        return OPTIONS_EXIT_USAGE;
    }
    if (!wanted)
        return OPTIONS_GO_ON;
    options_help(table, &help);
    fputs(buf_cstr(&help), stdout);
    buf_free(&help);
    return 0;
}
