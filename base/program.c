#include "base/program.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

static enum err open_log(const struct settings *settings, struct clock clock, struct log **ret_log,
                         struct err_reason *why)
{
    enum log_level level;
    struct log *log = NULL;
    if (!log_level_from(settings->log_level, &level) ||
        !(log = log_open(STDERR_FILENO, level, clock)))
        return err_explain(why, ERR_INVALID, "log_level: error, warning, info or debug is right");
    *ret_log = log;
    return ERR_OK;
}

static int run(const struct program *program, const char *path)
{
    struct settings *settings = NULL;
    struct log *log = NULL;
    struct err_reason why = {""};
    struct clock clock = clock_system();
    int code = PROGRAM_EXIT_CONFIG;
    enum err e = settings_read(path, &settings, &why);
    if (e == ERR_OK)
        e = open_log(settings, clock, &log, &why);
    if (e == ERR_OK) {
        log_change(log, LOG_INFO, "start", "version=%s config=\"%s\"", HEARTHLINE_VERSION, path);
        e = program->run(&(struct program_given){settings, path, log, clock}, &code, &why);
    }
    if (e != ERR_OK)
        fprintf(stderr, "%s: %s\n", program->name, why.text[0] ? why.text : err_text(e));
    log_close(log);
    settings_free(settings);
    return code;
}

int program_main(const struct program *program, int argc, char **argv)
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
            fputs(program->help, stdout);
            return PROGRAM_EXIT_OK;
        } else if (c == 'V') {
            printf("%s %s\n", program->name, HEARTHLINE_VERSION);
            return PROGRAM_EXIT_OK;
        } else {
            return PROGRAM_EXIT_USAGE;
        }
    }
    if (!path || optind != argc) {
        fprintf(stderr, "%s: --config FILE is needed, and nothing else\n", program->name);
        return PROGRAM_EXIT_USAGE;
    }
    return run(program, path);
}
