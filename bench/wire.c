#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_CHUNK = 256 * 1024, CONNECT_TIMEOUT_S = 10 };

enum property {
    PROPERTY_EXPIRY = 0x02,
    PROPERTY_RESPONSE_TOPIC = 0x08,
    PROPERTY_CORRELATION = 0x09,
    PROPERTY_SESSION_EXPIRY = 0x11,
    PROPERTY_RECEIVE_MAXIMUM = 0x21,
};

static bool fail(struct wire *w, const char *what, const char *words)
{
    snprintf(w->why, sizeof(w->why), "%s: %s", what, words);
    wire_close(w, false);
    return false;
}

static void put_string(struct bytes *b, const char *text, size_t len)
{
    bytes_big_endian(b, len, 2);
    bytes_put(b, text, len);
}

/* A Variable Byte Integer (section 1.5.5). */
static void put_length(struct bytes *b, size_t len)
{
    do {
        unsigned byte = len & 0x7f;
        len >>= 7;
        bytes_byte(b, len > 0 ? byte | 0x80 : byte);
    } while (len > 0);
}

static bool read_length(const uint8_t *at, size_t left, size_t *ret_length, size_t *ret_used)
{
    size_t length = 0;
    for (size_t i = 0; i < 4 && i < left; i++) {
        length |= (size_t)(at[i] & 0x7f) << (7 * i);
        if (!(at[i] & 0x80)) {
            *ret_length = length;
            *ret_used = i + 1;
            return true;
        }
    }
    return false;
}

static int socket_open(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    if (getaddrinfo(host, port, &hints, &list) != 0)
        return -1;
    int descriptor = -1;
    for (struct addrinfo *a = list; a && descriptor < 0; a = a->ai_next) {
        descriptor = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (descriptor >= 0 && connect(descriptor, a->ai_addr, a->ai_addrlen) != 0) {
            close(descriptor);
            descriptor = -1;
        }
    }
    freeaddrinfo(list);
    if (descriptor >= 0) {
        int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        fcntl(descriptor, F_SETFL, O_NONBLOCK);
    }
    return descriptor;
}

static void put_connect(struct wire *w, const struct wire_connect *c)
{
    size_t id_len = strlen(c->client_id);
    size_t properties = 3 + (c->keep_session ? 5 : 0);
    bytes_byte(&w->out, 0x10);
    put_length(&w->out, 10 + 1 + properties + 2 + id_len);
    put_string(&w->out, "MQTT", 4);
    bytes_byte(&w->out, 5);
    bytes_byte(&w->out, c->keep_session ? 0 : 2); /* Clean Start */
    bytes_big_endian(&w->out, 0, 2);              /* Keep Alive: none */
    put_length(&w->out, properties);
    bytes_byte(&w->out, PROPERTY_RECEIVE_MAXIMUM);
    bytes_big_endian(&w->out, c->receive_maximum, 2);
    if (c->keep_session) {
        bytes_byte(&w->out, PROPERTY_SESSION_EXPIRY);
        bytes_big_endian(&w->out, 3600, 4);
    }
    put_string(&w->out, c->client_id, id_len);
}

/* The length of a CONNACK property's value (section 3.2.2.3), 0 for an unknown one. */
static size_t property_len(unsigned id, const uint8_t *value, size_t left)
{
    switch (id) {
    case 0x11: /* Session Expiry Interval */
    case 0x27: /* Maximum Packet Size */
        return 4;
    case 0x13: /* Server Keep Alive */
    case 0x21: /* Receive Maximum */
    case 0x22: /* Topic Alias Maximum */
        return 2;
    case 0x24: /* Maximum QoS */
    case 0x25: /* Retain Available */
    case 0x28: /* Wildcard Subscription Available */
    case 0x29: /* Subscription Identifiers Available */
    case 0x2a: /* Shared Subscription Available */
        return 1;
    case 0x12: /* Assigned Client Identifier */
    case 0x1f: /* Reason String */
        return left < 2 ? 0 : 2 + ((size_t)value[0] << 8 | value[1]);
    default:
        return 0;
    }
}

