#include "harness.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_MS   20000
#define TAIL_BYTES 4000

struct harness {
    struct harness *next; /* open */
    enum harness_kind kind;
    uint16_t port;
    pid_t pid; /* 0: does not run */
    char folder[64];
    char url[64];
    char *lines; /* the test's part of the configuration */
    size_t lines_len;
};

/* All that are open. A test that fails leaves its own behind, and LeakSanitizer's report of that
 * would be read as the cause. */
static struct harness *all_open;

int64_t harness_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool harness_until(bool (*done)(void *context), void *context, uint32_t timeout_ms)
{
    int64_t end = harness_now_ms() + timeout_ms;
    while (!done(context)) {
        if (harness_now_ms() >= end)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    return true;
}

uint16_t harness_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint16_t port = 0;
    if (s >= 0 && bind(s, (struct sockaddr *)&address, size) == 0 &&
        getsockname(s, (struct sockaddr *)&address, &size) == 0)
        port = ntohs(address.sin_port);
    if (s >= 0)
        close(s);
    return port;
}

static void pick_port(struct harness *h)
{
    static const char *const scheme[] = {[HARNESS_MOSQUITTO] = "mqtt", [HARNESS_INFLUXD] = "http"};
    h->port = harness_free_port();
    snprintf(h->url, sizeof h->url, "%s://127.0.0.1:%u", scheme[h->kind], h->port);
}

struct harness *harness_new(enum harness_kind kind)
{
    struct harness *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->kind = kind;
    snprintf(h->folder, sizeof h->folder, "/tmp/hearthline-test-XXXXXX");
    if (!mkdtemp(h->folder)) {
        perror("harness: temporary folder");
        free(h);
        return NULL;
    }
    pick_port(h);
    h->next = all_open;
    all_open = h;
    return h;
}

static void forget(const struct harness *h)
{
    struct harness **at = &all_open;
    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
}

void harness_config(struct harness *h, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *more = NULL;
    int len = vasprintf(&more, format, list);
    va_end(list);
    if (len < 0)
        abort();
    char *lines = realloc(h->lines, h->lines_len + (size_t)len + 1);
    if (!lines)
        abort();
    memcpy(lines + h->lines_len, more, (size_t)len + 1);
    h->lines = lines;
    h->lines_len += (size_t)len;
    free(more);
}

bool harness_write_file(const struct harness *h, const char *name, const char *content,
                        char *ret_path, size_t size)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", h->folder, name);
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fputs(content, file);
    if (fclose(file) != 0)
        return false;
    if (ret_path)
        snprintf(ret_path, size, "%s", path);
    return true;
}

static bool write_configuration(const struct harness *h, char path[static 256])
{
    char *content = NULL;
    int len;
    if (h->kind == HARNESS_MOSQUITTO)
        len = asprintf(&content,
                       "%slog_dest stderr\npersistence true\npersistence_location %s/\n"
                       "allow_anonymous true\nlistener %u 127.0.0.1\n%s",
                       geteuid() == 0 ? "user root\n" : "", h->folder, h->port,
                       h->lines ? h->lines : "");
    else
        len = asprintf(
            &content,
            "reporting-disabled = true\nbind-address = \"127.0.0.1:0\"\n"
            "[meta]\ndir = \"%s/meta\"\n[data]\ndir = \"%s/data\"\nwal-dir = \"%s/wal\"\n"
            "[monitor]\nstore-enabled = false\n[http]\nbind-address = \"127.0.0.1:%u\"\n%s",
            h->folder, h->folder, h->folder, h->port, h->lines ? h->lines : "");
    if (len < 0)
        return false;
    bool written = harness_write_file(h, "server.conf", content, path, 256);
    free(content);
    return written;
}

static void become_server(const struct harness *h, const char *configuration, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126); /* the test died before prctl */
    char log[128];
    snprintf(log, sizeof log, "%s/server.log", h->folder);
    if (!freopen(log, "a", stderr) || dup2(fileno(stderr), STDOUT_FILENO) < 0)
        _exit(126);
    if (h->kind == HARNESS_MOSQUITTO) {
        execlp("mosquitto", "mosquitto", "-c", configuration, (char *)NULL);
        execl("/usr/sbin/mosquitto", "mosquitto", "-c", configuration, (char *)NULL);
    } else {
        execlp("influxd", "influxd", "run", "-config", configuration, (char *)NULL);
    }
    perror("harness: the server's program cannot be run");
    _exit(127);
}

