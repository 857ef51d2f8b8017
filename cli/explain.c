#include "cli/explain.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/body.h"
#include "cli/command.h"
#include "cli/known_state.h"
#include "cli/say.h"
#include "cli/verdict.h"

#define LATER_NS (3600 * CLOCK_NS_PER_S)

struct explain_options {
    const char *config, *topic, *payload, *content_type;
    bool retained, late;
};

#define MEMBER(member) .offset = offsetof(struct explain_options, member)

static const struct options_row rows[] = {
    {.name = "topic",
     .kind = OPTIONS_TEXT,
     MEMBER(topic),
     .value = "TOPIC",
     .needed = true,
     .help = "the whole topic, as on the broker"},
    {.name = "payload",
     .kind = OPTIONS_TEXT,
     MEMBER(payload),
     .value = "TEXT",
     .needed = true,
     .help = "the payload, or - for standard input (msgpack, a file)"},
    {.name = "content-type",
     .kind = OPTIONS_TEXT,
     MEMBER(content_type),
     .value = "TYPE",
     .help = "MQTT 5's Content Type, like application/msgpack"},
    {.name = "retained",
     .kind = OPTIONS_FLAG,
     MEMBER(retained),
     .help = "as the broker hands it over from its memory on subscribing"},
    {.name = "late",
     .kind = OPTIONS_FLAG,
     MEMBER(late),
     .help = "as if it had waited at the broker while the writer was away"},
    OPTIONS_CONFIG(struct explain_options),
};

static const struct options_table table = {
    .command = "explain",
    .about = "Shows what the writer would make of a message: which source takes it, the lines that "
             "go to\nInfluxDB, and what is rejected or ignored and why. No server is asked; "
             "without a\nconfiguration only Hearthline's own topics are known. What rules remember "
             "(types of fields,\nvalues that were stored last, series) is what the writer knows "
             "by its last saved state,\nwhere its journal can be read.\n",
    OPTIONS_ROWS(rows),
    .after = "Example: hearthline explain --topic hearthline/readings/kitchen --payload "
             "'{\"temperature\": 21.5}'\n\nExit status: 0 it was explained, 1 it failed, 2 wrong "
             "usage.\n",
};

static void print_source(const struct source *source)
{
    if (!source)
        puts("source    none");
    else
        printf("source    %s (decoder %s, filter %s)\n", source->name, source->decoder->name,
               source->filter);
}

/* As if it came now: what of the state is of the connection before does not concern it. */
static void know(const struct settings *settings, struct fold *fold, int64_t now_ns)
{
    struct journal_position position;
    const struct journal_record connack = {.type = JOURNAL_CONNACK, .arrival_ns = now_ns};
    if (known_state_all(settings, fold, &position))
        fold_record(fold, &connack, NULL);
}

struct explained {
    struct verdict verdict;
    int64_t arrival_ns;
};

static struct verdict *verdict_of(void *context, int64_t arrival_ns)
{
    struct explained *explained = context;
    return arrival_ns == explained->arrival_ns ? &explained->verdict : NULL;
}

static enum err explain_record(const struct settings *settings, const struct sources *sources,
                               struct journal_record *record)
{
    struct fold *fold = NULL;
    struct explained explained = {{.topic_root = settings->topic_root, .settings = settings},
                                  record->arrival_ns};
    struct verdicts verdicts = {.context = &explained, .of = verdict_of};
    struct fold_sink sink = verdict_sink(&verdicts);
    bool known = false;
    enum err e = fold_open(sources, &fold);
    if (e)
        return e;
    know(settings, fold, record->arrival_ns);
    fold_record(fold, record, &sink);
    /* What a rule keeps for a moment goes on when nothing else comes. */
    struct journal_record later = {.type = JOURNAL_TICK,
                                   .arrival_ns = record->arrival_ns + LATER_NS};
    fold_record(fold, &later, &sink);
    fputs("topic     ", stdout);
    say_visible(stdout, record->topic, SIZE_MAX);
    putchar('\n');
    print_source(sources_find(sources, record->topic, &known));
    verdict_print(&explained.verdict, 0);
    uint64_t cleaned = fold_counts(fold)->cleaned;
    if (cleaned > 0)
        printf("cleaned   %" PRIu64 " %s that line protocol cannot say, changed as shown\n",
               cleaned, cleaned == 1 ? "name or value" : "names or values");
    verdict_free(&explained.verdict);
    fold_close(fold);
    return ERR_OK;
}

static struct journal_record record_of(const struct explain_options *options, struct text payload)
{
    struct clock clock = clock_system();
    unsigned flags =
        (options->retained ? JOURNAL_RETAINED : 0) | (options->late ? JOURNAL_LATE : 0);
    return (struct journal_record){
        .number = 1,
        .type = JOURNAL_MESSAGE,
        .arrival_ns = clock_real_ns(&clock),
        .flags = (uint8_t)flags,
        .qos = 1,
        .topic = text_of(options->topic),
        .payload = payload,
        .content_type = text_of(options->content_type),
    };
}

static enum err explain(const struct command_given *given, struct err_reason *why)
{
    const struct explain_options *options = given->options;
    struct buf memory = {0};
    struct text payload;
    enum err e = body_read(options->payload, &memory, &payload, why);
    if (!e) {
        struct journal_record record = record_of(options, payload);
        e = explain_record(given->settings, given->sources, &record);
    }
    buf_free(&memory);
    return e;
}

int explain_main(int argc, char **argv)
{
    struct explain_options options = {0};
    const struct command command = {.table = &table,
                                    .config = &options.config,
                                    .decodes = true,
                                    .defaults = true,
                                    .run = explain};
    return command_main(&command, argc, argv, &options);
}
