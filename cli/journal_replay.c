#include "cli/journal_replay.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/refold.h"

struct replay_options {
    const char *config, *source;
    int64_t from_ns, to_ns;
    bool dry_run;
};

#define MEMBER(member) .offset = offsetof(struct replay_options, member)

static const struct options_row rows[] = {
    {.name = "from",
     .kind = OPTIONS_MOMENT,
     MEMBER(from_ns),
     .value = "TIME",
     .needed = true,
     .help = "messages that arrived from then on: 2026-11-20T10:00:00Z, -2h, -7d"},
    {.name = "to",
     .kind = OPTIONS_MOMENT,
     MEMBER(to_ns),
     .value = "TIME",
     .needed = true,
     .help = "and before then, likewise: now"},
    {.name = "source",
     .kind = OPTIONS_TEXT,
     MEMBER(source),
     .value = "NAME",
     .help = "only those of this source"},
    REFOLD_DRY_RUN_ROW(struct replay_options),
    OPTIONS_CONFIG(struct replay_options),
};

static const struct options_table table = {
    .command = "journal replay",
    .about =
        "Makes points again, by the mapping as it is configured now, from the messages that "
        "the\njournal still holds, and writes them to InfluxDB, also while the writer runs. "
        "With the\nsame mapping they are the same points, of which InfluxDB keeps one; points "
        "that another\nmapping made under other names stay beside the new ones. The rollups are "
        "left as\nthey are.\n",
    OPTIONS_ROWS(rows),
    .after = OPTIONS_EXIT,
};

struct replay {
    const struct replay_options *options;
    struct refold *refold;
    uint64_t lost;
};

static bool wants(void *context, const struct source *source, int64_t arrival_ns)
{
    const struct replay_options *options = ((struct replay *)context)->options;
    if (arrival_ns < options->from_ns || arrival_ns >= options->to_ns)
        return false;
    return !options->source || (source && strcmp(source->name, options->source) == 0);
}

/* All records are shown to the fold, also those that are not wanted: the rules that have memory
 * know what came before, and what they keep at the end of the span goes on with a record behind it.
 * What they keep at the end of the journal the writer keeps too, and stores itself. */
static enum err replay_record(struct replay *r, const struct journal_record *record,
                              struct err_reason *why)
{
    if (record->arrival_ns >= r->options->from_ns)
        return refold_write(r->refold, record, why);
    refold_seen(r->refold, record);
    return ERR_OK;
}

/* All that is there now; the writer appends meanwhile. Arrival times may step back with the clock,
 * so the end of the span does not end the walk. */
static enum err walk(struct replay *r, struct journal *journal, struct err_reason *why)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct journal_figures figures;
    journal_figures(journal, &figures);
    enum err e = journal_reader_open(journal, (struct journal_position){0}, &reader);
    if (e)
        return e;
    uint64_t first = journal_reader_position(reader).number, at;
    struct progress progress = progress_begin("records read", figures.next_number - first);
    while (!e && (at = journal_reader_position(reader).number) < figures.next_number) {
        uint64_t lost = 0;
        if (!r->options->dry_run)
            progress_show(&progress, at - first);
        e = journal_read(reader, &record, &lost, why);
        r->lost += e == ERR_CORRUPT ? lost : 0;
        if (e == ERR_CORRUPT)
            e = ERR_OK;
        else if (!e)
            e = replay_record(r, &record, why);
    }
    progress_end(&progress);
    journal_reader_close(reader);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err check_source(const struct sources *sources, const char *name,
                             struct err_reason *why)
{
    struct buf names = {0};
    for (size_t i = 0; i < sources_count(sources); i++) {
        const char *one = source_at(sources, i)->name;
        if (!name || strcmp(one, name) == 0) {
            buf_free(&names);
            return ERR_OK;
        }
        buf_printf(&names, "%s%s", i ? ", " : "", one);
    }
    enum err e = err_explain(why, ERR_INVALID, "there is no source \"%.64s\"; there are %s", name,
                             buf_cstr(&names));
    buf_free(&names);
    return e;
}

static enum err replay(const struct command_given *given, struct err_reason *why)
{
    const struct replay_options *options = given->options;
    struct journal *journal = NULL;
    struct replay r = {.options = options};
    const struct refold_options refold = {.command = table.command,
                                          .settings = given->settings,
                                          .sources = given->sources,
                                          .dry_run = options->dry_run,
                                          .wants = wants,
                                          .context = &r};
    enum err e = check_source(given->sources, options->source, why);
    if (!e)
        e = journal_open_viewer(given->settings->writer.journal.path, &journal, why);
    if (!e)
        e = refold_open(&refold, &r.refold, why);
    if (!e)
        e = walk(&r, journal, why);
    if (!e)
        e = refold_finish(r.refold, why);
    if (r.refold)
        refold_print(r.refold);
    if (r.lost > 0)
        fprintf(stderr, "hearthline journal replay: %" PRIu64 " records are damaged or gone\n",
                r.lost);
    refold_close(r.refold);
    journal_close(journal);
    return e;
}

int journal_replay_main(int argc, char **argv)
{
    struct replay_options options = {0};
    const struct command command = {
        .table = &table, .config = &options.config, .decodes = true, .run = replay};
    return command_main(&command, argc, argv, &options);
}