/* A CONNECT of MQTT 3.1.1, clean session, client id "probe"; any CONNACK will do. */
static bool mosquitto_answers(const struct harness *h)
{
    static const char connect_packet[] = "\x10\x11\0\x04MQTT\x04\x02\0\x3c\0\x05probe";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(h->port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct timeval patience = {.tv_sec = 2};
    bool tls = h->lines && strstr(h->lines, "certfile");
    char reply[4] = {0};
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return false;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    bool ready = connect(s, (struct sockaddr *)&address, sizeof address) == 0;
    if (ready && !tls)
        ready = send(s, connect_packet, sizeof connect_packet - 1, MSG_NOSIGNAL) > 0 &&
                recv(s, reply, sizeof reply, MSG_WAITALL) == (ssize_t)sizeof reply &&
                reply[0] == 0x20;
    if (ready && !tls)
        ready = send(s, "\xe0\0", 2, MSG_NOSIGNAL) == 2;
    close(s);
    return ready;
}

static bool answers(const struct harness *h)
{
    return h->kind == HARNESS_MOSQUITTO ? mosquitto_answers(h)
                                        : harness_request(h, "/ping", NULL, NULL, NULL, 0) == 204;
}

static bool ended(struct harness *h)
{
    int status;
    if (waitpid(h->pid, &status, WNOHANG) != h->pid)
        return false;
    h->pid = 0;
    return true;
}

static bool ready_or_ended(void *context)
{
    struct harness *h = context;
    return ended(h) || answers(h);
}

bool harness_start(struct harness *h)
{
    char configuration[256];
    if (h->pid)
        return true;
    if (!write_configuration(h, configuration)) {
        perror("harness: configuration");
        return false;
    }
    pid_t parent = getpid();
    h->pid = fork();
    if (h->pid == 0)
        become_server(h, configuration, parent);
    if (h->pid < 0) {
        perror("harness: fork");
        h->pid = 0;
        return false;
    }
    bool in_time = harness_until(ready_or_ended, h, READY_MS);
    if (in_time && h->pid && !ended(h))
        return true;
    fprintf(stderr, "harness: the server on port %u %s\n", h->port,
            in_time ? "ended at once" : "did not answer in time");
    harness_show_log(h);
    harness_stop(h, SIGKILL);
    return false;
}

void harness_stop(struct harness *h, int signal)
{
    if (!h->pid)
        return;
    int status;
    kill(h->pid, signal);
    while (waitpid(h->pid, &status, 0) < 0 && errno == EINTR)
        ;
    h->pid = 0;
}

static struct harness *started(enum harness_kind kind, const char *lines)
{
    struct harness *h = harness_new(kind);
    if (!h)
        return NULL;
    if (lines)
        harness_config(h, "%s", lines);
    if (harness_start(h))
        return h;
    pick_port(h); /* another process may have taken the port meanwhile */
    if (harness_start(h))
        return h;
    harness_close(h);
    return NULL;
}

struct harness *harness_mosquitto(const char *lines)
{
    return started(HARNESS_MOSQUITTO, lines);
}

struct harness *harness_influxd(const char *lines)
{
    return started(HARNESS_INFLUXD, lines);
}

uint16_t harness_port(const struct harness *h)
{
    return h->port;
}

const char *harness_folder(const struct harness *h)
{
    return h->folder;
}

int harness_pid(const struct harness *h)
{
    return h->pid;
}

const char *harness_url(const struct harness *h)
{
    return h->url;
}

/* The log as one terminated text, from `tail` bytes before its end (0: all of it); to be freed. */
static char *read_log(const struct harness *h, long tail)
{
    char path[128];
    snprintf(path, sizeof path, "%s/server.log", h->folder);
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    long from = tail > 0 && size > tail ? size - tail : 0;
    fseek(file, from, SEEK_SET);
    char *content = calloc((size_t)(size - from) + 1, 1);
    if (content && fread(content, 1, (size_t)(size - from), file) == 0)
        content[0] = '\0';
    fclose(file);
    return content;
}

bool harness_log_holds(const struct harness *h, const char *words)
{
    char *log = read_log(h, 0);
    bool holds = log && strstr(log, words);
    free(log);
    return holds;
}

void harness_show_log(const struct harness *h)
{
    char *log = read_log(h, TAIL_BYTES);
    fprintf(stderr, "--- log of the server on port %u ---\n%s\n---\n", h->port, log ? log : "");
    free(log);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void harness_close(struct harness *h)
{
    if (!h)
        return;
    forget(h);
    harness_stop(h, SIGKILL);
    nftw(h->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(h->lines);
    free(h);
}

struct reply {
    char *body;
    size_t size, len;
};

static size_t keep_body(char *bytes, size_t unit, size_t count, void *context)
{
    struct reply *reply = context;
    size_t room = reply->size ? reply->size - 1 - reply->len : 0;
    size_t take = unit * count < room ? unit * count : room;
    if (take)
        memcpy(reply->body + reply->len, bytes, take);
    reply->len += take;
    return unit * count;
}

long harness_request(const struct harness *h, const char *path, const char *body, const char *user,
                     char *ret_body, size_t size)
{
    struct reply reply = {ret_body, ret_body ? size : 0, 0};
    char url[2048];
    long status = 0;
    CURL *curl = curl_easy_init();
    if (!curl)
        return 0;
    snprintf(url, sizeof url, "%s%s", h->url, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 10000L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (user)
        curl_easy_setopt(curl, CURLOPT_USERPWD, user);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    if (reply.size)
        ret_body[reply.len] = '\0';
    return status;
}
