#include "bus/no_delay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* 0 for what is no connected IP socket. */
static uint16_t peer_port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer;
    socklen_t size = sizeof peer;
    if (getpeername(fd, &peer.any, &size) != 0)
        return 0;
    if (peer.any.sa_family == AF_INET)
        return ntohs(peer.v4.sin_port);
    return peer.any.sa_family == AF_INET6 ? ntohs(peer.v6.sin6_port) : 0;
}

unsigned no_delay_set(uint16_t peer_port)
{
    const int on = 1;
    unsigned count = 0;
    for (int fd = 0; fd < NO_DELAY_MAX_FD; fd++)
        if (peer_port_of(fd) == peer_port &&
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0)
            count++;
    return count;
}
