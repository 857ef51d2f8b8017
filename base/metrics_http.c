#include "base/metrics_http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS = 16,
    TIMEOUT_S = 10,
    BACKLOG = 16,
};

struct metrics_http {
    struct MHD_Daemon *daemon;
    struct metrics_http_source source;
    struct buf body; /* of the answer that is being made */
    uint16_t port;
};

static enum MHD_Result answer(struct metrics_http *server, struct MHD_Connection *connection,
                              unsigned status, const char *type, const char *allowed)
{
    struct text body = buf_view(&server->body);
    if (server->body.failed) {
        status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        body = TEXT("out of memory\n");
    }
    /* The library copies the body and does not write to it, though its type says it may. */
    union {
        const char *read_only;
        void *any;
    } bytes = {body.len ? body.at : ""};
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.len, bytes.any, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (allowed)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allowed);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_words(struct metrics_http *server, struct MHD_Connection *connection,
                                    unsigned status, const char *words, const char *allowed)
{
    buf_string(&server->body, words);
    return answer(server, connection, status, "text/plain", allowed);
}

/* Its body does not matter, but is read to its end before there is an answer. */
static enum MHD_Result on_reload(struct metrics_http *server, struct MHD_Connection *connection,
                                 const char *method, size_t *upload_size, void **request)
{
    if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
        return answer_words(server, connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                            "only POST is answered here\n", "POST");
    bool first = *request == NULL;
    *request = server;
    if (first || *upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    bool taken = server->source.reload(server->source.context, &server->body);
    return answer(server, connection, taken ? MHD_HTTP_OK : MHD_HTTP_UNPROCESSABLE_CONTENT,
                  "application/json", NULL);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request)
{
    (void)version, (void)upload;
    struct metrics_http *server = context;
    buf_reset(&server->body);
    if (strcmp(url, "/-/reload") == 0 && server->source.reload)
        return on_reload(server, connection, method, upload_size, request);
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return answer_words(server, connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                            "only GET and HEAD are answered here\n", "GET, HEAD");
    if (strcmp(url, "/metrics") == 0) {
        server->source.metrics(server->source.context, &server->body);
        return answer(server, connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                      NULL);
    }
    if (strcmp(url, "/healthz") == 0) {
        bool well = server->source.health(server->source.context, &server->body);
        return answer(server, connection, well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                      "application/json", NULL);
    }
    return answer_words(server, connection, MHD_HTTP_NOT_FOUND,
                        "there is /metrics and /healthz, nothing else\n", NULL);
}

/* Cuts "HOST:PORT" or "[HOST]:PORT" into two terminated texts. */
static bool split_address(const char *address, char ret_host[256], const char **ret_port)
{
    const char *colon = strrchr(address, ':');
    if (!colon || colon == address || !colon[1])
        return false;
    size_t len = (size_t)(colon - address);
    bool bracketed = address[0] == '[' && colon[-1] == ']';
    if (bracketed) {
        address++;
        len -= 2;
    }
    if (len == 0 || len >= 256 || (!bracketed && memchr(address, ':', len)))
        return false;
    memcpy(ret_host, address, len);
    ret_host[len] = '\0';
    *ret_port = colon + 1;
    return true;
}

/* A listening socket on one resolved address, or -1 with errno. */
static int listen_on(const struct addrinfo *info)
{
    int descriptor = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return -1;
    int yes = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(descriptor, info->ai_addr, info->ai_addrlen) == 0 && listen(descriptor, BACKLOG) == 0)
        return descriptor;
    int cause = errno;
    close(descriptor);
    errno = cause;
    return -1;
}

static enum err open_socket(const char *address, int *ret_descriptor, struct err_reason *why)
{
    char host[256];
    const char *port;
    if (!split_address(address, host, &port))
        return err_explain(why, ERR_INVALID,
                           "metrics address %s; right would be HOST:PORT or [IPv6]:PORT", address);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    int failed = getaddrinfo(host, port, &hints, &found);
    if (failed)
        return err_explain(why, ERR_INVALID, "metrics address %s: %s", address,
                           gai_strerror(failed));
    int descriptor = -1;
    for (const struct addrinfo *info = found; info && descriptor < 0; info = info->ai_next)
        descriptor = listen_on(info);
    enum err err = ERR_OK;
    if (descriptor < 0)
        err = err_explain_errno(why, errno == EADDRINUSE ? ERR_BUSY : ERR_IO, "metrics address %s",
                                address);
    freeaddrinfo(found);
    if (err == ERR_OK)
        *ret_descriptor = descriptor;
    return err;
}

static uint16_t port_of(int descriptor)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    socklen_t size = sizeof address;
    if (getsockname(descriptor, &address.any, &size) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

enum err metrics_http_open(const char *address, struct metrics_http_source source,
                           struct metrics_http **ret_server, struct err_reason *why)
{
    int descriptor;
    enum err err = open_socket(address, &descriptor, why);
    if (err != ERR_OK)
        return err;
    struct metrics_http *server = calloc(1, sizeof *server);
    if (!server) {
        close(descriptor);
        return err_explain(why, ERR_NOMEM, "metrics address %s: out of memory", address);
    }
    server->source = source;
    server->port = port_of(descriptor);
    /* From here on the descriptor is the library's. */
    server->daemon =
        MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET,
                         descriptor, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_END);
    if (!server->daemon) {
        free(server);
        return err_explain(why, ERR_IO, "metrics address %s: the HTTP server does not start",
                           address);
    }
    *ret_server = server;
    return ERR_OK;
}

uint16_t metrics_http_port(const struct metrics_http *server)
{
    return server->port;
}

int metrics_http_descriptor(const struct metrics_http *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

void metrics_http_run(struct metrics_http *server)
{
    MHD_run(server->daemon);
}

void metrics_http_close(struct metrics_http *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    buf_free(&server->body);
    free(server);
}
