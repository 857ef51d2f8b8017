/* A scripted HTTP server on a free loopback port, on threads of its own: a table of rules says what
 * each request gets, and every request is recorded. For what a real server cannot be made to answer
 * (429 with Retry-After, 503, a lost connection, a slow reply, a banner of another version). */
#ifndef HARNESS_HTTP_H
#define HARNESS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct harness_http;

/* The first rule that fits and is not used up answers; without one the answer is 404. All texts are
 * borrowed until the script is replaced or the server closed. */
struct harness_http_rule {
    const char *method;  /* NULL: any */
    const char *path;    /* what the path (with its query) begins with; NULL: any */
    int status;          /* 0: the connection is closed without an answer */
    const char *headers; /* further lines, each ending in \r\n; NULL for none */
    const char *body;    /* NULL for none */
    uint32_t delay_ms;   /* before the answer */
    unsigned times;      /* how often it answers; 0: without end */
};

struct harness_http_request {
    char method[16];
    char *path;    /* with the query */
    char *headers; /* all lines as they came, terminated */
    char *body;    /* body_len bytes and a NUL */
    size_t body_len;
    int64_t at_ms; /* when it was complete, harness_now_ms */
};

/* NULL with words on stderr on failure. The rules (the array, not the texts) are copied. */
struct harness_http *harness_http_open(const struct harness_http_rule *rules, size_t count);

/* harness_http_script replaces the rules; it holds from the next request on. */
void harness_http_script(struct harness_http *server, const struct harness_http_rule *rules,
                         size_t count);

const char *harness_http_url(const struct harness_http *server); /* http://127.0.0.1:PORT */
uint16_t harness_http_port(const struct harness_http *server);

/* How many requests are complete, and how many connections were accepted. */
size_t harness_http_count(struct harness_http *server);
size_t harness_http_connections(struct harness_http *server);

/* The request with that index, in order of completion; it stays valid until close. NULL beyond. */
const struct harness_http_request *harness_http_request(struct harness_http *server, size_t index);

/* harness_http_header finds a header's value in a recorded request (name without regard to case);
 * false when it is not there. */
bool harness_http_header(const struct harness_http_request *request, const char *name,
                         char *ret_value, size_t size);

/* harness_http_close ends all connections and frees. NULL accepted. */
void harness_http_close(struct harness_http *server);

#endif
