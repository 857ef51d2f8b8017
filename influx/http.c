#include "influx/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "influx/http_transfer.h"

/* Transfers are in one of three lists: under way at curl, waiting for one of these to end, or idle
 * and kept for the next request. curl has a queue of its own for what is beyond a bound, but looks
 * at the time limit of what waits there only when its turn comes (seen with 7.88). */
struct http {
    CURLM *multi;
    struct http_transfer *active, *idle;
    struct http_transfer *waiting, **waiting_end;
    unsigned active_count, idle_count, connections;
    struct http_transfer_options options;
    struct clock clock;
};

static int64_t now_ns(const struct http *http)
{
    return http->clock.monotonic_ns(http->clock.context);
}

static struct http_transfer *take_idle(struct http *http)
{
    struct http_transfer *t = http->idle;
    if (!t)
        return http_transfer_new(&http->options);
    http->idle = t->next;
    http->idle_count--;
    return t;
}

/* Keeps as many as can be under way; what a burst needed beyond is given back. */
static void park(struct http *http, struct http_transfer *t)
{
    if (http->idle_count == http->connections) {
        http_transfer_free(t);
        return;
    }
    http_transfer_forget(t);
    t->next = http->idle;
    http->idle = t;
    http->idle_count++;
}

static bool hand_to_curl(struct http *http, struct http_transfer *t)
{
    t->begun = http_transfer_limit(t, now_ns(http)) &&
               curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t) == CURLE_OK &&
               curl_multi_add_handle(http->multi, t->easy) == CURLM_OK;
    if (!t->begun)
        return false;
    t->next = http->active;
    http->active = t;
    http->active_count++;
    return true;
}

static void append_waiting(struct http *http, struct http_transfer *t)
{
    t->next = NULL;
    *http->waiting_end = t;
    http->waiting_end = &t->next;
}

/* Takes out the one that `place` points to. */
static struct http_transfer *take_waiting(struct http *http, struct http_transfer **place)
{
    struct http_transfer *t = *place;
    *place = t->next;
    if (!t->next)
        http->waiting_end = place;
    return t;
}

enum err http_start(struct http *http, const struct http_request *request)
{
    struct http_transfer *t = take_idle(http);
    if (!t)
        return ERR_NOMEM;
    enum err err = http_transfer_set(t, request, now_ns(http));
    if (err == ERR_OK && (http->active_count >= http->connections || http->waiting))
        append_waiting(http, t);
    else if (err == ERR_OK && !hand_to_curl(http, t))
        err = ERR_NOMEM;
    if (err != ERR_OK)
        park(http, t);
    return err;
}

static void take_from_curl(struct http *http, struct http_transfer *t)
{
    struct http_transfer **place = &http->active;
    while (*place != t)
        place = &(*place)->next;
    *place = t->next;
    http->active_count--;
    curl_multi_remove_handle(http->multi, t->easy);
}

/* Tells the owner about one that is in no list any more. */
static void finish(struct http *http, struct http_transfer *t, CURLcode code)
{
    struct http_reply reply;
    http_transfer_reply(t, code, now_ns(http), &reply);
    t->request.done(t->request.context, &reply);
    park(http, t);
}

static void finish_expired(struct http *http)
{
    int64_t now = now_ns(http);
    for (struct http_transfer **place = &http->waiting; *place;) {
        if ((*place)->deadline_ns > now) {
            place = &(*place)->next;
            continue;
        }
        struct http_transfer *t = take_waiting(http, place);
        snprintf(t->words, sizeof t->words, "%u ms passed in waiting for %u requests before it",
                 t->request.timeout_ms, http->connections);
        finish(http, t, CURLE_OPERATION_TIMEDOUT);
        place = &http->waiting; /* `done` may have changed the list */
    }
}

static void start_waiting(struct http *http)
{
    while (http->waiting && http->active_count < http->connections) {
        struct http_transfer *t = take_waiting(http, &http->waiting);
        if (!hand_to_curl(http, t))
            finish(http, t, CURLE_OUT_OF_MEMORY);
    }
}

