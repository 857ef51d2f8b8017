#include "cli/alerts.h"

#include "cli/ask_request.h"
#include "cli/asking.h"
#include "cli/render.h"

struct alerts_options {
    struct asking_options asking;
    const char *level, *service;
};

#define MEMBER(member) .offset = offsetof(struct alerts_options, member)

static const struct options_row rows[] = {
    {.name = "level",
     .kind = OPTIONS_TEXT,
     MEMBER(level),
     .value = "LEVEL",
     .help = "only these: info, warning, error, critical"},
    {.name = "service",
     .kind = OPTIONS_TEXT,
     MEMBER(service),
     .value = "NAME",
     .help = "of this service only"},
    ASKING_ROWS(struct alerts_options),
};

static const struct options_table table = {
    .command = "alerts",
    .about = "Shows the alerts, a line each, the worst first: level, state, the time of the last "
             "change,\nits name as hearthline ack and hearthline silence take it, and what it "
             "is.\n",
    OPTIONS_ROWS(rows),
    .after = ASKING_EXIT,
};

static void show(struct value answer, struct buf *out)
{
    struct value alerts;
    if (value_get(answer, TEXT("alerts"), &alerts) && value_count(alerts) > 0)
        render_table(TEXT("alerts"), alerts, 0, out);
    else
        buf_string(out, "no alerts\n");
}

int alerts_main(int argc, char **argv)
{
    struct alerts_options options = {.asking.timeout_s = ASKING_TIMEOUT_S};
    struct buf request = {0};
    int status = options_read(&table, argc, argv, &options);
    if (status != OPTIONS_GO_ON)
        return status;
    ask_request_text("level", text_of(options.level), &request);
    ask_request_text("service", text_of(options.service), &request);
    ask_request_end(&request);
    status = asking_run("alerts", &options.asking, "stats/alerts", &request, show);
    buf_free(&request);
    return status;
}
