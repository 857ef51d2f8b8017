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

static const struct options_row rows[] = {
    ALERT_NAME_ROW(struct ack_options, name),
    ALERT_NAME_BY_ROWS(struct ack_options, by, reason, "who knows of it (the user's name)"),
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
    alert_name_end(options.by, options.reason, &request);
    if (e) {
        (void)say_failed("ack", e, &why);
        status = OPTIONS_EXIT_USAGE;
    } else {
        status = asking_run("ack", &options.asking, "alerts/acknowledge", &request, show);
    }
    buf_free(&request);
    return status;
}
