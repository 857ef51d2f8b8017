/* A house for the command's tests: mosquitto, InfluxDB and the writer as real processes, and the
 * `hearthline` command run as a person would. One house a test program. */
#ifndef TESTS_COMPONENT_CLI_HOUSE_H
#define TESTS_COMPONENT_CLI_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness.h"

enum { HOUSE_ARGUMENTS = 24, HOUSE_OUTPUT = 262144, HOUSE_PATH = 512, WRITER_READY_MS = 20000 };

struct house {
    struct harness *broker, *influx;
    char config[HOUSE_PATH];
    char journal[HOUSE_PATH];
    uint16_t metrics_port;
    pid_t writer;
};

/* What one run of the command came to; texts terminated. */
struct house_run {
    int status;
    char out[HOUSE_OUTPUT], err[HOUSE_OUTPUT];
};

/* The programs lie beside the folder of the tests. */
static const char *house_program(const char *name, char path[HOUSE_PATH])
{
    char self[HOUSE_PATH - 64];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(len > 0);
    self[len] = '\0';
    for (int up = 0; up < 2; up++)
        *strrchr(self, '/') = '\0';
    snprintf(path, HOUSE_PATH, "%s/%s", self, name);
    if (access(path, X_OK) != 0)
        fail_msg("%s is not built", path);
    return path;
}

/* Starts a program; its outputs go to the descriptors, its input comes from `input` (or nowhere).
 */
static pid_t house_spawn(const char *path, char *const argv[], int input, int out, int err)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    dup2(input, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(path, argv);
    _exit(127);
}

static int house_temporary(void)
{
    char path[] = "/tmp/hearthline-cli-XXXXXX";
    int descriptor = mkostemp(path, O_CLOEXEC);
    assert_true(descriptor >= 0);
    unlink(path);
    return descriptor;
}

static void house_take_output(int descriptor, char *to)
{
    ssize_t len = pread(descriptor, to, HOUSE_OUTPUT - 1, 0);
    assert_true(len >= 0);
    to[len] = '\0';
    close(descriptor);
}

/* Runs `hearthline` with the arguments (ended by NULL) and `input` as standard input, to its end.
 */
static const struct house_run *house_run_input(const char *input, const char *const *arguments)
{
    static struct house_run run;
    char path[HOUSE_PATH];
    char *argv[HOUSE_ARGUMENTS + 2] = {(char *)"hearthline"};
    int in = house_temporary(), out = house_temporary(), err = house_temporary(), status;
    for (int i = 0; arguments[i]; i++) {
        assert_true(i < HOUSE_ARGUMENTS);
        argv[i + 1] = (char *)(uintptr_t)arguments[i];
    }
    assert_int_equal(pwrite(in, input, strlen(input), 0), strlen(input));
    pid_t pid = house_spawn(house_program("hearthline", path), argv, in, out, err);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    close(in);
    house_take_output(out, run.out);
    house_take_output(err, run.err);
    return &run;
}

#define HOUSE_RUN(...) house_run_input("", (const char *const[]){__VA_ARGS__, NULL})

/* Fails with all that was said unless the run ended so. */
static inline const struct house_run *house_expect(const struct house_run *run, int status)
{
    if (run->status != status)
        fail_msg("exit status %d where %d was due\n--- out\n%s--- err\n%s", run->status, status,
                 run->out, run->err);
    return run;
}

static inline void house_says(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\" is not in:\n%s", words, text);
}

static inline void house_says_not(const char *text, const char *words)
{
    if (strstr(text, words))
        fail_msg("\"%s\" is in:\n%s", words, text);
}

/* The configuration; `more` are lines of the section `writer`, indented by two, or "". */
static inline void house_configure(struct house *house, const char *more)
{
    char text[4096];
    snprintf(text, sizeof text,
             "broker:\n  url: %s\n"
             "influxdb:\n  url: %s\n  database: house\n"
             "writer:\n  metrics_address: 127.0.0.1:%u\n"
             "  journal: { path: journal, max_bytes: 16 MiB }\n%s",
             harness_url(house->broker), harness_url(house->influx), house->metrics_port, more);
    assert_true(harness_write_file(house->broker, "hearthline.yaml", text, house->config,
                                   sizeof house->config));
    setenv("HEARTHLINE_CONFIG", house->config, 1);
    snprintf(house->journal, sizeof house->journal, "%s/journal", harness_folder(house->broker));
}

static inline struct house house_open(const char *more)
{
    struct house house = {.broker = harness_mosquitto(NULL),
                          .influx = harness_influxd(NULL),
                          .metrics_port = harness_free_port()};
    assert_non_null(house.broker);
    assert_non_null(house.influx);
    house_configure(&house, more);
    return house;
}

static inline void house_stop_writer(struct house *house)
{
    int status = 0;
    if (house->writer <= 0)
        return;
    kill(house->writer, SIGTERM);
    assert_int_equal(waitpid(house->writer, &status, 0), house->writer);
    house->writer = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the writer ended with %d", status);
}

/* Waits until a flush says that all is stored. */
static inline void house_flush(void)
{
    house_expect(HOUSE_RUN("flush"), 0);
}

/* The body of InfluxDB's answer to a statement. */
static inline const char *house_query(const struct house *house, const char *statement)
{
    static char body[HOUSE_OUTPUT];
    char request[1024];
    snprintf(request, sizeof request, "db=house&epoch=ns&q=%s", statement);
    long status = harness_request(house->influx, "/query", request, NULL, body, sizeof body);
    assert_int_equal(status, 200);
    return body;
}

/* A message goes through: the writer has subscribed and InfluxDB takes what it writes. */
/* From here on InfluxDB refuses points that are more than a day old. */
static inline void house_keep_a_day(const struct house *house)
{
    const char *answer = house_query(
        house, "ALTER RETENTION POLICY autogen ON house DURATION 24h SHARD DURATION 1h");
    assert_null(strstr(answer, "error"));
}

static inline bool house_writer_is_ready(void *context)
{
    return HOUSE_RUN("send", "readings/ready", "{\"ready\": 1}")->status == 0 &&
           HOUSE_RUN("flush")->status == 0 &&
           strstr(house_query(context, "SHOW MEASUREMENTS"), "device_metrics") != NULL;
}

static inline void house_start_writer(struct house *house)
{
    char path[HOUSE_PATH], log_path[HOUSE_PATH];
    char *argv[] = {(char *)"hearthline-writer", (char *)"--config", house->config, NULL};
    snprintf(log_path, sizeof log_path, "%s/writer.log", harness_folder(house->broker));
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    house->writer = house_spawn(house_program("hearthline-writer", path), argv, nothing, log, log);
    close(log);
    close(nothing);
    assert_true(harness_until(house_writer_is_ready, house, WRITER_READY_MS));
}

static inline void house_close(struct house *house)
{
    house_stop_writer(house);
    harness_close(house->influx);
    harness_close(house->broker);
}

#endif
