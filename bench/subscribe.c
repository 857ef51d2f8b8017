#include "subscribe.h"

#include <stdio.h>
#include <unistd.h>

#include "options.h"
#include "report.h"

static const char summary[] = "Subscribes, counts the messages that come and throws them away.";
static const char footer[] =
    "Prints \"subscribed\" when the broker has granted the subscription, and the report at\n"
    "the end, which SIGINT and SIGTERM bring about as well.\n"
    "Exit status: 0, or 1 when there were fewer than --count.";

void subscribe_read_options(struct subscribe_options *o, int argc, char **argv)
{
    static char id[40];
    snprintf(id, sizeof(id), "bench-subscribe-%d", (int)getpid());
    *o = (struct subscribe_options){.host = "127.0.0.1",
                                    .port = "1883",
                                    .client_id = id,
                                    .topic = "hearthline/readings/#",
                                    .qos = 1};
    const struct option_row rows[] = {
        {"host", "HOST", OPTION_TEXT, &o->host, 0, 0, "broker's host (127.0.0.1)"},
        {"port", "PORT", OPTION_TEXT, &o->port, 0, 0, "broker's port (1883)"},
        {"topic", "FILTER", OPTION_TEXT, &o->topic, 0, 0,
         "what to subscribe to (hearthline/readings/#)"},
        {"qos", "0|1", OPTION_COUNT, &o->qos, 0, 1, "QoS of the subscription (1)"},
        {"count", "N", OPTION_COUNT, &o->count, 0, UINT32_MAX,
         "end after N messages; 0: however many (0)"},
        {"idle-s", "S", OPTION_NUMBER, &o->idle_s, 0, 0,
         "end when nothing came for S seconds after the first; 0: never (0)"},
        {"json-report", NULL, OPTION_FLAG, &o->json, 0, 0, "report as one JSON object"},
    };
    const struct option_table table = {argv[0], summary, footer, rows,
                                       sizeof(rows) / sizeof(rows[0])};
    options_read(&table, argc, argv);
    report_signals();
}

void subscribe_say_ready(void)
{
    printf("subscribed\n");
    fflush(stdout);
}
