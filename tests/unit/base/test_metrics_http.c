/* The endpoint as an HTTP client on a socket sees it; server and client take turns in one
 * thread, as the server does in its owner's loop. */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/metrics_http.h"

struct owner {
    bool well;
    size_t large; /* bytes of padding */
};

static void write_metrics(void *context, struct buf *out)
{
    const struct owner *owner = context;
    buf_string(out, "x_total 1\n");
    for (size_t i = 0; i < owner->large; i++)
        buf_char(out, '#');
}

static bool write_health(void *context, struct buf *out)
{
    const struct owner *owner = context;
    buf_string(out, owner->well ? "{\"status\":\"ok\"}" : "{\"status\":\"bad\"}");
    return owner->well;
}

static bool reload(void *context, struct buf *out)
{
    const struct owner *owner = context;
    buf_string(out, owner->well ? "{\"reload\":\"ok\"}" : "{\"reload\":\"refused\"}");
    return owner->well;
}

static struct metrics_http *open_server(struct owner *owner)
{
    struct metrics_http_source source = {owner, write_metrics, write_health, reload};
    struct metrics_http *server = NULL;
    struct err_reason why = {""};
    assert_int_equal(metrics_http_open("127.0.0.1:0", source, &server, &why), ERR_OK);
    assert_int_not_equal(metrics_http_port(server), 0);
    return server;
}

static int connect_to(uint16_t port)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(descriptor, (const struct sockaddr *)&address, sizeof address), 0);
    return descriptor;
}

/* Sends the request and lets the server run until it closes the connection. */
static void ask(struct metrics_http *server, const char *request, struct buf *ret_answer)
{
    int client = connect_to(metrics_http_port(server));
    assert_int_equal(send(client, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    for (int turns = 0; turns < 10000; turns++) {
        struct pollfd both[] = {{.fd = metrics_http_descriptor(server), .events = POLLIN},
                                {.fd = client, .events = POLLIN}};
        assert_true(poll(both, 2, 5000) > 0);
        if (both[0].revents)
            metrics_http_run(server);
        if (!both[1].revents)
            continue;
        char *to = buf_reserve(ret_answer, 65536);
        ssize_t got = recv(client, to, 65536, 0);
        if (got <= 0)
            break;
        ret_answer->len += (size_t)got;
    }
    close(client);
}

static void answers_its_paths(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        bool well;
        const char *status, *holds;
    } cases[] = {
        {"GET /metrics HTTP/1.1", true, "HTTP/1.1 200 ", "\r\n\r\nx_total 1\n"},
        {"GET /metrics HTTP/1.1", true, "HTTP/1.1 200 ",
         "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"},
        {"HEAD /metrics HTTP/1.1", true, "HTTP/1.1 200 ", "Content-Length: 10\r\n"},
        {"GET /healthz HTTP/1.1", true, "HTTP/1.1 200 ", "\r\n\r\n{\"status\":\"ok\"}"},
        {"GET /healthz HTTP/1.1", false, "HTTP/1.1 503 ", "\r\n\r\n{\"status\":\"bad\"}"},
        {"GET / HTTP/1.1", true, "HTTP/1.1 404 ", "/metrics and /healthz"},
        {"GET /metrics/ HTTP/1.1", true, "HTTP/1.1 404 ", "/metrics and /healthz"},
        {"DELETE /metrics HTTP/1.1", true, "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n"},
        {"POST /metrics HTTP/1.1\r\nContent-Length: 0", true, "HTTP/1.1 405 ", "only GET"},
        {"POST /-/reload HTTP/1.1\r\nContent-Length: 0", true, "HTTP/1.1 200 ", "\"ok\""},
        {"POST /-/reload HTTP/1.1\r\nContent-Length: 0", false, "HTTP/1.1 422 ", "\"refused\""},
        {"GET /-/reload HTTP/1.1", true, "HTTP/1.1 405 ", "Allow: POST\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct owner owner = {.well = cases[i].well};
        struct metrics_http *server = open_server(&owner);
        char request[256];
        snprintf(request, sizeof request, "%s\r\nHost: x\r\nConnection: close\r\n\r\n",
                 cases[i].request);
        struct buf got = {0};
        ask(server, request, &got);
        if (strncmp(buf_cstr(&got), cases[i].status, strlen(cases[i].status)) != 0 ||
            !strstr(buf_cstr(&got), cases[i].holds))
            fail_msg("%s: %s", cases[i].request, buf_cstr(&got));
        buf_free(&got);
        metrics_http_close(server);
    }
}

static void head_has_no_body(void **state)
{
    (void)state;
    struct owner owner = {.well = true};
    struct metrics_http *server = open_server(&owner);
    struct buf got = {0};
    ask(server, "HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &got);
    assert_null(strstr(buf_cstr(&got), "status\":"));
    buf_free(&got);
    metrics_http_close(server);
}

static void sends_a_large_body_whole(void **state)
{
    (void)state;
    struct owner owner = {.large = 5000000};
    struct metrics_http *server = open_server(&owner);
    struct buf got = {0};
    ask(server, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &got);
    const char *body = strstr(buf_cstr(&got), "\r\n\r\n");
    assert_non_null(body);
    assert_int_equal(got.len - (size_t)(body + 4 - got.data), 5000010);
    buf_free(&got);
    metrics_http_close(server);
}

/* Neither a client that says nothing nor one that talks nonsense keeps others waiting. */
static void serves_beside_strange_clients(void **state)
{
    (void)state;
    struct owner owner = {.well = true};
    struct metrics_http *server = open_server(&owner);
    int silent = connect_to(metrics_http_port(server));
    struct buf got = {0};
    ask(server, "nonsense\r\n\r\n", &got);
    buf_reset(&got);
    ask(server, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &got);
    assert_non_null(strstr(buf_cstr(&got), "HTTP/1.1 200"));
    close(silent);
    buf_free(&got);
    metrics_http_close(server);
}

static void tells_why_it_does_not_open(void **state)
{
    (void)state;
    struct owner owner = {.well = true};
    struct metrics_http_source source = {&owner, write_metrics, write_health, NULL};
    struct metrics_http *first = open_server(&owner), *server = NULL;
    struct err_reason why = {""};
    char taken[64];
    snprintf(taken, sizeof taken, "127.0.0.1:%u", metrics_http_port(first));
    assert_int_equal(metrics_http_open(taken, source, &server, &why), ERR_BUSY);
    assert_non_null(strstr(why.text, taken));
    static const char *const bad[] = {
        "",    "9464",         ":9464", "127.0.0.1",       "127.0.0.1:",
        "::1", "[127.0.0.1:1", "[]:1",  "127.0.0.1:http:x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(metrics_http_open(bad[i], source, &server, &why), ERR_INVALID);
        assert_non_null(strstr(why.text, "metrics address"));
    }
    assert_null(server);
    metrics_http_close(first);
    metrics_http_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_its_paths),
        cmocka_unit_test(head_has_no_body),
        cmocka_unit_test(sends_a_large_body_whole),
        cmocka_unit_test(serves_beside_strange_clients),
        cmocka_unit_test(tells_why_it_does_not_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