static bool take_connack(struct wire *w, const struct wire_packet *p)
{
    if (p->type != WIRE_CONNACK || p->len < 2)
        return fail(w, "connect", "the broker's answer is no CONNACK");
    if (p->body[1] != 0) {
        char words[40];
        snprintf(words, sizeof(words), "refused, reason code 0x%02x", p->body[1]);
        return fail(w, "connect", words);
    }
    w->session_present = p->body[0] & 1;
    w->receive_maximum = UINT16_MAX;
    size_t length, used;
    if (!read_length(p->body + 2, p->len - 2, &length, &used) || length > p->len - 2 - used)
        return true; /* no properties */
    const uint8_t *at = p->body + 2 + used, *end = at + length;
    while (at < end) {
        unsigned id = *at++;
        size_t len = property_len(id, at, (size_t)(end - at));
        if (len == 0 || len > (size_t)(end - at))
            break;
        if (id == PROPERTY_RECEIVE_MAXIMUM)
            w->receive_maximum = (uint16_t)(at[0] << 8 | at[1]);
        at += len;
    }
    return true;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool wire_open(struct wire *w, const struct wire_connect *c)
{
    w->out.len = w->in.len = w->out_done = w->in_done = 0;
    w->descriptor = socket_open(c->host, c->port);
    if (w->descriptor < 0) {
        snprintf(w->why, sizeof(w->why), "no connection to %s port %s", c->host, c->port);
        return false;
    }
    put_connect(w, c);
    double until = now_s() + CONNECT_TIMEOUT_S;
    struct wire_packet packet;
    while (now_s() < until) {
        if (!wire_write(w) || !wire_read(w))
            return false;
        if (wire_next(w, &packet))
            return take_connack(w, &packet);
        wire_wait(w, 1);
    }
    return fail(w, "connect", "no CONNACK within 10 s");
}

void wire_close(struct wire *w, bool polite)
{
    if (w->descriptor < 0)
        return;
    if (polite) {
        /* Normal disconnection with Session Expiry Interval 0. */
        static const uint8_t disconnect[] = {0xe0, 7, 0, 5, PROPERTY_SESSION_EXPIRY, 0, 0, 0, 0};
        bytes_put(&w->out, disconnect, sizeof(disconnect));
        double until = now_s() + 1;
        while (wire_waiting(w) > 0 && now_s() < until && wire_write(w))
            wire_wait(w, 0.1);
    }
    if (w->descriptor >= 0)
        close(w->descriptor);
    w->descriptor = -1;
}

void wire_free(struct wire *w)
{
    bytes_free(&w->in);
    bytes_free(&w->out);
}

static size_t string_property_len(const char *text)
{
    return text ? 3 + strlen(text) : 0;
}

static void put_string_property(struct bytes *b, enum property id, const char *text)
{
    if (!text)
        return;
    bytes_byte(b, id);
    put_string(b, text, strlen(text));
}

void wire_publish(struct wire *w, const struct wire_publish *p)
{
    unsigned flags = (unsigned)p->qos << 1 | (p->retain ? 1 : 0) | (p->dup ? 8 : 0);
    size_t properties = string_property_len(p->response_topic) +
                        string_property_len(p->correlation) + (p->expiry_s ? 5 : 0);
    size_t properties_len = properties < 128 ? 1 : 2; /* texts here are short */
    bytes_byte(&w->out, 0x30 | flags);
    put_length(&w->out, 2 + p->topic->len + (p->qos ? 2 : 0) + properties_len + properties +
                            p->payload->len);
    put_string(&w->out, p->topic->at, p->topic->len);
    if (p->qos)
        bytes_big_endian(&w->out, p->packet_id, 2);
    put_length(&w->out, properties);
    if (p->expiry_s) {
        bytes_byte(&w->out, PROPERTY_EXPIRY);
        bytes_big_endian(&w->out, p->expiry_s, 4);
    }
    put_string_property(&w->out, PROPERTY_RESPONSE_TOPIC, p->response_topic);
    put_string_property(&w->out, PROPERTY_CORRELATION, p->correlation);
    bytes_put(&w->out, p->payload->at, p->payload->len);
}

void wire_puback(struct wire *w, uint16_t packet_id)
{
    bytes_byte(&w->out, 0x40);
    bytes_byte(&w->out, 2);
    bytes_big_endian(&w->out, packet_id, 2);
}

void wire_subscribe(struct wire *w, const char *filter, uint8_t qos)
{
    size_t len = strlen(filter);
    bytes_byte(&w->out, 0x82);
    put_length(&w->out, 2 + 1 + 2 + len + 1);
    bytes_big_endian(&w->out, 1, 2); /* packet id */
    bytes_byte(&w->out, 0);          /* no properties */
    put_string(&w->out, filter, len);
    bytes_byte(&w->out, qos | 0x20); /* Retain Handling 2: nothing retained */
}

void wire_pingreq(struct wire *w)
{
    bytes_byte(&w->out, 0xc0);
    bytes_byte(&w->out, 0);
}

size_t wire_waiting(const struct wire *w)
{
    return w->out.len - w->out_done;
}

bool wire_write(struct wire *w)
{
    while (wire_waiting(w) > 0) {
        ssize_t n = send(w->descriptor, w->out.at + w->out_done, wire_waiting(w), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        if (n < 0)
            return fail(w, "write", strerror(errno));
        w->out_done += (size_t)n;
    }
    w->out.len = w->out_done = 0;
    return true;
}

bool wire_read(struct wire *w)
{
    static char chunk[READ_CHUNK];
    if (w->in_done > 0) { /* what is left of a packet goes to the front */
        memmove(w->in.at, w->in.at + w->in_done, w->in.len - w->in_done);
        w->in.len -= w->in_done;
        w->in_done = 0;
    }
    ssize_t n = recv(w->descriptor, chunk, sizeof(chunk), 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return true;
    if (n < 0)
        return fail(w, "read", strerror(errno));
    if (n == 0)
        return fail(w, "read", "the broker closed the connection");
    bytes_put(&w->in, chunk, (size_t)n);
    return true;
}

void wire_wait(const struct wire *w, double seconds)
{
    if (seconds < 0)
        seconds = 0;
    struct pollfd p = {.fd = w->descriptor,
                       .events = (short)(POLLIN | (wire_waiting(w) > 0 ? POLLOUT : 0))};
    struct timespec t = {.tv_sec = (time_t)seconds,
                         .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
    ppoll(&p, 1, &t, NULL);
}

bool wire_next(struct wire *w, struct wire_packet *ret_packet)
{
    size_t left = w->in.len - w->in_done, length, used;
    if (left < 2)
        return false;
    const uint8_t *at = (const uint8_t *)w->in.at + w->in_done;
    if (!read_length(at + 1, left - 1, &length, &used) || left - 1 - used < length)
        return false;
    *ret_packet = (struct wire_packet){at[0] >> 4, at[0] & 0x0f, at + 1 + used, length};
    w->in_done += 1 + used + length;
    return true;
}

uint16_t wire_packet_id(const struct wire_packet *p)
{
    size_t at = 0;
    if (p->type == WIRE_PUBLISH && p->len >= 2)
        at = 2 + ((size_t)p->body[0] << 8 | p->body[1]);
    if (at + 2 > p->len)
        return 0;
    return (uint16_t)((unsigned)p->body[at] << 8 | p->body[at + 1]);
}
