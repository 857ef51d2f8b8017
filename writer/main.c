/* hearthline-writer: reads the configuration, opens, runs, closes. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "writer/writer.h"

static const char help[] =
    "Usage: hearthline-writer --config FILE\n"
    "\n"
    "Takes what a house says on MQTT, keeps it in a journal on disk, and stores it in InfluxDB.\n"
    "\n"
    "  -c, --config FILE  the configuration (hearthline.yaml); docs/configuration.md has every "
    "key\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "The log goes to standard error. SIGTERM and SIGINT stop it: what is decoded is delivered "
    "first.\n"
    "Exit: 0 stopped, 64 wrong arguments, 69 another instance runs under this name or on this "
    "journal,\n"
    "75 no memory, or the journal has no room even in its reserve (start again; nothing\n"
    "acknowledged is lost),\n"
    "78 the configuration cannot be used.\n";

static int run(const char *path)
{
    struct settings *settings = NULL;
    struct writer *writer = NULL;
    struct log *log = NULL;
    struct err_reason why = {""};
    enum log_level level = LOG_INFO;
    struct clock clock = clock_system();
    int code = WRITER_EXIT_CONFIG;
    enum err e = settings_read(path, &settings, &why);
    if (e != ERR_OK)
        goto out;
    if (!log_level_from(settings->log_level, &level) ||
        !(log = log_open(STDERR_FILENO, level, clock))) {
        e = err_explain(&why, ERR_INVALID, "log_level: error, warning, info or debug is right");
        goto out;
    }
    log_change(log, LOG_INFO, "start", "version=%s config=\"%s\"", HEARTHLINE_VERSION, path);
    e = writer_open(settings, path, log, clock, getenv("HEARTHLINE_TEST_DIE_AT"), &writer, &code,
                    &why);
    if (e == ERR_OK)
        code = writer_run(writer);
out:
    if (e != ERR_OK)
        fprintf(stderr, "hearthline-writer: %s\n", why.text[0] ? why.text : err_text(e));
    writer_close(writer);
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
            puts("hearthline-writer " HEARTHLINE_VERSION);
            return 0;
        } else {
            return 64;
        }
    }
    if (!path || optind != argc) {
        fputs("hearthline-writer: --config FILE is needed, and nothing else\n", stderr);
        return 64;
    }
    return run(path);
}
