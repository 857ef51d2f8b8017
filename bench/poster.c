#include "poster.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool fail(struct poster *poster, const char *what, const char *words)
{
    snprintf(poster->why, sizeof poster->why, "%s: %.150s", what, words);
    return false;
}

bool poster_open(struct poster *poster, const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    *poster = (struct poster){.descriptor = -1};
    if (getaddrinfo(host, port, &hints, &list) != 0)
        return fail(poster, "no such address", host);
    poster->descriptor =
        socket(list->ai_family, list->ai_socktype | SOCK_CLOEXEC, list->ai_protocol);
    bool up = poster->descriptor >= 0 &&
              connect(poster->descriptor, list->ai_addr, list->ai_addrlen) == 0;
    freeaddrinfo(list);
    if (!up)
        return fail(poster, "no connection", strerror(errno));
    int on = 1;
    setsockopt(poster->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return true;
}

static bool write_all(struct poster *poster)
{
    for (size_t done = 0; done < poster->out.len;) {
        ssize_t n =
            send(poster->descriptor, poster->out.at + done, poster->out.len - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(poster, "write", strerror(errno));
        done += (size_t)n;
    }
    return true;
}

bool poster_post(struct poster *poster, const char *path, const struct bytes *form)
{
    poster->in.len = poster->out.len = 0;
    bytes_string(&poster->out, "POST ");
    bytes_string(&poster->out, path);
    bytes_string(&poster->out, " HTTP/1.1\r\nHost: influxdb\r\n"
                               "Content-Type: application/x-www-form-urlencoded\r\n"
                               "Content-Length: ");
    bytes_unsigned(&poster->out, form->len);
    bytes_string(&poster->out, "\r\n\r\n");
    bytes_put(&poster->out, form->at, form->len);
    return write_all(poster);
}

/* The answer's body is as long as its head says, or ends with an empty chunk. */
static bool is_whole(struct poster *poster)
{
    static const char last_chunk[] = "0\r\n\r\n";
    bytes_byte(&poster->in, 0); /* a text for strstr */
    poster->in.len--;
    char *end = strstr(poster->in.at, "\r\n\r\n"), *said;
    if (!end)
        return false;
    poster->body_at = (size_t)(end + 4 - poster->in.at);
    poster->body_len = poster->in.len - poster->body_at;
    *end = '\0';
    said = strcasestr(poster->in.at, "\r\nContent-Length:");
    *end = '\r';
    if (said)
        return poster->body_len >= strtoull(said + 17, NULL, 10);
    size_t len = sizeof last_chunk - 1;
    return poster->body_len >= len &&
           memcmp(poster->in.at + poster->in.len - len, last_chunk, len) == 0 &&
           (poster->body_len == len || poster->in.at[poster->in.len - len - 1] == '\n');
}

bool poster_read(struct poster *poster, bool *ret_done)
{
    char chunk[65536];
    ssize_t n = recv(poster->descriptor, chunk, sizeof chunk, MSG_DONTWAIT);
    *ret_done = false;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return true;
    if (n <= 0)
        return fail(poster, "read", n < 0 ? strerror(errno) : "the server closed the connection");
    bytes_put(&poster->in, chunk, (size_t)n);
    *ret_done = is_whole(poster);
    if (*ret_done && strncmp(poster->in.at, "HTTP/1.1 200", 12) != 0)
        return fail(poster, "the server answered", poster->in.at);
    return true;
}

void poster_close(struct poster *poster)
{
    if (poster->descriptor >= 0)
        close(poster->descriptor);
    bytes_free(&poster->out);
    bytes_free(&poster->in);
}

void poster_form_value(struct bytes *form, const char *text, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
            bytes_byte(form, c);
            continue;
        }
        bytes_byte(form, '%');
        bytes_byte(form, (unsigned char)hex[c >> 4]);
        bytes_byte(form, (unsigned char)hex[c & 15]);
    }
}
