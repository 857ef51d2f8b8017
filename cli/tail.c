#include "cli/tail.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "bus/filter.h"
#include "cli/config.h"
#include "cli/known_state.h"
#include "cli/options.h"
#include "cli/refusals.h"
#include "cli/say.h"
#include "cli/tail_queue.h"

enum {
    POLL_MS = 50,
    PENDING_MS = 2000, /* so long a message is held back for InfluxDB's answer */
    SETTLE_MS = 200,   /* from the cursor's step until a refusal is in the file of rejects */
    QUEUE_MAX = 1024,
    TURN_RECORDS = 1024,
};

struct tail_options {
    const char *config, *filter;
    bool from_start;
    uint32_t count;
};

#define MEMBER(member) .offset = offsetof(struct tail_options, member)

static const struct options_row rows[] = {
    {.name = "FILTER",
     .kind = OPTIONS_ARGUMENT,
     MEMBER(filter),
     .help = "only topics that this MQTT filter matches, like hearthline/readings/#"},
    {.name = "from-start",
     .kind = OPTIONS_FLAG,
     MEMBER(from_start),
     .help = "first all that the journal still holds"},
    {.name = "count",
     .kind = OPTIONS_NUMBER,
     MEMBER(count),
     .value = "N",
     .min = 1,
     .max = UINT32_MAX,
     .help = "end after so many messages"},
    OPTIONS_CONFIG(struct tail_options),
};

static const struct options_table table = {
    .command = "tail",
    .about =
        "Shows each message as the writer journals it: when it arrived, its topic, the source "
        "that\ntakes it, the lines it becomes or why it is rejected or ignored, and whether it "
        "is stored\nin InfluxDB (\"pending\" when that takes longer than two seconds; \"waiting\" "
        "when "
        "a\nrule keeps it so long, \"noted\" when it only tells of others). It reads the "
        "writer's\njournal, by the mapping as it is configured now. Ctrl-C ends it.\n",
    OPTIONS_ROWS(rows),
    .after = OPTIONS_EXIT,
};

struct tail {
    struct tail_options options;
    struct clock clock;
    struct settings *settings;
    struct sources *sources;
    struct journal *journal;
    struct journal_reader *reader;
    struct fold *fold;
    struct tail_queue queue;
    struct refusals refusals;
    char rejects_path[CONFIG_PATH_SIZE];
    uint64_t show_from; /* number of the first record to show */
    uint32_t shown;
    sigset_t signals;
    bool stopped;
};

/* --- reading -------------------------------------------------------------------- */

static bool wanted(const struct tail *t, const struct journal_record *record)
{
    return record->type == JOURNAL_MESSAGE && record->number >= t->show_from &&
           (!t->options.filter || filter_match(text_of(t->options.filter), record->topic, NULL));
}

static struct verdict *verdict_of(void *context, int64_t arrival_ns)
{
    struct tail_message *m = tail_queue_find(context, arrival_ns);
    return m ? &m->verdict : NULL;
}

static enum err take(struct tail *t, const struct journal_record *record)
{
    bool known;
    struct verdicts verdicts = {.context = &t->queue, .of = verdict_of};
    struct fold_sink sink = verdict_sink(&verdicts);
    if (wanted(t, record)) {
        struct tail_message *m = tail_queue_add(&t->queue, record, t->settings->topic_root);
        if (!m)
            return ERR_NOMEM;
        const struct source *source = sources_find(t->sources, record->topic, &known);
        m->source = source ? source->name : NULL;
        m->read_ms = clock_monotonic_ms(&t->clock);
    }
    fold_record(t->fold, record, &sink); /* it may end the wait of an earlier one, too */
    return ERR_OK;
}

/* Reads what there is, up to a bound, so that showing keeps up. */
static enum err read_some(struct tail *t, bool *ret_more, struct err_reason *why)
{
    struct journal_record record;
    enum err e = ERR_OK;
    *ret_more = false;
    for (unsigned i = 0; i < TURN_RECORDS && t->queue.count < QUEUE_MAX; i++) {
        uint64_t lost = 0;
        e = journal_read(t->reader, &record, &lost, why);
        if (e == ERR_NOT_FOUND)
            return ERR_OK;
        if (e == ERR_CORRUPT)
            fprintf(stderr, "hearthline tail: %s\n", why->text);
        else if (!e)
            e = take(t, &record);
        if (e && e != ERR_CORRUPT)
            return e;
    }
    *ret_more = true;
    return ERR_OK;
}

/* --- showing -------------------------------------------------------------------- */

