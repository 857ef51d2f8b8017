#include "cli/ack.h"

#include "cli/alert_name.h"
#include "cli/ask_request.h"
#include "cli/asking.h"
#include "cli/render.h"
#include "cli/say.h"

struct ack_options {
    struct asking_options asking;
    const char *name, *by, *reason;
};

#define MEMBER(member) .offset = offsetof(struct ack_options, member)

static const struct options_row rows[] = {
    {.name = "ALERT",
     .kind = OPTIONS_ARGUMENT,
     MEMBER(name),
     .needed = true,
     .help = "RULE, SERVICE/RULE or SERVICE/RULE/SUBJECT, as hearthline alerts\n"
             "prints it; a part that is * is any"},
    {.name = "by",
     .kind = OPTIONS_TEXT,
     MEMBER(by),
     .value = "NAME",
     .help = "who knows of it (the user's name)"},
    {.name = "why",
     .kind = OPTIONS_TEXT,
     MEMBER(reason),
     .value = "TEXT",
     .help = "what there is to say to it"},
    ASKING_ROWS(struct ack_options),
};

static const struct options_table table = {
    .command = "ack",
    .about = "Acknowledges the alerts that fire and are named so: somebody knows of them. They "
             "stay\nacknowledged until they are over, also when the query service starts anew.\n",
    OPTIONS_ROWS(rows),
    .after = "Example: hearthline ack system/device_silent/kitchen-01 --why 'new battery "
             "ordered'\n\n" ASKING_EXIT,
};

static void show(struct value answer, struct buf *out)
{
    struct value count = {0}, alerts = {0};
    (void)value_get(answer, TEXT("acknowledged"), &count);
    (void)value_get(answer, TEXT("alerts"), &alerts);
    render_scalar(count, SIZE_MAX, out);
    buf_string(out, " acknowledged\n");
    if (value_count(alerts) > 0)
        render_table(TEXT("alerts"), alerts, 0, out);
}

int ack_main(int argc, char **argv)
{
    struct ack_options options = {.asking.timeout_s = ASKING_TIMEOUT_S};
    struct buf request = {0};
    struct err_reason why = {""};
    int status = options_read(&table, argc, argv, &options);
    if (status != OPTIONS_GO_ON)
        return status;
    enum err e = alert_name_write(options.name, &request, &why);
    ask_request_text("by", alert_name_by(options.by), &request);
    ask_request_text("why", text_of(options.reason), &request);
    ask_request_end(&request);
    if (e) {
        (void)say_failed("ack", e, &why);
        status = OPTIONS_EXIT_USAGE;
    } else {
        status = asking_run("ack", &options.asking, "alerts/acknowledge", &request, show);
    }
    buf_free(&request);
    return status;
}
