/* Which sockets of the process get TCP_NODELAY. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus/no_delay.h"

static int listen_at_loopback(struct sockaddr_in *ret_address)
{
    socklen_t size = sizeof *ret_address;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *ret_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    assert_int_equal(bind(s, (struct sockaddr *)ret_address, size), 0);
    assert_int_equal(listen(s, 4), 0);
    assert_int_equal(getsockname(s, (struct sockaddr *)ret_address, &size), 0);
    return s;
}

static int connect_to(const struct sockaddr_in *address)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(s, (const struct sockaddr *)address, sizeof *address), 0);
    return s;
}

static bool is_set(int s)
{
    int on = 0;
    socklen_t size = sizeof on;
    assert_int_equal(getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
    return on != 0;
}

static void only_connections_to_the_port_are_set(void **state)
{
    struct sockaddr_in broker, other;
    (void)state;
    int listening[2] = {listen_at_loopback(&broker), listen_at_loopback(&other)};
    int first = connect_to(&broker), second = connect_to(&broker), third = connect_to(&other);
    int idle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_false(is_set(first) || is_set(second) || is_set(third));
    assert_int_equal(no_delay_set(ntohs(broker.sin_port)), 2);
    assert_true(is_set(first) && is_set(second));
    assert_false(is_set(third) || is_set(idle) || is_set(listening[0]));
    const int all[] = {first, second, third, idle, listening[0], listening[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        close(all[i]);
    assert_int_equal(no_delay_set(ntohs(broker.sin_port)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_connections_to_the_port_are_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
