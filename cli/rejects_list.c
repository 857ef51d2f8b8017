#include "cli/rejects_list.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/reason.h"
#include "cli/say.h"
#include "writer/rejects.h"

enum { TOPIC_SHOWN = 80, WORDS_SHOWN = 200 };

struct list_options {
    const char *config, *reason;
    int64_t since_ns;
    bool json;
};

#define MEMBER(member) .offset = offsetof(struct list_options, member)

static const struct options_row rows[] = {
    REASON_ROW(struct list_options),
    {.name = "since",
     .kind = OPTIONS_MOMENT,
     MEMBER(since_ns),
     .value = "TIME",
     .help = "only those that arrived from then on: 2026-11-20T10:00:00Z, -2h, -7d"},
    {.name = "json",
     .kind = OPTIONS_FLAG,
     MEMBER(json),
     .help = "whole, with the originals: one JSON object a line"},
    OPTIONS_CONFIG(struct list_options),
};

static const struct options_table table = {
    .command = "rejects list",
    .about = "Lists what could not be stored, the oldest first: when it arrived, the reason, the "
             "topic\nand what was wrong. It reads the writer's file of rejects, which is bounded: "
             "the oldest\nare gone.\n",
    OPTIONS_ROWS(rows),
    .after = OPTIONS_EXIT,
};

struct listing {
    const struct list_options *options;
    uint64_t count;
};

static void print_reject(const struct rejected *message)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(message->time_ns, time);
    printf("%-30s %-13.*s ", time, TEXT_ARGS(message->reason));
    say_visible(stdout, message->topic, TOPIC_SHOWN);
    fputs("  ", stdout);
    say_visible(stdout, message->words, WORDS_SHOWN);
    putchar('\n');
}

static bool list_one(void *context, const struct rejected *message, struct text line)
{
    struct listing *listing = context;
    const struct list_options *o = listing->options;
    if (message->time_ns < o->since_ns ||
        (o->reason && !text_equal(message->reason, text_of(o->reason))))
        return true;
    listing->count++;
    if (o->json)
        printf("%.*s\n", TEXT_ARGS(line));
    else
        print_reject(message);
    return true;
}

static enum err list(const struct command_given *given, struct err_reason *why)
{
    struct listing listing = {.options = given->options};
    char path[CONFIG_PATH_SIZE];
    config_rejects_path(given->settings, path);
    enum err e = reason_check(listing.options->reason, why);
    if (!e)
        e = rejects_walk(path, &listing, list_one, why);
    if (!e && !listing.options->json && listing.count == 0)
        puts("nothing was rejected");
    return e;
}

int rejects_list_main(int argc, char **argv)
{
    struct list_options options = {.since_ns = INT64_MIN};
    const struct command command = {.table = &table, .config = &options.config, .run = list};
    return command_main(&command, argc, argv, &options);
}
