#include "influx/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define RETRY_AFTER_MAX_S 86400

/* One request and its reply; kept for the next one when it is done. */
struct transfer {
    struct transfer *next;
    struct http *http;
    CURL *easy;
    struct curl_slist *headers;
    struct http_request request;
    struct buf body;
    struct buf server_version;
    struct buf error;
    int64_t retry_after_ms;
    char words[CURL_ERROR_SIZE];
};

struct http {
    CURLM *multi;
    struct transfer *active, *idle;
    char *ca_file, *cert_file, *key_file;
    uint32_t connect_timeout_ms;
    size_t reply_max_bytes;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    size_t len = size * count, room = t->http->reply_max_bytes - t->body.len;
    buf_append(&t->body, bytes, len < room ? len : room);
    return len;
}

/* Retry-After is a number of seconds or a date (RFC 9110, section 10.2.3). */
static int64_t retry_after_ms(struct text value)
{
    long long seconds;
    char date[64];
    if (!text_integer(value, &seconds)) {
        if (value.len == 0 || value.len >= sizeof date)
            return -1;
        memcpy(date, value.at, value.len);
        date[value.len] = '\0';
        time_t at = curl_getdate(date, NULL);
        if (at == (time_t)-1)
            return -1;
        seconds = (long long)at - (long long)time(NULL);
    }
    if (seconds < 0)
        return 0;
    return (seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : seconds) * 1000;
}

static bool header_is(struct text line, const char *name, struct text *ret_value)
{
    size_t len = strlen(name);
    if (line.len <= len || line.at[len] != ':' || strncasecmp(line.at, name, len) != 0)
        return false;
    *ret_value = text_trim((struct text){line.at + len + 1, line.len - len - 1});
    return true;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    struct text line = {bytes, size * count}, value;
    if (text_starts(line, TEXT("HTTP/"))) { /* a head of its own, as after 100 Continue */
        buf_reset(&t->server_version);
        t->retry_after_ms = -1;
    } else if (header_is(line, "X-Influxdb-Version", &value)) {
        buf_reset(&t->server_version);
        buf_text(&t->server_version, value);
    } else if (header_is(line, "Retry-After", &value)) {
        t->retry_after_ms = retry_after_ms(value);
    }
    return line.len;
}

static void transfer_free(struct transfer *t)
{
    curl_slist_free_all(t->headers);
    curl_easy_cleanup(t->easy);
    buf_free(&t->body);
    buf_free(&t->server_version);
    buf_free(&t->error);
    free(t);
}

static bool set_common(struct transfer *t)
{
    const struct http *http = t->http;
    CURL *easy = t->easy;
    bool ok = true;
#define SET(option, value) ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* else ending a request waits for a name server that is silent */
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)http->connect_timeout_ms);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_ERRORBUFFER, t->words);
    SET(CURLOPT_PRIVATE, t);
    if (http->ca_file)
        SET(CURLOPT_CAINFO, http->ca_file);
    if (http->cert_file)
        SET(CURLOPT_SSLCERT, http->cert_file);
    if (http->key_file)
        SET(CURLOPT_SSLKEY, http->key_file);
#undef SET
    return ok;
}

static struct transfer *transfer_take(struct http *http)
{
    struct transfer *t = http->idle;
    if (t) {
        http->idle = t->next;
        return t;
    }
    t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->http = http;
    t->easy = curl_easy_init();
    if (!t->easy || !set_common(t)) {
        transfer_free(t);
        return NULL;
    }
    return t;
}

/* Appends "name: value", or "name:" which tells curl to leave its own header out. */
static bool add_header(struct transfer *t, const char *name, const char *value)
{
    struct buf line = {0};
    buf_string(&line, name);
    buf_string(&line, value ? ": " : ":");
    buf_string(&line, value ? value : "");
    struct curl_slist *longer = curl_slist_append(t->headers, buf_cstr(&line));
    bool ok = longer && !line.failed;
    if (longer)
        t->headers = longer;
    if (line.data)
        explicit_bzero(line.data, line.len);
    buf_free(&line);
    return ok;
}

static bool set_headers(struct transfer *t)
{
    const struct http_request *request = &t->request;
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    return add_header(t, "Expect", NULL) && add_header(t, "Content-Type", request->content_type) &&
           (!request->content_encoding ||
            add_header(t, "Content-Encoding", request->content_encoding)) &&
           (!request->authorization || add_header(t, "Authorization", request->authorization)) &&
           curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
}

