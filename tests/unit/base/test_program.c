/* How a service's process begins: each command line, what is printed, and the code it ends with. */
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/program.h"

#define ARGUMENTS 4

static char folder[] = "/tmp/hearthline-program-XXXXXX";
static char good_path[64], bad_path[64], missing_path[64];

/* What the service saw, and what it is told to come to. */
static struct {
    unsigned runs;
    char root[64], path[64];
    enum err result;
    int exit; /* negative: left alone */
} service;

static enum err run_service(const struct program_given *given, int *ret_exit,
                            struct err_reason *why)
{
    service.runs++;
    snprintf(service.root, sizeof service.root, "%s", given->settings->topic_root);
    snprintf(service.path, sizeof service.path, "%s", given->path);
    if (service.exit >= 0)
        *ret_exit = service.exit;
    return service.result ? err_explain(why, service.result, "the attic is full") : ERR_OK;
}

static const struct program program = {"hearthline-attic", "Keeps the attic.\n", run_service};

/* Runs the program with these arguments; what it prints, on both descriptors, is in ret_printed. */
static int run_program(const char *const *arguments, char ret_printed[4096])
{
    char name[] = "hearthline-attic", copies[ARGUMENTS][64];
    char *argv[ARGUMENTS + 2] = {name};
    int argc = 1, out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    FILE *printed = tmpfile();
    for (; argc <= ARGUMENTS && arguments[argc - 1]; argc++)
        argv[argc] = strcpy(copies[argc - 1], arguments[argc - 1]);
    fflush(stdout);
    dup2(fileno(printed), STDOUT_FILENO);
    dup2(fileno(printed), STDERR_FILENO);
    optind = 0; /* getopt begins anew */
    int code = program_main(&program, argc, argv);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    rewind(printed);
    ret_printed[fread(ret_printed, 1, 4095, printed)] = '\0';
    fclose(printed);
    return code;
}

static int open_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(good_path, sizeof good_path, "%s/good.yaml", folder);
    snprintf(bad_path, sizeof bad_path, "%s/bad.yaml", folder);
    snprintf(missing_path, sizeof missing_path, "%s/missing.yaml", folder);
    FILE *good = fopen(good_path, "w"), *bad = fopen(bad_path, "w");
    fputs("topic_root: attic\n", good);
    fputs("topic_rot: attic\n", bad);
    return fclose(good) + fclose(bad);
}

static int close_folder(void **state)
{
    (void)state;
    unlink(good_path);
    unlink(bad_path);
    return rmdir(folder);
}

static int begin(void **state)
{
    (void)state;
    memset(&service, 0, sizeof service);
    service.exit = -1;
    return 0;
}

static void a_command_line_that_runs_nothing_ends_with_its_code(void **state)
{
    (void)state;
    const struct {
        const char *arguments[ARGUMENTS + 1];
        int code;
        const char *word;
    } cases[] = {
        {{"--help"}, PROGRAM_EXIT_OK, "Keeps the attic.\n"},
        {{"-h", "--config"}, PROGRAM_EXIT_OK, "Keeps the attic.\n"},
        {{"--version"}, PROGRAM_EXIT_OK, "hearthline-attic " HEARTHLINE_VERSION "\n"},
        {{NULL}, PROGRAM_EXIT_USAGE, "hearthline-attic: --config FILE is needed"},
        {{good_path}, PROGRAM_EXIT_USAGE, "--config FILE is needed"},
        {{"--config", good_path, "more"}, PROGRAM_EXIT_USAGE, "and nothing else"},
        {{"--config"}, PROGRAM_EXIT_USAGE, "requires an argument"},
        {{"--confg", good_path}, PROGRAM_EXIT_USAGE, "unrecognized option '--confg'"},
        {{"-x"}, PROGRAM_EXIT_USAGE, "invalid option"},
        {{"--config", missing_path}, PROGRAM_EXIT_CONFIG, missing_path},
        {{"--config", folder}, PROGRAM_EXIT_CONFIG, folder},
        {{"--config", bad_path}, PROGRAM_EXIT_CONFIG, "topic_root"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char printed[4096];
        int code = run_program(cases[i].arguments, printed);
        if (code != cases[i].code || !strstr(printed, cases[i].word))
            fail_msg("case %zu: %d instead of %d, \"%s\" in:\n%s", i, code, cases[i].code,
                     cases[i].word, printed);
        assert_int_equal(service.runs, 0);
    }
}

static void a_service_runs_with_what_was_read_and_ends_with_its_code(void **state)
{
    (void)state;
    char printed[4096];
    service.exit = PROGRAM_EXIT_OK;
    assert_int_equal(run_program((const char *[]){"--config", good_path, NULL}, printed), 0);
    assert_int_equal(service.runs, 1);
    assert_string_equal(service.root, "attic");
    assert_string_equal(service.path, good_path);
    assert_non_null(strstr(printed, "event=start version=" HEARTHLINE_VERSION));
    service.exit = PROGRAM_EXIT_INSTANCE;
    assert_int_equal(run_program((const char *[]){"-c", good_path, NULL}, printed), 69);
}

static void a_service_that_cannot_run_says_why(void **state)
{
    (void)state;
    char printed[4096];
    service.result = ERR_IO;
    assert_int_equal(run_program((const char *[]){"--config", good_path, NULL}, printed),
                     PROGRAM_EXIT_CONFIG);
    assert_non_null(strstr(printed, "hearthline-attic: the attic is full\n"));
    service.exit = PROGRAM_EXIT_MEMORY;
    assert_int_equal(run_program((const char *[]){"--config", good_path, NULL}, printed),
                     PROGRAM_EXIT_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_command_line_that_runs_nothing_ends_with_its_code, begin),
        cmocka_unit_test_setup(a_service_runs_with_what_was_read_and_ends_with_its_code, begin),
        cmocka_unit_test_setup(a_service_that_cannot_run_says_why, begin),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
