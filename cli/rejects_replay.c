#include "cli/rejects_replay.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/config.h"
#include "cli/reason.h"
#include "cli/refold.h"
#include "writer/rejects.h"

struct replay_options {
    const char *config, *reason;
    bool dry_run;
};

static const struct options_row rows[] = {
    REASON_ROW(struct replay_options),
    REFOLD_DRY_RUN_ROW(struct replay_options),
    OPTIONS_CONFIG(struct replay_options),
};

static const struct options_table table = {
    .command = "rejects replay",
    .about = "Decodes what could not be stored once more, by the mapping as it is configured now "
             "and at\nits original time of arrival, and writes what comes out to InfluxDB. The "
             "file of rejects\nstays as it is. Doing it twice does no harm.\n",
    OPTIONS_ROWS(rows),
    .after = OPTIONS_EXIT,
};

struct replay {
    const struct replay_options *options;
    struct refold *refold;
    struct err_reason *why;
    enum err err;
    struct buf payload, before; /* before: the original of the reject before this one */
    int64_t before_ns;
    uint64_t number, incomplete;
};

/* Where InfluxDB refused several lines of a message, each has the whole message as its original,
 * one behind the other: once is enough. */
static bool is_again(const struct replay *r, const struct rejected *message)
{
    return !message->element.present && message->time_ns == r->before_ns && r->before.len > 0 &&
           text_equal(buf_view(&r->payload), buf_view(&r->before));
}

static bool replay_one(void *context, const struct rejected *message, struct text line)
{
    struct replay *r = context;
    (void)line;
    if (r->options->reason && !text_equal(message->reason, text_of(r->options->reason)))
        return true;
    buf_reset(&r->payload);
    /* Of what was too large the journal itself kept only the beginning. */
    if (message->cut || text_equal(message->reason, text_of(reject_id(REJECT_TOO_LARGE))) ||
        rejected_get_payload(message, &r->payload) != ERR_OK || r->payload.failed) {
        r->incomplete++;
        return true;
    }
    if (is_again(r, message))
        return true;
    const struct journal_record record = {
        .number = ++r->number,
        .type = JOURNAL_MESSAGE,
        .arrival_ns = (int64_t)((uint64_t)message->time_ns + message->element.value),
        .flags = (message->retained ? JOURNAL_RETAINED : 0u) | (message->late ? JOURNAL_LATE : 0u),
        .qos = (uint8_t)message->qos.value,
        .topic = message->topic,
        .content_type = message->content_type,
        .payload = buf_view(&r->payload),
    };
    r->err = refold_write(r->refold, &record, r->why);
    r->before_ns = message->time_ns;
    buf_reset(&r->before);
    buf_text(&r->before, buf_view(&r->payload));
    return r->err == ERR_OK;
}

static enum err replay(const struct command_given *given, struct err_reason *why)
{
    const struct replay_options *options = given->options;
    char path[CONFIG_PATH_SIZE];
    struct replay r = {.options = options, .why = why, .before_ns = INT64_MIN};
    const struct refold_options refold = {.command = table.command,
                                          .settings = given->settings,
                                          .sources = given->sources,
                                          .dry_run = options->dry_run};
    config_rejects_path(given->settings, path);
    enum err e = reason_check(options->reason, why);
    if (!e)
        e = refold_open(&refold, &r.refold, why);
    if (!e)
        e = rejects_walk(path, &r, replay_one, why);
    if (!e)
        e = r.err;
    if (!e) {
        refold_release(r.refold);
        e = refold_finish(r.refold, why);
    }
    if (r.refold) {
        refold_print(r.refold);
        uint64_t still = refold_figures(r.refold)->rejected_messages + r.incomplete;
        fprintf(options->dry_run ? stderr : stdout, "%" PRIu64 " still rejected\n", still);
    }
    if (r.incomplete > 0)
        fprintf(stderr,
                "hearthline rejects replay: of %" PRIu64
                " the file holds no whole original; they are left out\n",
                r.incomplete);
    refold_close(r.refold);
    buf_free(&r.payload);
    buf_free(&r.before);
    return e;
}

int rejects_replay_main(int argc, char **argv)
{
    struct replay_options options = {0};
    const struct command command = {
        .table = &table, .config = &options.config, .decodes = true, .run = replay};
    return command_main(&command, argc, argv, &options);
}
