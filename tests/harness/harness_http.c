#include "harness_http.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

#define MAX_CONNECTIONS 1024
#define MAX_RULES       64
#define MAX_BYTES       ((size_t)64 << 20)

struct connection {
    struct harness_http *server;
    pthread_t thread;
    int socket; /* -1 once closed */
};

struct harness_http {
    int listener;
    uint16_t port;
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t closing_now;
    bool closing;
    struct harness_http_rule rules[MAX_RULES];
    unsigned used[MAX_RULES];
    size_t rules_count;
    struct harness_http_request **requests;
    size_t requests_count;
    struct connection connections[MAX_CONNECTIONS];
    size_t connections_count;
};

/* What was read from one connection and not yet used. */
struct input {
    char *bytes;
    size_t len, capacity;
};

static bool read_more(int s, struct input *in)
{
    if (in->len + 65536 + 1 > in->capacity) {
        size_t capacity = (in->len + 65536 + 1) * 2;
        char *bytes = capacity > MAX_BYTES ? NULL : realloc(in->bytes, capacity);
        if (!bytes)
            return false;
        in->bytes = bytes;
        in->capacity = capacity;
    }
    ssize_t got = recv(s, in->bytes + in->len, 65536, 0);
    if (got <= 0)
        return false;
    in->len += (size_t)got;
    in->bytes[in->len] = '\0';
    return true;
}

bool harness_http_header(const struct harness_http_request *request, const char *name,
                         char *ret_value, size_t size)
{
    size_t len = strlen(name);
    const char *line = request->headers;
    while (line && *line) {
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " ");
            snprintf(ret_value, size, "%.*s", (int)strcspn(value, "\r\n"), value);
            return true;
        }
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return false;
}

static void request_free(struct harness_http_request *request)
{
    if (!request)
        return;
    free(request->path);
    free(request->headers);
    free(request->body);
    free(request);
}

/* Takes the head, of which the end is known, apart; false when it is no HTTP. */
static bool read_head(const char *head, size_t head_len, struct harness_http_request *request)
{
    const char *line_end = memchr(head, '\r', head_len);
    const char *space = memchr(head, ' ', head_len);
    const char *second = space ? strchr(space + 1, ' ') : NULL;
    if (!line_end || !second || second > line_end ||
        space - head >= (ptrdiff_t)sizeof request->method)
        return false;
    memcpy(request->method, head, (size_t)(space - head));
    request->path = strndup(space + 1, (size_t)(second - space - 1));
    request->headers = strndup(line_end + 2, head_len - (size_t)(line_end + 2 - head));
    return request->path && request->headers;
}

static struct harness_http_request *read_request(int s, struct input *in)
{
    struct harness_http_request *request = calloc(1, sizeof *request);
    char *end = NULL;
    char length[32];
    if (!request)
        return NULL;
    while (!(in->len && (end = strstr(in->bytes, "\r\n\r\n"))))
        if (!read_more(s, in))
            goto out;
    size_t head_len = (size_t)(end - in->bytes) + 2;
    if (!read_head(in->bytes, head_len, request))
        goto out;
    if (harness_http_header(request, "Content-Length", length, sizeof length))
        request->body_len = strtoul(length, NULL, 10);
    size_t whole = head_len + 2 + request->body_len;
    while (in->len < whole)
        if (!read_more(s, in))
            goto out;
    request->body = malloc(request->body_len + 1);
    if (!request->body)
        goto out;
    memcpy(request->body, in->bytes + head_len + 2, request->body_len);
    request->body[request->body_len] = '\0';
    memmove(in->bytes, in->bytes + whole, in->len - whole + 1);
    in->len -= whole;
    request->at_ms = harness_now_ms();
    return request;
out:
    request_free(request);
    return NULL;
}

static bool fits(const struct harness_http_rule *rule, const struct harness_http_request *request)
{
    return (!rule->method || strcmp(rule->method, request->method) == 0) &&
           (!rule->path || strncmp(rule->path, request->path, strlen(rule->path)) == 0);
}

/* Records the request and picks its rule, under one lock: who is counted first answers first. */
static struct harness_http_rule keep_and_choose(struct harness_http *server,
                                                struct harness_http_request *request)
{
    struct harness_http_rule chosen = {.status = 404};
    pthread_mutex_lock(&server->lock);
    struct harness_http_request **all =
        realloc(server->requests, (server->requests_count + 1) * sizeof *all);
    if (!all)
        abort();
    server->requests = all;
    all[server->requests_count++] = request;
    for (size_t i = 0; i < server->rules_count; i++) {
        const struct harness_http_rule *rule = &server->rules[i];
        if (!fits(rule, request) || (rule->times && server->used[i] >= rule->times))
            continue;
        server->used[i]++;
        chosen = *rule;
        break;
    }
    pthread_mutex_unlock(&server->lock);
    return chosen;
}

