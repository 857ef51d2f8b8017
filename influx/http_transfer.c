#include "influx/http_transfer.h"

#include <stdlib.h>
#include <strings.h>
#include <time.h>

#define RETRY_AFTER_MAX_S 86400
#define KEPT_BYTES        65536 /* of a body's memory, for the next request */

/* curl hands one buffer to the socket in each turn of its owner: a batch goes in one or two. */
#define UPLOAD_BUFFER_BYTES 524288

/* curl counts its own time limits in ms and may be early by one. */
#define EARLY_NS 2000000

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_transfer *t = context;
    size_t len = size * count, max = t->options->reply_max_bytes, room = max - t->body.len;
    buf_append(&t->body, bytes, len < room ? len : room);
    t->cut = t->cut || len > room;
    t->read_bytes += len;
    return t->cut && t->read_bytes / 2 > max ? 0 : len; /* 0 ends the request */
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
    struct http_transfer *t = context;
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

void http_transfer_free(struct http_transfer *t)
{
    if (!t)
        return;
    curl_slist_free_all(t->headers);
    curl_easy_cleanup(t->easy);
    buf_free(&t->body);
    buf_free(&t->server_version);
    buf_free(&t->error);
    free(t);
}

static bool set_common(struct http_transfer *t)
{
    const struct http_transfer_options *options = t->options;
    CURL *easy = t->easy;
    bool ok = true;
#define SET(option, value) ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* else ending a request waits for a name server that is silent */
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_ERRORBUFFER, t->words);
    if (options->ca_file)
        SET(CURLOPT_CAINFO, options->ca_file);
    if (options->cert_file)
        SET(CURLOPT_SSLCERT, options->cert_file);
    if (options->key_file)
        SET(CURLOPT_SSLKEY, options->key_file);
#undef SET
    return ok;
}

struct http_transfer *http_transfer_new(const struct http_transfer_options *options)
{
    struct http_transfer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->options = options;
    t->easy = curl_easy_init();
    if (!t->easy || !set_common(t)) {
        http_transfer_free(t);
        return NULL;
    }
    return t;
}

/* Appends "name: value", or "name:" which tells curl to leave its own header out. */
static bool add_header(struct http_transfer *t, const char *name, const char *value)
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

static bool set_headers(struct http_transfer *t)
{
    const struct http_request *request = &t->request;
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    return add_header(t, "Expect", NULL) && add_header(t, "Content-Type", request->content_type) &&
           (!request->content_encoding ||
            add_header(t, "Content-Encoding", request->content_encoding)) &&
           (!request->accept || add_header(t, "Accept", request->accept)) &&
           (!request->authorization || add_header(t, "Authorization", request->authorization)) &&
           curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
}

static bool set_request(struct http_transfer *t)
{
    const struct http_request *request = &t->request;
    bool ok = true;
#define SET(option, value) ok = ok && curl_easy_setopt(t->easy, option, value) == CURLE_OK
    SET(CURLOPT_URL, request->url);
    if (request->method == HTTP_POST) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, request->body.len ? request->body.at : "");
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER_BYTES);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
    }
#undef SET
    return ok;
}

/* Writes "host:port: words". The URL itself is not repeated, as it may hold a password. */
static void write_error(struct http_transfer *t, const char *words)
{
    char *host = NULL, *port = NULL, *address = NULL;
    CURLU *url = curl_url();
    curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &address);
    if (url && address && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        buf_printf(&t->error, "%s:%s: ", host, port);
    buf_string(&t->error, words);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
}

enum err http_transfer_set(struct http_transfer *t, const struct http_request *request,
                           int64_t now_ns)
{
    t->request = *request;
    t->retry_after_ms = -1;
    t->words[0] = '\0';
    t->begun = t->cut = false;
    t->read_bytes = 0;
    t->asked_ns = now_ns;
    t->deadline_ns = INT64_MAX;
    if (request->timeout_ms > 0)
        t->deadline_ns = now_ns + (int64_t)request->timeout_ms * CLOCK_NS_PER_MS;
    return set_headers(t) && set_request(t) ? ERR_OK : ERR_NOMEM;
}

bool http_transfer_limit(struct http_transfer *t, int64_t now_ns)
{
    long left_ms = 0; /* none */
    if (t->deadline_ns != INT64_MAX)
        left_ms = (long)((t->deadline_ns - now_ns - 1) / CLOCK_NS_PER_MS + 1);
    if (t->deadline_ns <= now_ns)
        left_ms = 1;
    return curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, left_ms) == CURLE_OK;
}

void http_transfer_reply(struct http_transfer *t, CURLcode code, int64_t now_ns,
                         struct http_reply *ret_reply)
{
    struct http_reply reply = {.retry_after_ms = t->retry_after_ms, .cut = t->cut, .error = ""};
    int64_t elapsed_us = (now_ns - t->asked_ns) / 1000;
    reply.elapsed_us = elapsed_us > UINT32_MAX ? UINT32_MAX : (uint32_t)elapsed_us;
    if (t->begun) /* else the handle still has the status of its request before */
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &reply.status);
    if (t->body.failed)
        code = CURLE_OUT_OF_MEMORY;
    else if (code == CURLE_WRITE_ERROR && t->cut)
        code = CURLE_OK; /* it was ended here */
    if (code == CURLE_OK || reply.status >= 400) {
        reply.body = buf_view(&t->body);
        reply.server_version = buf_view(&t->server_version);
    } else {
        write_error(t, t->words[0] ? t->words : curl_easy_strerror(code));
        reply.status = 0;
        reply.timed_out = code == CURLE_OPERATION_TIMEDOUT && now_ns + EARLY_NS >= t->deadline_ns;
        reply.error = buf_cstr(&t->error);
    }
    *ret_reply = reply;
}

void http_transfer_forget(struct http_transfer *t)
{
    if (t->body.capacity > KEPT_BYTES)
        buf_free(&t->body);
    buf_reset(&t->body);
    buf_reset(&t->server_version);
    buf_reset(&t->error);
}
