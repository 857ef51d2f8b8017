#include "cli/flush.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/moment.h"
#include "cli/progress.h"
#include "cli/scrape.h"

enum { POLL_MS = 50 };

struct flush_options {
    const char *config;
    uint32_t timeout_s;
};

static const struct options_row rows[] = {
    {.name = "timeout",
     .kind = OPTIONS_NUMBER,
     .offset = offsetof(struct flush_options, timeout_s),
     .value = "S",
     .max = 86400,
     .help = "give up after so many seconds (60); 0 only looks"},
    OPTIONS_CONFIG(struct flush_options),
};

static const struct options_table table = {
    .command = "flush",
    .about = "Waits until everything that the writer had journaled when this was called is stored "
             "in\nInfluxDB. The writer must be running: it is asked at writer.metrics_address.\n",
    OPTIONS_ROWS(rows),
    .after = "Exit status: 0 all is stored, 1 it is not (how much waits, and why, is said), 2 "
             "wrong\nusage.\n",
};

struct standing {
    uint64_t next, cursor; /* numbers of records: to be appended next, first not delivered */
    bool broker_up;
};

static enum err ask(struct scrape *scrape, struct standing *ret, struct err_reason *why)
{
    struct text metrics;
    double next, cursor, up = 0;
    enum err e = scrape_get(scrape, "/metrics", &metrics, why);
    if (e)
        return e;
    if (!scrape_value(metrics, "hearthline_journal_next_record", &next) ||
        !scrape_value(metrics, "hearthline_journal_cursor_record", &cursor))
        return err_explain(why, ERR_INVALID,
                           "what answers at writer.metrics_address is no writer of Hearthline");
    (void)scrape_value(metrics, "hearthline_broker_up", &up);
    *ret = (struct standing){(uint64_t)next, (uint64_t)cursor, up > 0};
    return ERR_OK;
}

/* Why it takes so long, in the writer's words. */
static enum err give_up(struct scrape *scrape, const struct standing *now, uint64_t target,
                        struct err_reason *why)
{
    struct text health = {NULL, 0};
    struct err_reason words = {""};
    uint64_t pending = target > now->cursor ? target - now->cursor : 0;
    enum err e = scrape_get(scrape, "/healthz", &health, &words);
    health = e ? text_of(words.text) : text_trim(health);
    return err_explain(why, ERR_TIMEOUT, "%" PRIu64 " records are still pending: %.*s", pending,
                       TEXT_ARGS(health));
}

static enum err wait_until_stored(struct scrape *scrape, uint32_t timeout_s, struct err_reason *why)
{
    struct clock clock = clock_system();
    struct standing now = {0};
    int64_t begun_ms = clock_monotonic_ms(&clock);
    int64_t end_ms = begun_ms + (int64_t)timeout_s * 1000;
    enum err e = ask(scrape, &now, why);
    if (e)
        return e;
    const uint64_t target = now.next, start = now.cursor < target ? now.cursor : target;
    struct progress progress = progress_begin("records stored", target - start);
    while (now.cursor < target && clock_monotonic_ms(&clock) < end_ms) {
        progress_show(&progress, now.cursor - start);
        usleep(POLL_MS * 1000);
        (void)ask(scrape, &now, why); /* it may be starting again: the time limit decides */
    }
    progress_end(&progress);
    if (now.cursor < target)
        return give_up(scrape, &now, target, why);
    char span[MOMENT_SPAN_SIZE];
    moment_span((clock_monotonic_ms(&clock) - begun_ms) * CLOCK_NS_PER_MS, span);
    printf("all is stored: %" PRIu64 " records were pending, %s\n", target - start, span);
    if (!now.broker_up)
        fputs("hearthline flush: the writer is not connected to the broker; what waits there is "
              "not counted\n",
              stderr);
    return ERR_OK;
}

static enum err flush(const struct command_given *given, struct err_reason *why)
{
    const struct flush_options *options = given->options;
    struct scrape *scrape = NULL;
    enum err e = scrape_open(given->settings, &scrape, why);
    if (!e)
        e = wait_until_stored(scrape, options->timeout_s, why);
    scrape_close(scrape);
    return e;
}

int flush_main(int argc, char **argv)
{
    struct flush_options options = {.timeout_s = 60};
    const struct command command = {.table = &table, .config = &options.config, .run = flush};
    return command_main(&command, argc, argv, &options);
}
