/* hearthline-query: reads the configuration, opens, runs, closes. */
#include <stdlib.h>

#include "base/program.h"
#include "query-service/rounds.h"
#include "query-service/service.h"

static const char help[] =
    "Usage: hearthline-query --config FILE\n"
    "\n"
    "Answers questions about a house's history over MQTT, from InfluxDB or, while that is away,\n"
    "from what the services say on the bus, and publishes alerts.\n"
    "\n"
    "  -c, --config FILE  the configuration (hearthline.yaml); docs/configuration.md has every "
    "key\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "The log goes to standard error. SIGTERM and SIGINT stop it: what was asked is answered "
    "first.\n"
    "SIGHUP reads alert rules, standing questions and flags again; a change of the flags is "
    "noticed\n"
    "within 5 s anyway.\n"
    "Exit: 0 stopped, 64 wrong arguments, 69 another query service runs under this name, 75 no\n"
    "memory, 78 the configuration cannot be used.\n";

/* Tests do not wait 10 s for a round. */
static uint32_t round_ms(void)
{
    const char *text = getenv("HEARTHLINE_TEST_ROUND_MS");
    long long ms;
    if (!text || !text_integer(text_of(text), &ms) || ms < 100 || ms > ROUNDS_EVERY_MS)
        return ROUNDS_EVERY_MS;
    return (uint32_t)ms;
}

static enum err run(const struct program_given *given, int *ret_exit, struct err_reason *why)
{
    struct service *service = NULL;
    enum err e = service_open(given->settings, given->path, given->log, given->clock, round_ms(),
                              &service, ret_exit, why);
    if (e == ERR_OK)
        *ret_exit = service_run(service);
    service_close(service);
    return e;
}

int main(int argc, char **argv)
{
    static const struct program query = {.name = "hearthline-query", .help = help, .run = run};
    return program_main(&query, argc, argv);
}