/* Waits, but not beyond the end of the server. */
static void delay(struct harness_http *server, uint32_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&server->lock);
    while (!server->closing &&
           pthread_cond_timedwait(&server->closing_now, &server->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&server->lock);
}

static bool answer(int s, const struct harness_http_rule *rule)
{
    const char *body = rule->body ? rule->body : "";
    char *text = NULL;
    int len =
        rule->status == 204
            ? asprintf(&text, "HTTP/1.1 204 scripted\r\n%s\r\n", rule->headers ? rule->headers : "")
            : asprintf(&text, "HTTP/1.1 %d scripted\r\nContent-Length: %zu\r\n%s\r\n%s",
                       rule->status, strlen(body), rule->headers ? rule->headers : "", body);
    bool sent = len > 0;
    for (int at = 0; sent && at < len;) {
        ssize_t put = send(s, text + at, (size_t)(len - at), MSG_NOSIGNAL);
        sent = put > 0;
        at += sent ? (int)put : 0;
    }
    free(text);
    return sent;
}

static void *serve(void *context)
{
    struct connection *connection = context;
    struct harness_http *server = connection->server;
    struct input in = {0};
    int s = connection->socket;
    struct harness_http_request *request;
    while ((request = read_request(s, &in))) {
        struct harness_http_rule rule = keep_and_choose(server, request);
        if (rule.delay_ms)
            delay(server, rule.delay_ms);
        if (rule.status == 0 || !answer(s, &rule))
            break;
    }
    pthread_mutex_lock(&server->lock);
    close(s);
    connection->socket = -1;
    pthread_mutex_unlock(&server->lock);
    free(in.bytes);
    return NULL;
}

static void *accept_all(void *context)
{
    struct harness_http *server = context;
    for (;;) {
        int s = accept(server->listener, NULL, NULL);
        if (s < 0)
            return NULL;
        pthread_mutex_lock(&server->lock);
        struct connection *connection = &server->connections[server->connections_count];
        bool taken = !server->closing && server->connections_count < MAX_CONNECTIONS;
        *connection = (struct connection){.server = server, .socket = s};
        if (taken && pthread_create(&connection->thread, NULL, serve, connection) == 0)
            server->connections_count++;
        else
            close(s);
        pthread_mutex_unlock(&server->lock);
    }
}

static bool listen_on_loopback(struct harness_http *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0 || bind(server->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(server->listener, 64) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
        return false;
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u", server->port);
    return true;
}

struct harness_http *harness_http_open(const struct harness_http_rule *rules, size_t count)
{
    struct harness_http *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->closing_now, NULL);
    harness_http_script(server, rules, count);
    if (!listen_on_loopback(server) ||
        pthread_create(&server->thread, NULL, accept_all, server) != 0) {
        perror("harness: scripted HTTP server");
        if (server->listener >= 0)
            close(server->listener);
        free(server);
        return NULL;
    }
    return server;
}

void harness_http_script(struct harness_http *server, const struct harness_http_rule *rules,
                         size_t count)
{
    if (count > MAX_RULES)
        abort();
    pthread_mutex_lock(&server->lock);
    if (count)
        memcpy(server->rules, rules, count * sizeof *rules);
    memset(server->used, 0, sizeof server->used);
    server->rules_count = count;
    pthread_mutex_unlock(&server->lock);
}

const char *harness_http_url(const struct harness_http *server)
{
    return server->url;
}

uint16_t harness_http_port(const struct harness_http *server)
{
    return server->port;
}

size_t harness_http_count(struct harness_http *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->requests_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

size_t harness_http_connections(struct harness_http *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->connections_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

const struct harness_http_request *harness_http_request(struct harness_http *server, size_t index)
{
    pthread_mutex_lock(&server->lock);
    struct harness_http_request *request =
        index < server->requests_count ? server->requests[index] : NULL;
    pthread_mutex_unlock(&server->lock);
    return request;
}

void harness_http_close(struct harness_http *server)
{
    if (!server)
        return;
    pthread_mutex_lock(&server->lock);
    server->closing = true;
    pthread_cond_broadcast(&server->closing_now);
    for (size_t i = 0; i < server->connections_count; i++)
        if (server->connections[i].socket >= 0)
            shutdown(server->connections[i].socket, SHUT_RDWR);
    pthread_mutex_unlock(&server->lock);
    shutdown(server->listener, SHUT_RDWR); /* ends accept */
    pthread_join(server->thread, NULL);
    for (size_t i = 0; i < server->connections_count; i++)
        pthread_join(server->connections[i].thread, NULL);
    close(server->listener);
    for (size_t i = 0; i < server->requests_count; i++)
        request_free(server->requests[i]);
    free(server->requests);
    pthread_cond_destroy(&server->closing_now);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
