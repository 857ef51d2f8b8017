#include "cli/ask.h"

#include <stdio.h>

#include "cli/ask_request.h"
#include "cli/asking.h"
#include "cli/body.h"
#include "cli/render.h"
#include "cli/say.h"

struct ask_options {
    struct asking_options asking;
    const char *endpoint, *period, *service, *request;
    struct options_words words;
};

#define MEMBER(member) .offset = offsetof(struct ask_options, member)

static const struct options_row rows[] = {
    {.name = "ENDPOINT",
     .kind = OPTIONS_ARGUMENT,
     MEMBER(endpoint),
     .needed = true,
     .help = "what to ask: stats, stats/trends, health, history, devices ...\n"
             "(hearthline ask endpoints lists them all)"},
    {.name = "KEY=VALUE",
     .kind = OPTIONS_WORDS,
     MEMBER(words),
     .help = "more of the request: limit=5, fresh=true, tags.room=attic"},
    {.name = "period",
     .kind = OPTIONS_TEXT,
     MEMBER(period),
     .value = "PERIOD",
     .help = "how far back: 15m, 1h, 6h, 24h, 7d, 30d"},
    {.name = "service",
     .kind = OPTIONS_TEXT,
     MEMBER(service),
     .value = "NAME",
     .help = "this service only"},
    {.name = "request",
     .kind = OPTIONS_TEXT,
     MEMBER(request),
     .value = "JSON",
     .help = "the whole request instead, or - for standard input"},
    ASKING_ROWS(struct ask_options),
};

static const struct options_table table = {
    .command = "ask",
    .about = "Asks the query service over MQTT and shows the answer. The answer says where its "
             "figures\ncome from and how old they are; what is not known is shown as \"-\".\n",
    OPTIONS_ROWS(rows),
    .after = "Example: hearthline ask history measurement=device_metrics field=temperature "
             "\\\n           tags.device_id=kitchen-01 --period 24h\n\n" ASKING_EXIT,
};

/* --period and --service are words like the others. */
static enum err make_request(const struct ask_options *options, struct buf *out,
                             struct err_reason *why)
{
    const char *words[OPTIONS_WORDS_MAX + 2];
    size_t count = 0;
    struct buf period = {0}, service = {0};
    buf_printf(&period, "period=%s", options->period ? options->period : "");
    buf_printf(&service, "service=%s", options->service ? options->service : "");
    if (options->period)
        words[count++] = buf_cstr(&period);
    if (options->service)
        words[count++] = buf_cstr(&service);
    for (size_t i = 0; i < options->words.count; i++)
        words[count++] = options->words.at[i];
    enum err e = ask_request(options->endpoint, words, count, out, why);
    buf_free(&period);
    buf_free(&service);
    return e;
}

static enum err take_request(const char *argument, struct buf *out, struct err_reason *why)
{
    struct buf memory = {0};
    struct text body = {NULL, 0};
    enum err e = body_read(argument, &memory, &body, why);
    buf_text(out, body);
    buf_free(&memory);
    return e;
}

int ask_main(int argc, char **argv)
{
    struct ask_options options = {.asking.timeout_s = ASKING_TIMEOUT_S};
    struct err_reason why = {""};
    struct buf request = {0};
    int status = options_read(&table, argc, argv, &options);
    if (status != OPTIONS_GO_ON)
        return status;
    if (options.request && (options.period || options.service || options.words.count > 0)) {
        fputs("hearthline ask: --request is the whole request; there can be nothing beside it\n",
              stderr);
        return OPTIONS_EXIT_USAGE;
    }
    enum err e = options.request ? take_request(options.request, &request, &why)
                                 : make_request(&options, &request, &why);
    if (e) {
        (void)say_failed("ask", e, &why);
        status = e == ERR_INVALID ? OPTIONS_EXIT_USAGE : OPTIONS_EXIT_FAILED;
    } else {
        status = asking_run("ask", &options.asking, options.endpoint, &request, render_answer);
    }
    buf_free(&request);
    return status;
}