/* What became of a message, NULL while it is not known. */
static const char *outcome(struct tail *t, struct tail_message *m, uint64_t cursor, int64_t now_ms)
{
    const struct verdict *v = &m->verdict;
    bool waited = now_ms - m->read_ms >= PENDING_MS || t->stopped || t->queue.count >= QUEUE_MAX;
    if (v->lines.len == 0) {
        if (v->refused.len > 0)
            return "rejected";
        if (v->ignored.len > 0 || v->notes.len == 0)
            return "ignored";
        if (!v->waits)
            return "noted";
        return waited ? "waiting" : NULL;
    }
    if (m->number < cursor) {
        bool old = clock_real_ns(&t->clock) - m->arrival_ns > PENDING_MS * CLOCK_NS_PER_MS;
        if (m->passed_ms == 0)
            m->passed_ms = now_ms;
        if (!old && now_ms - m->passed_ms < SETTLE_MS && !t->stopped)
            return NULL;
        refusals_look(&t->refusals);
        return refusals_hold(&t->refusals, m->arrival_ns) ? "refused by InfluxDB" : "stored";
    }
    return waited ? "pending" : NULL;
}

static void show(const struct tail_message *m, const char *what)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(m->arrival_ns / CLOCK_NS_PER_MS * CLOCK_NS_PER_MS, time);
    printf("%-24s  ", time);
    say_visible(stdout, (struct text){m->topic, m->topic_len}, SIZE_MAX);
    printf("  (%s)  %s\n", m->source ? m->source : "no source", what);
    verdict_print(&m->verdict, 4);
}

static bool enough(const struct tail *t)
{
    return t->options.count > 0 && t->shown >= t->options.count;
}

static void show_what_is_known(struct tail *t)
{
    size_t size = 0;
    uint64_t cursor = journal_cursor(t->journal, NULL, 0, &size).number;
    int64_t now_ms = clock_monotonic_ms(&t->clock);
    while (t->queue.first && !enough(t)) {
        const char *what = outcome(t, t->queue.first, cursor, now_ms);
        if (!what)
            break;
        show(t->queue.first, what);
        tail_queue_drop(&t->queue);
        t->shown++;
    }
    fflush(stdout);
}

static void rest(struct tail *t)
{
    struct timespec time = {.tv_nsec = POLL_MS * 1000000};
    if (sigtimedwait(&t->signals, NULL, &time) > 0)
        t->stopped = true;
}

static enum err follow(struct tail *t, struct err_reason *why)
{
    fprintf(stderr, "hearthline tail: following %s\n", t->settings->writer.journal.path);
    enum err e = ERR_OK;
    while (!e && !enough(t) && !t->stopped) {
        bool more = false;
        e = read_some(t, &more, why);
        show_what_is_known(t);
        if (!more && !enough(t))
            rest(t);
    }
    show_what_is_known(t); /* after a signal: as far as it is known */
    return e;
}

/* --- opening -------------------------------------------------------------------- */

/* Where the writer's state is, or else at the cursor: both are not far from the end. */
static struct journal_position near_the_end(struct tail *t)
{
    struct journal_position from;
    size_t size = 0;
    if (!known_state_all(t->settings, t->fold, &from))
        from = journal_cursor(t->journal, NULL, 0, &size);
    return from;
}

/* Without --from-start it shows what is appended from now on. */
static enum err open_journal(struct tail *t, struct err_reason *why)
{
    struct journal_figures figures;
    struct journal_position from = {0};
    enum err e = journal_open_viewer(t->settings->writer.journal.path, &t->journal, why);
    if (e)
        return e;
    if (t->options.from_start) {
        known_state_types(t->settings, t->fold);
    } else {
        journal_figures(t->journal, &figures);
        t->show_from = figures.next_number;
        from = near_the_end(t);
    }
    return journal_reader_open(t->journal, from, &t->reader);
}

static enum err open_all(struct tail *t, struct err_reason *why)
{
    enum err e = ERR_OK;
    if (t->options.filter)
        e = filter_check(text_of(t->options.filter), why);
    if (!e)
        e = config_read(t->options.config, &t->settings, why);
    if (!e && (e = sources_open(t->settings, &t->sources, why)))
        settings_say_where(t->settings, why);
    if (!e)
        e = fold_open(t->sources, &t->fold);
    if (!e)
        e = open_journal(t, why);
    if (e)
        return e;
    config_rejects_path(t->settings, t->rejects_path);
    t->refusals = (struct refusals){
        .path = t->rejects_path,
        .since_ns = t->options.from_start ? INT64_MIN : clock_real_ns(&t->clock) - CLOCK_NS_PER_S};
    return ERR_OK;
}

int tail_main(int argc, char **argv)
{
    struct tail t = {.clock = clock_system()};
    struct err_reason why = {""};
    int status = options_read(&table, argc, argv, &t.options);
    if (status != OPTIONS_GO_ON)
        return status;
    sigemptyset(&t.signals);
    sigaddset(&t.signals, SIGINT);
    sigaddset(&t.signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &t.signals, NULL);
    enum err e = open_all(&t, &why);
    if (!e)
        e = follow(&t, &why);
    status = e ? say_failed("tail", e, &why) : 0;
    tail_queue_free(&t.queue);
    refusals_free(&t.refusals);
    fold_close(t.fold);
    journal_reader_close(t.reader);
    journal_close(t.journal);
    sources_close(t.sources);
    settings_free(t.settings);
    return status;
}
