#include "harness_relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

#define MAX_PAIRS   256
#define FIRST_BYTES 512

struct pair {
    int client, server; /* -1 once closed */
    int64_t at_ms;
    size_t first_len;
    uint8_t first[FIRST_BYTES];
};

struct harness_relay {
    int listener;
    int wake[2]; /* a pipe, to make the thread look again */
    uint16_t port, server_port;
    pthread_t thread;
    pthread_mutex_t lock; /* of everything below */
    enum harness_relay_mode mode;
    bool closing;
    size_t count;
    struct pair pairs[MAX_PAIRS];
};

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
}

static void reset(int *s)
{
    struct linger at_once = {.l_onoff = 1};
    if (*s < 0)
        return;
    setsockopt(*s, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(*s);
    *s = -1;
}

static void end_pair(struct pair *pair)
{
    reset(&pair->client);
    reset(&pair->server);
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s >= 0 && connect(s, (struct sockaddr *)&address, sizeof address) != 0) {
        close(s);
        s = -1;
    }
    return s;
}

static void accept_one(struct harness_relay *relay)
{
    int client = accept(relay->listener, NULL, NULL);
    if (client < 0)
        return;
    struct pair *pair = &relay->pairs[relay->count % MAX_PAIRS];
    *pair = (struct pair){.client = client, .server = -1, .at_ms = harness_now_ms()};
    relay->count++;
    if (relay->mode == HARNESS_RELAY_SILENT)
        return;
    if (relay->mode != HARNESS_RELAY_REFUSE)
        pair->server = connect_to(relay->server_port);
    if (pair->server < 0)
        end_pair(pair);
}

static bool send_all(int s, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t put = send(s, bytes, len, MSG_NOSIGNAL);
        if (put <= 0)
            return false;
        bytes += put;
        len -= (size_t)put;
    }
    return true;
}

static void keep_first(struct pair *pair, const uint8_t *bytes, size_t len)
{
    size_t room = FIRST_BYTES - pair->first_len;
    size_t take = len < room ? len : room;
    memcpy(pair->first + pair->first_len, bytes, take);
    pair->first_len += take;
}

static void move(struct harness_relay *relay, struct pair *pair, bool from_client)
{
    uint8_t bytes[16384];
    int from = from_client ? pair->client : pair->server;
    int to = from_client ? pair->server : pair->client;
    ssize_t got = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0 && from_client)
        keep_first(pair, bytes, (size_t)got);
    if (relay->mode == HARNESS_RELAY_SILENT) {
        if (got <= 0)
            reset(from_client ? &pair->client : &pair->server);
        return;
    }
    bool passes = to >= 0 && !(from_client && relay->mode == HARNESS_RELAY_DEAF);
    if (got <= 0 || (passes && !send_all(to, bytes, (size_t)got)))
        end_pair(pair);
}

/* The lock is not held while waiting; what was closed meanwhile is -1 then, and not touched. */
static void *relay_all(void *context)
{
    struct harness_relay *relay = context;
    static _Thread_local struct pollfd polled[2 + 2 * MAX_PAIRS];
    for (;;) {
        polled[0] = (struct pollfd){relay->wake[0], POLLIN, 0};
        polled[1] = (struct pollfd){relay->listener, POLLIN, 0};
        pthread_mutex_lock(&relay->lock);
        for (size_t i = 0; i < MAX_PAIRS; i++) {
            polled[2 + 2 * i] = (struct pollfd){relay->pairs[i].client, POLLIN, 0};
            polled[3 + 2 * i] = (struct pollfd){relay->pairs[i].server, POLLIN, 0};
        }
        pthread_mutex_unlock(&relay->lock);
        poll(polled, sizeof polled / sizeof *polled, -1);
        pthread_mutex_lock(&relay->lock);
        char byte;
        if (polled[0].revents && read(relay->wake[0], &byte, 1) < 0)
            abort();
        if (relay->closing) {
            pthread_mutex_unlock(&relay->lock);
            return NULL;
        }
        for (size_t i = 0; i < MAX_PAIRS; i++) {
            if (polled[2 + 2 * i].revents && relay->pairs[i].client == polled[2 + 2 * i].fd)
                move(relay, &relay->pairs[i], true);
            if (polled[3 + 2 * i].revents && relay->pairs[i].server == polled[3 + 2 * i].fd)
                move(relay, &relay->pairs[i], false);
        }
        if (polled[1].revents)
            accept_one(relay);
        pthread_mutex_unlock(&relay->lock);
    }
}

struct harness_relay *harness_relay_open(uint16_t server_port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    struct harness_relay *relay = calloc(1, sizeof *relay);
    if (!relay)
        return NULL;
    for (size_t i = 0; i < MAX_PAIRS; i++)
        relay->pairs[i].client = relay->pairs[i].server = -1;
    relay->server_port = server_port;
    pthread_mutex_init(&relay->lock, NULL);
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (relay->listener < 0 || pipe(relay->wake) != 0)
        abort();
    if (bind(relay->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(relay->listener, 64) != 0 ||
        getsockname(relay->listener, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&relay->thread, NULL, relay_all, relay) != 0)
        abort();
    relay->port = ntohs(address.sin_port);
    return relay;
}

uint16_t harness_relay_port(const struct harness_relay *relay)
{
    return relay->port;
}

static void look_again(struct harness_relay *relay)
{
    if (write(relay->wake[1], "", 1) != 1)
        abort();
}

void harness_relay_set(struct harness_relay *relay, enum harness_relay_mode mode)
{
    pthread_mutex_lock(&relay->lock);
    relay->mode = mode;
    pthread_mutex_unlock(&relay->lock);
}

void harness_relay_cut(struct harness_relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    for (size_t i = 0; i < MAX_PAIRS; i++)
        end_pair(&relay->pairs[i]);
    pthread_mutex_unlock(&relay->lock);
    look_again(relay);
}

size_t harness_relay_count(struct harness_relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    size_t count = relay->count;
    pthread_mutex_unlock(&relay->lock);
    return count;
}

int64_t harness_relay_at_ms(struct harness_relay *relay, size_t index)
{
    pthread_mutex_lock(&relay->lock);
    int64_t at_ms = relay->pairs[index % MAX_PAIRS].at_ms;
    pthread_mutex_unlock(&relay->lock);
    return at_ms;
}

size_t harness_relay_first(struct harness_relay *relay, size_t index, uint8_t *ret_bytes,
                           size_t size)
{
    pthread_mutex_lock(&relay->lock);
    const struct pair *pair = &relay->pairs[index % MAX_PAIRS];
    size_t len = pair->first_len < size ? pair->first_len : size;
    memcpy(ret_bytes, pair->first, len);
    pthread_mutex_unlock(&relay->lock);
    return len;
}

void harness_relay_close(struct harness_relay *relay)
{
    if (!relay)
        return;
    pthread_mutex_lock(&relay->lock);
    relay->closing = true;
    pthread_mutex_unlock(&relay->lock);
    look_again(relay);
    pthread_join(relay->thread, NULL);
    for (size_t i = 0; i < MAX_PAIRS; i++)
        end_pair(&relay->pairs[i]);
    close(relay->listener);
    close(relay->wake[0]);
    close(relay->wake[1]);
    pthread_mutex_destroy(&relay->lock);
    free(relay);
}
