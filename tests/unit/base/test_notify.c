/* Notices to systemd, as its socket receives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/notify.h"

/* A datagram socket under `name`; '@' stands for the abstract namespace. */
static int listen_as(const char *name)
{
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&address, size), 0);
    return descriptor;
}

static void assert_arrives(const char *name)
{
    int systemd = listen_as(name);
    setenv("NOTIFY_SOCKET", name, 1);
    notify_send("READY=1\nSTATUS=up");
    char got[64] = "";
    assert_int_equal(recv(systemd, got, sizeof got - 1, MSG_DONTWAIT), 17);
    assert_string_equal(got, "READY=1\nSTATUS=up");
    close(systemd);
}

static void reaches_both_kinds_of_socket(void **state)
{
    (void)state;
    char name[64];
    snprintf(name, sizeof name, "@hearthline-test-%d", (int)getpid());
    assert_arrives(name);
    char folder[] = "/tmp/hearthline-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/s", folder);
    assert_arrives(path);
    unlink(path);
    rmdir(folder);
}

static void does_nothing_without_a_socket(void **state)
{
    (void)state;
    char long_name[300];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[0] = '/';
    long_name[sizeof long_name - 1] = '\0';
    const char *const names[] = {"", "/", "relative", "/nowhere/at/all", long_name};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        notify_send("READY=1");
    }
    unsetenv("NOTIFY_SOCKET");
    notify_send("READY=1");
}

static void reads_the_watchdog(void **state)
{
    (void)state;
    char own[16], other[16];
    snprintf(own, sizeof own, "%d", (int)getpid());
    snprintf(other, sizeof other, "%d", (int)getpid() + 1);
    const struct {
        const char *usec, *pid;
        uint32_t half_ms;
    } cases[] = {
        {NULL, NULL, 0},          {"30000000", NULL, 15000},
        {"30000000", own, 15000}, {"30000000", other, 0},
        {"30000000", "x", 0},     {"0", NULL, 0},
        {"-5", NULL, 0},          {"soon", NULL, 0},
        {"10", NULL, 1},          {"9223372036854775807", NULL, UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsetenv("WATCHDOG_USEC");
        unsetenv("WATCHDOG_PID");
        if (cases[i].usec)
            setenv("WATCHDOG_USEC", cases[i].usec, 1);
        if (cases[i].pid)
            setenv("WATCHDOG_PID", cases[i].pid, 1);
        assert_int_equal(notify_watchdog_ms(), cases[i].half_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_both_kinds_of_socket),
        cmocka_unit_test(does_nothing_without_a_socket),
        cmocka_unit_test(reads_the_watchdog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
