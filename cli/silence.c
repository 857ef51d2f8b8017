#include "cli/silence.h"

#include "base/clock.h"
#include "cli/alert_name.h"
#include "cli/ask_request.h"
#include "cli/asking.h"
#include "cli/render.h"
#include "cli/say.h"

struct silence_options {
    struct asking_options asking;
    const char *name, *length, *by, *reason;
    int64_t until_ns;
    bool remove;
};

#define MEMBER(member) .offset = offsetof(struct silence_options, member)

static const struct options_row rows[] = {
    ALERT_NAME_ROW(struct silence_options, name),
    {.name = "for",
     .kind = OPTIONS_TEXT,
     MEMBER(length),
     .value = "SPAN",
     .help = "how long: 30m, 8h, 7d"},
    {.name = "until",
     .kind = OPTIONS_MOMENT,
     MEMBER(until_ns),
     .value = "TIME",
     .help = "or until when: 2026-11-21T08:00:00Z"},
    {.name = "remove",
     .kind = OPTIONS_FLAG,
     MEMBER(remove),
     .help = "take the silence of these alerts away"},
    ALERT_NAME_BY_ROWS(struct silence_options, by, reason, "who silences (the user's name)"),
    ASKING_ROWS(struct silence_options),
};

static const struct options_table table = {
    .command = "silence",
    .about = "Silences alerts: while it lasts they change state as ever, and no event is said of "
             "them.\nPrints all silences that hold then.\n",
    OPTIONS_ROWS(rows),
    .after = "Example: hearthline silence '*/device_silent/garden-01' --for 8h\n\n" ASKING_EXIT,
};

static void show(struct value answer, struct buf *out)
{
    struct value silences;
    if (value_get(answer, TEXT("silences"), &silences) && value_count(silences) > 0)
        render_table(TEXT("silences"), silences, 0, out);
    else
        buf_string(out, "no silences\n");
}

/* Exactly one of the three says how long. */
static enum err make_request(const struct silence_options *options, struct buf *out,
                             struct err_reason *why)
{
    struct buf match = {0};
    char until[CLOCK_RFC3339_SIZE];
    enum err e = alert_name_write(options->name, &match, why);
    if (!e && (options->length != NULL) + (options->until_ns != 0) + options->remove != 1)
        e = err_explain(why, ERR_INVALID, "one of --for, --until and --remove is due");
    ask_request_end(&match);
    ask_request_json("match", buf_view(&match), out);
    out->failed |= match.failed;
    ask_request_text("for", text_of(options->length), out);
    clock_format_rfc3339(options->until_ns, until);
    ask_request_text("until", text_of(options->until_ns != 0 ? until : NULL), out);
    if (options->remove)
        ask_request_json("remove", TEXT("true"), out);
    alert_name_end(options->by, options->reason, out);
    buf_free(&match);
    return e;
}

int silence_main(int argc, char **argv)
{
    struct silence_options options = {.asking.timeout_s = ASKING_TIMEOUT_S};
    struct buf request = {0};
    struct err_reason why = {""};
    int status = options_read(&table, argc, argv, &options);
    if (status != OPTIONS_GO_ON)
        return status;
    enum err e = make_request(&options, &request, &why);
    if (e) {
        (void)say_failed("silence", e, &why);
        status = OPTIONS_EXIT_USAGE;
    } else {
        status = asking_run("silence", &options.asking, "alerts/silence", &request, show);
    }
    buf_free(&request);
    return status;
}