/* How long the wait may be, so that nothing waits beyond its time. */
static int wait_ms(const struct http *http, uint32_t timeout_ms)
{
    int64_t now = now_ns(http), wait = timeout_ms;
    for (const struct http_transfer *t = http->waiting; t; t = t->next) {
        int64_t left = t->deadline_ns > now ? (t->deadline_ns - now - 1) / CLOCK_NS_PER_MS + 1 : 0;
        wait = left < wait ? left : wait;
    }
    return wait > INT32_MAX ? INT32_MAX : (int)wait;
}

void http_wait(struct http *http, const int *descriptors, unsigned count, uint32_t timeout_ms)
{
    struct curl_waitfd extra[HTTP_MAX_DESCRIPTORS];
    if (count > HTTP_MAX_DESCRIPTORS)
        count = HTTP_MAX_DESCRIPTORS;
    for (unsigned i = 0; i < count; i++)
        extra[i] = (struct curl_waitfd){.fd = descriptors[i], .events = CURL_WAIT_POLLIN};
    int running, left;
    curl_multi_poll(http->multi, extra, count, wait_ms(http, timeout_ms), NULL);
    curl_multi_perform(http->multi, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        CURLcode code = message->data.result; /* the message goes with its handle */
        char *private = NULL;
        if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) != CURLE_OK)
            continue;
        struct http_transfer *t = (struct http_transfer *)(void *)private;
        take_from_curl(http, t);
        finish(http, t, code);
    }
    finish_expired(http); /* before its turn comes, so that it is not sent in vain */
    start_waiting(http);
}

void http_wake(struct http *http)
{
    curl_multi_wakeup(http->multi);
}

void http_cancel_all(struct http *http)
{
    while (http->active || http->waiting) {
        struct http_transfer *t = http->active;
        if (t)
            take_from_curl(http, t);
        else
            t = take_waiting(http, &http->waiting);
        struct http_request request = t->request;
        park(http, t);
        if (request.dropped)
            request.dropped(request.context);
    }
}

/* Copies a file's name, NULL for "". ERR_NOT_FOUND when it cannot be read. */
static enum err keep_file(const char *name, const char *what, char **ret_copy,
                          struct err_reason *why)
{
    if (!name || !*name)
        return ERR_OK;
    if (access(name, R_OK) != 0)
        return err_explain_errno(why, ERR_NOT_FOUND, "%s \"%s\"", what, name);
    char *copy = strdup(name);
    if (!copy)
        return err_explain(why, ERR_NOMEM, "no memory for the name of the %s", what);
    *ret_copy = copy;
    return ERR_OK;
}

static enum err open_multi(struct http *http, unsigned connections, struct err_reason *why)
{
    http->multi = curl_multi_init();
    if (!http->multi)
        return err_explain(why, ERR_NOMEM, "no memory for HTTP connections");
    http->connections = connections;
    http->waiting_end = &http->waiting;
    http->clock = clock_system();
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS,
                      (long)connections); /* all are kept alive */
    return ERR_OK;
}

enum err http_open(const struct http_options *options, struct http **ret_http,
                   struct err_reason *why)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_explain(why, ERR_NOMEM, "libcurl does not start");
    struct http *http = calloc(1, sizeof *http);
    if (!http) {
        curl_global_cleanup();
        return err_explain(why, ERR_NOMEM, "no memory for HTTP");
    }
    http->options.connect_timeout_ms = options->connect_timeout_ms;
    http->options.reply_max_bytes = options->reply_max_bytes;
    enum err err = keep_file(options->ca_file, "CA file", &http->options.ca_file, why);
    if (err == ERR_OK)
        err = keep_file(options->cert_file, "certificate", &http->options.cert_file, why);
    if (err == ERR_OK)
        err = keep_file(options->key_file, "key", &http->options.key_file, why);
    if (err == ERR_OK)
        err = open_multi(http, options->connections ? options->connections : 1, why);
    if (err != ERR_OK) {
        http_close(http);
        return err;
    }
    *ret_http = http;
    return ERR_OK;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    http_cancel_all(http);
    while (http->idle) {
        struct http_transfer *t = http->idle;
        http->idle = t->next;
        http_transfer_free(t);
    }
    curl_multi_cleanup(http->multi);
    free(http->options.ca_file);
    free(http->options.cert_file);
    free(http->options.key_file);
    free(http);
    curl_global_cleanup();
}