static bool set_request(struct transfer *t)
{
    const struct http_request *request = &t->request;
    bool ok = true;
#define SET(option, value) ok = ok && curl_easy_setopt(t->easy, option, value) == CURLE_OK
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    if (request->method == HTTP_POST) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, request->body.len ? request->body.at : "");
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
    }
#undef SET
    return ok;
}

static void transfer_park(struct transfer *t)
{
    t->next = t->http->idle;
    t->http->idle = t;
}

enum err http_start(struct http *http, const struct http_request *request)
{
    struct transfer *t = transfer_take(http);
    if (!t)
        return ERR_NOMEM;
    t->request = *request;
    t->retry_after_ms = -1;
    t->words[0] = '\0';
    buf_reset(&t->body);
    buf_reset(&t->server_version);
    buf_reset(&t->error);
    if (!set_headers(t) || !set_request(t) ||
        curl_multi_add_handle(http->multi, t->easy) != CURLM_OK) {
        transfer_park(t);
        return ERR_NOMEM;
    }
    t->next = http->active;
    http->active = t;
    return ERR_OK;
}

static void unlink_active(struct transfer *t)
{
    struct transfer **place = &t->http->active;
    while (*place != t)
        place = &(*place)->next;
    *place = t->next;
    curl_multi_remove_handle(t->http->multi, t->easy);
}

/* Writes "host:port: words". The URL itself is not repeated, as it may hold a password. */
static void write_error(struct transfer *t, CURLcode code)
{
    char *host = NULL, *port = NULL, *address = NULL;
    CURLU *url = curl_url();
    curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &address);
    if (url && address && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        buf_printf(&t->error, "%s:%s: ", host, port);
    buf_string(&t->error, t->words[0] ? t->words : curl_easy_strerror(code));
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
}

static void finish(struct transfer *t, CURLcode code)
{
    struct http_reply reply = {.retry_after_ms = t->retry_after_ms, .error = ""};
    curl_off_t elapsed_us = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &reply.status);
    curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &elapsed_us);
    reply.elapsed_us = elapsed_us > UINT32_MAX ? UINT32_MAX : (uint32_t)elapsed_us;
    if ((code != CURLE_OK || t->body.failed) && reply.status < 400) {
        write_error(t, code);
        reply.status = 0;
        reply.error = buf_cstr(&t->error);
    } else {
        reply.body = buf_view(&t->body);
        reply.server_version = buf_view(&t->server_version);
    }
    unlink_active(t);
    t->request.done(t->request.context, &reply);
    transfer_park(t);
}

void http_wait(struct http *http, const int *descriptors, unsigned count, uint32_t timeout_ms)
{
    struct curl_waitfd extra[HTTP_MAX_DESCRIPTORS];
    if (count > HTTP_MAX_DESCRIPTORS)
        count = HTTP_MAX_DESCRIPTORS;
    for (unsigned i = 0; i < count; i++)
        extra[i] = (struct curl_waitfd){.fd = descriptors[i], .events = CURL_WAIT_POLLIN};
    int timeout = timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms;
    int running, left;
    curl_multi_poll(http->multi, extra, count, timeout, NULL);
    curl_multi_perform(http->multi, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        CURLcode code = message->data.result; /* the message goes with its handle */
        char *transfer = NULL;
        if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer) == CURLE_OK)
            finish((struct transfer *)(void *)transfer, code);
    }
}

void http_wake(struct http *http)
{
    curl_multi_wakeup(http->multi);
}

void http_cancel_all(struct http *http)
{
    while (http->active) {
        struct transfer *t = http->active;
        unlink_active(t);
        transfer_park(t);
        if (t->request.dropped)
            t->request.dropped(t->request.context);
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
    curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)connections);
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
    http->connect_timeout_ms = options->connect_timeout_ms;
    http->reply_max_bytes = options->reply_max_bytes;
    enum err err = keep_file(options->ca_file, "CA file", &http->ca_file, why);
    if (err == ERR_OK)
        err = keep_file(options->cert_file, "certificate", &http->cert_file, why);
    if (err == ERR_OK)
        err = keep_file(options->key_file, "key", &http->key_file, why);
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
        struct transfer *t = http->idle;
        http->idle = t->next;
        transfer_free(t);
    }
    curl_multi_cleanup(http->multi);
    free(http->ca_file);
    free(http->cert_file);
    free(http->key_file);
    free(http);
    curl_global_cleanup();
}
