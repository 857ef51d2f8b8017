/* hearthline-query: reads the configuration, opens, runs, closes. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

static int run(const char *path)
{
    struct settings *settings = NULL;
    struct service *service = NULL;
    struct log *log = NULL;
    struct err_reason why = {""};
    enum log_level level = LOG_INFO;
    struct clock clock = clock_system();
    int code = SERVICE_EXIT_CONFIG;
    enum err e = settings_read(path, &settings, &why);
    if (e != ERR_OK)
        goto out;
    if (!log_level_from(settings->log_level, &level) ||
        !(log = log_open(STDERR_FILENO, level, clock))) {
        e = err_explain(&why, ERR_INVALID, "log_level: error, warning, info or debug is right");
        goto out;
    }
    log_change(log, LOG_INFO, "start", "version=%s config=\"%s\"", HEARTHLINE_VERSION, path);
    e = service_open(settings, path, log, clock, round_ms(), &service, &code, &why);
    if (e == ERR_OK)
        code = service_run(service);
out:
    if (e != ERR_OK)
        fprintf(stderr, "hearthline-query: %s\n", why.text[0] ? why.text : err_text(e));
    service_close(service);
    log_close(log);
    settings_free(settings);
    return code;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    const char *path = NULL;
    for (int c; (c = getopt_long(argc, argv, "c:hV", options, NULL)) != -1;) {
        if (c == 'c') {
            path = optarg;
        } else if (c == 'h') {
            fputs(help, stdout);
            return 0;
        } else if (c == 'V') {
            puts("hearthline-query " HEARTHLINE_VERSION);
            return 0;
        } else {
            return 64;
        }
    }
    if (!path || optind != argc) {
        fputs("hearthline-query: --config FILE is needed, and nothing else\n", stderr);
        return 64;
    }
    return run(path);
}
