/* bench-post: posts readings as line protocol to InfluxDB 1.x over one kept-alive
 * connection, one request after the other, as plainly as it can be done: what
 * the server takes at most from one client. The lines are those that the writer
 * makes of hearthline-load's messages. */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "options.h"
#include "reading.h"
#include "report.h"

struct options {
    const char *host, *port, *database;
    uint64_t lines, batch, devices, readings, start;
    bool json;
};

struct post {
    struct options o;
    int descriptor;
    uint64_t posted;
    struct bytes body;
    char why[300];
};

static void read_options(struct options *o, int argc, char **argv)
{
    *o = (struct options){.host = "127.0.0.1",
                          .port = "8086",
                          .database = "bench",
                          .lines = 1000000,
                          .batch = 5000,
                          .devices = 1000,
                          .readings = 1};
    const struct option_row rows[] = {
        {"host", "HOST", OPTION_TEXT, &o->host, 0, 0, "InfluxDB's host (127.0.0.1)"},
        {"port", "PORT", OPTION_TEXT, &o->port, 0, 0, "InfluxDB's port (8086)"},
        {"database", "NAME", OPTION_TEXT, &o->database, 0, 0, "must exist (bench)"},
        {"lines", "N", OPTION_COUNT, &o->lines, 1, UINT32_MAX, "how many lines (1000000)"},
        {"batch", "N", OPTION_COUNT, &o->batch, 1, 100000, "lines a request (5000)"},
        {"devices", "N", OPTION_COUNT, &o->devices, 1, UINT32_MAX, "how many series (1000)"},
        {"readings", "K", OPTION_COUNT, &o->readings, 1, 1000,
         "so many lines in a row are of one device, as with\n"
         "hearthline-load --readings (1)"},
        {"start", "N", OPTION_COUNT, &o->start, 0, UINT32_MAX, "first running number (0)"},
        {"json-report", NULL, OPTION_FLAG, &o->json, 0, 0, "report as one JSON object"},
    };
    const struct option_table table = {
        "bench-post", "Posts readings to InfluxDB 1.x /write over one kept-alive connection.",
        "Exit status: 0, or 1 when the server did not take all.", rows,
        sizeof(rows) / sizeof(rows[0])};
    options_read(&table, argc, argv);
}

static bool post_connect(struct post *p)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    if (getaddrinfo(p->o.host, p->o.port, &hints, &list) == 0) {
        p->descriptor = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
        if (p->descriptor >= 0 && connect(p->descriptor, list->ai_addr, list->ai_addrlen) == 0) {
            int on = 1;
            setsockopt(p->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            freeaddrinfo(list);
            return true;
        }
        freeaddrinfo(list);
    }
    snprintf(p->why, sizeof(p->why), "no connection to %s port %s", p->o.host, p->o.port);
    return false;
}

static bool send_all(struct post *p, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = send(p->descriptor, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            snprintf(p->why, sizeof(p->why), "write: %s", strerror(errno));
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* A 204 of /write has no body, so its head is the whole answer. */
static bool take_answer(struct post *p)
{
    char head[4096];
    size_t len = 0;
    do {
        ssize_t n = recv(p->descriptor, head + len, sizeof(head) - 1 - len, 0);
        if (n <= 0) {
            snprintf(p->why, sizeof(p->why), "the server closed the connection");
            return false;
        }
        len += (size_t)n;
        head[len] = '\0';
    } while (!strstr(head, "\r\n\r\n") && len < sizeof(head) - 1);
    if (strncmp(head, "HTTP/1.1 204", 12) == 0)
        return true;
    snprintf(p->why, sizeof(p->why), "the server answered: %.*s", (int)strcspn(head, "\r"), head);
    return false;
}

static void fill_body(struct post *p, uint64_t first, uint64_t count, int64_t now_ns)
{
    char device[40];
    p->body.len = 0;
    for (uint64_t n = first; n < first + count; n++) {
        uint64_t number = p->o.start + n;
        snprintf(device, sizeof(device), "dev-%llu",
                 (unsigned long long)(number / p->o.readings % p->o.devices));
        reading_line(&p->body, number, device, now_ns + (int64_t)n * 1024);
    }
}

static bool run(struct post *p, int64_t now_ns)
{
    char head[500];
    while (p->posted < p->o.lines && !report_stopped()) {
        uint64_t left = p->o.lines - p->posted;
        uint64_t count = left < p->o.batch ? left : p->o.batch;
        fill_body(p, p->posted, count, now_ns);
        int len =
            snprintf(head, sizeof(head),
                     "POST /write?db=%s HTTP/1.1\r\nHost: %s:%s\r\nContent-Length: %zu\r\n\r\n",
                     p->o.database, p->o.host, p->o.port, p->body.len);
        if (len < 0 || (size_t)len >= sizeof(head))
            return false;
        if (!send_all(p, head, (size_t)len) || !send_all(p, p->body.at, p->body.len) ||
            !take_answer(p))
            return false;
        p->posted += count;
    }
    return p->posted == p->o.lines;
}

int main(int argc, char **argv)
{
    struct post p = {.descriptor = -1};
    read_options(&p.o, argc, argv);
    report_signals();
    double begun_s = report_monotonic_s();
    bool good = post_connect(&p) && run(&p, (int64_t)(report_real_s() * 1e6) * 1000);
    double seconds = report_monotonic_s() - begun_s;
    if (!good)
        fprintf(stderr, "bench-post: %s\n", p.why);
    struct report r = {.json = p.o.json};
    report_count(&r, "lines", p.posted);
    report_number(&r, "seconds", seconds);
    report_number(&r, "lines_per_s", report_rate(p.posted, seconds));
    report_number(&r, "cpu_s", report_cpu_s());
    report_end(&r);
    if (p.descriptor >= 0)
        close(p.descriptor);
    bytes_free(&p.body);
    return good ? 0 : 1;
}
