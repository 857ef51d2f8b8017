#include "cli/journal_info.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/moment.h"
#include "cli/say.h"
#include "writer/journal/journal.h"

struct info_options {
    const char *config;
};

static const struct options_row rows[] = {
    OPTIONS_CONFIG(struct info_options),
};

static const struct options_table table = {
    .command = "journal info",
    .about = "Reads the writer's journal through, also while the writer runs, and says what it "
             "holds:\nits size, its records, and how far InfluxDB has them.\n",
    OPTIONS_ROWS(rows),
    .after = OPTIONS_EXIT,
};

/* What reading all of it shows. */
struct contents {
    uint64_t messages, internal, lost;
    uint64_t first; /* number of the first record, 0 when there is none */
    int64_t oldest_ns, newest_ns;
};

static enum err read_through(struct journal *journal, uint64_t end_number, struct contents *ret,
                             struct err_reason *why)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    enum err e = journal_reader_open(journal, (struct journal_position){0}, &reader);
    while (!e && journal_reader_position(reader).number < end_number) {
        uint64_t lost = 0;
        e = journal_read(reader, &record, &lost, why);
        if (e == ERR_CORRUPT) {
            ret->lost += lost;
            e = ERR_OK;
            continue;
        }
        if (e)
            break;
        ret->messages += record.type == JOURNAL_MESSAGE;
        ret->internal += record.type != JOURNAL_MESSAGE;
        if (ret->first == 0) {
            ret->first = record.number;
            ret->oldest_ns = record.arrival_ns;
        }
        ret->newest_ns = record.arrival_ns;
    }
    journal_reader_close(reader);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static unsigned count_segments(const char *path)
{
    unsigned count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;)
        count += strncmp(entry->d_name, "segment-", 8) == 0;
    if (folder)
        closedir(folder);
    return count;
}

static void print_time(const char *name, int64_t at_ns, int64_t now_ns)
{
    char text[CLOCK_RFC3339_SIZE], span[MOMENT_SPAN_SIZE];
    clock_format_rfc3339(at_ns, text);
    moment_span(now_ns - at_ns, span);
    printf("%-9s %s (%s ago)\n", name, text, span);
}

static void print_cursor(uint64_t cursor, const struct journal_figures *f, int64_t now_ns)
{
    char span[MOMENT_SPAN_SIZE];
    printf("cursor    record %" PRIu64 ": ", cursor);
    if (cursor >= f->next_number || f->oldest_undelivered_ns == 0) {
        puts("everything is stored\nlag       0 records");
        return;
    }
    moment_span(now_ns - f->oldest_undelivered_ns, span);
    printf("the first that is not stored yet\nlag       %" PRIu64
           " records, the oldest of %s ago\n",
           f->next_number - cursor, span);
}

static void print(const struct settings_journal *settings, const struct journal *journal,
                  const struct journal_figures *f, const struct contents *c, uint64_t cursor)
{
    char undelivered[SAY_BYTES_SIZE], most[SAY_BYTES_SIZE], history[SAY_BYTES_SIZE];
    struct clock clock = clock_system();
    int64_t now_ns = clock_real_ns(&clock);
    printf("journal   %s\nid        %s\n", settings->path, journal_id(journal));
    say_bytes(f->undelivered_bytes, undelivered);
    say_bytes(settings->max_bytes, most);
    say_bytes(f->history_bytes, history);
    printf("bytes     %s not stored yet, of at most %s; %s of history\n", undelivered, most,
           history);
    printf("segments  %u\n", count_segments(settings->path));
    printf("records   %" PRIu64 " kept: %" PRIu64 " messages and %" PRIu64
           " of the writer's own; numbers %" PRIu64 " to %" PRIu64 "\n",
           c->messages + c->internal, c->messages, c->internal, c->first, f->next_number - 1);
    if (c->first > 0) {
        print_time("oldest", c->oldest_ns, now_ns);
        print_time("newest", c->newest_ns, now_ns);
    }
    print_cursor(cursor, f, now_ns);
    printf("damaged   %" PRIu64 " records\n", c->lost);
}

static enum err info(const struct command_given *given, struct err_reason *why)
{
    const struct settings_journal *settings = &given->settings->writer.journal;
    struct journal *journal = NULL;
    struct journal_figures figures;
    struct contents contents = {0};
    size_t size = 0;
    enum err e = journal_open_viewer(settings->path, &journal, why);
    if (!e) {
        journal_figures(journal, &figures);
        e = read_through(journal, figures.next_number, &contents, why);
    }
    if (!e) {
        uint64_t cursor = journal_cursor(journal, NULL, 0, &size).number;
        print(settings, journal, &figures, &contents, cursor ? cursor : 1);
    }
    journal_close(journal);
    return e;
}

int journal_info_main(int argc, char **argv)
{
    struct info_options options = {0};
    const struct command command = {.table = &table, .config = &options.config, .run = info};
    return command_main(&command, argc, argv, &options);
}
