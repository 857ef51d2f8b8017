/* TLS: a real InfluxDB behind a certificate of our own CA, and a server that asks for ours. */
#include "client.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static pid_t pid;
static struct client client;

static const char *file(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void run(const char *format, ...)
{
    char command[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(command, sizeof command, format, list);
    va_end(list);
    if (system(command) != 0)
        fail_msg("%s", command);
}

/* A CA, and a certificate that it signed for 127.0.0.1. */
static void make_certificate(const char *name, const char *authority)
{
    run("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
        "-keyout %s.key -out %s.pem -days 2 -subj /CN=%s >log 2>&1",
        folder, authority, authority, authority);
    run("cd %s && openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "
        "%s.key -out %s.csr -subj /CN=%s >log 2>&1 && printf subjectAltName=IP:127.0.0.1 >ext && "
        "openssl x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial -out %s.pem -days 2 "
        "-extfile ext >log 2>&1",
        folder, name, name, name, name, authority, authority, name);
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hearthline-tls-XXXXXX");
    if (!mkdtemp(folder))
        return 1;
    make_certificate("server", "ca");
    make_certificate("client", "clients");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    run("rm -rf %s", folder);
    return 0;
}

/* Starts a program that dies with this one. */
static void spawn(const char *const arguments[])
{
    pid_t parent = getpid();
    pid = fork();
    if (pid != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char log[128];
    snprintf(log, sizeof log, "%s/server.log", folder);
    if (getppid() != parent || !freopen(log, "w", stdout) || dup2(1, 2) < 0 ||
        !freopen("/dev/null", "r", stdin))
        _exit(126);
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static int end_all(void **state)
{
    (void)state;
    client_close(&client);
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    pid = 0;
    return 0;
}

static void open_client(uint16_t port, const char *ca, const char *certificate, const char *key)
{
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%u", port);
    client.settings.influxdb.ca_file = (char *)(uintptr_t)(ca ? file(ca) : "");
    client.settings.influxdb.cert_file = (char *)(uintptr_t)(certificate ? file(certificate) : "");
    client.settings.influxdb.key_file = (char *)(uintptr_t)(key ? file(key) : "");
    client_open(&client, url);
}

static bool probe_is_answered(void *context)
{
    struct answer *answer = context;
    *answer = client_probe(&client);
    return answer->status != 0;
}

static void influxdb_behind_our_ca_is_trusted_by_the_ca_file_alone(void **state)
{
    (void)state;
    struct answer answer;
    uint16_t port = harness_free_port();
    run("cat >%s/influxd.conf <<END\nreporting-disabled = true\nbind-address = \"127.0.0.1:0\"\n"
        "[meta]\ndir = \"%s/meta\"\n[data]\ndir = \"%s/data\"\nwal-dir = \"%s/wal\"\n"
        "[monitor]\nstore-enabled = false\n[http]\nbind-address = \"127.0.0.1:%u\"\n"
        "https-enabled = true\nhttps-certificate = \"%s/server.pem\"\n"
        "https-private-key = \"%s/server.key\"\nEND",
        folder, folder, folder, folder, port, folder, folder);
    const char *const arguments[] = {"influxd", "run", "-config", file("influxd.conf"), NULL};
    spawn(arguments);
    open_client(port, "ca.pem", NULL, NULL);
    assert_true(harness_until(probe_is_answered, &answer, 20000));
    assert_outcome(answer, OUTCOME_STORED);
    assert_outcome(client_setup(&client), OUTCOME_STORED);
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_STORED);
    client_close(&client);

    open_client(port, NULL, NULL, NULL); /* the system's CAs do not know it */
    answer = client_probe(&client);
    assert_outcome(answer, OUTCOME_RETRY);
    assert_int_equal(answer.status, 0);
    assert_non_null(strstr(answer.words, "certificate"));
    client_close(&client);

    open_client(port, "clients.pem", NULL, NULL); /* nor does another CA */
    assert_int_equal(client_probe(&client).status, 0);
}

static void a_client_certificate_is_shown(void **state)
{
    (void)state;
    struct answer answer;
    char address[32];
    uint16_t port = harness_free_port();
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    /* -www answers every GET with a page of its own: enough to see who may come in */
    const char *const arguments[] = {"openssl",
                                     "s_server",
                                     "-accept",
                                     address,
                                     "-cert",
                                     file("server.pem"),
                                     "-key",
                                     file("server.key"),
                                     "-CAfile",
                                     file("clients.pem"),
                                     "-Verify",
                                     "1",
                                     "-verify_return_error",
                                     "-www",
                                     NULL};
    spawn(arguments);
    open_client(port, "ca.pem", "client.pem", "client.key");
    assert_true(harness_until(probe_is_answered, &answer, 20000));
    assert_int_equal(answer.status, 200);
    client_close(&client);

    open_client(port, "ca.pem", NULL, NULL);
    answer = client_probe(&client);
    assert_int_equal(answer.status, 0);
    client_close(&client);

    open_client(port, "ca.pem", "client.pem", "client.key"); /* it is not the server that went */
    assert_int_equal(client_probe(&client).status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(influxdb_behind_our_ca_is_trusted_by_the_ca_file_alone, end_all),
        cmocka_unit_test_teardown(a_client_certificate_is_shown, end_all),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
