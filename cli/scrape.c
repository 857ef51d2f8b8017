#include "cli/scrape.h"

#include <stdlib.h>

#include "base/clock.h"

enum { ANSWER_MS = 2000, BODY_MAX_BYTES = 1 << 20 };

struct scrape {
    struct http *http;
    const char *service, *address; /* borrowed */
    struct buf url, body;
    struct err_reason error;
    bool answered;
    long status;
};

enum err scrape_open(const struct settings *settings, struct scrape **ret_scrape,
                     struct err_reason *why)
{
    if (!settings->writer.metrics_address[0])
        return err_explain(why, ERR_INVALID,
                           "writer.metrics_address is \"\", so the running writer cannot be asked");
    return scrape_open_at("the writer", settings->writer.metrics_address, ret_scrape, why);
}

enum err scrape_open_at(const char *service, const char *address, struct scrape **ret_scrape,
                        struct err_reason *why)
{
    struct http_options options = {.ca_file = "",
                                   .cert_file = "",
                                   .key_file = "",
                                   .connect_timeout_ms = ANSWER_MS,
                                   .reply_max_bytes = BODY_MAX_BYTES,
                                   .connections = 1};
    struct scrape *scrape = calloc(1, sizeof *scrape);
    if (!scrape)
        return ERR_NOMEM;
    scrape->service = service;
    scrape->address = address;
    enum err e = http_open(&options, &scrape->http, why);
    if (e)
        scrape_close(scrape);
    else
        *ret_scrape = scrape;
    return e;
}

void scrape_close(struct scrape *scrape)
{
    if (!scrape)
        return;
    http_close(scrape->http);
    buf_free(&scrape->url);
    buf_free(&scrape->body);
    free(scrape);
}

static void done(void *context, const struct http_reply *reply)
{
    struct scrape *scrape = context;
    scrape->answered = true;
    scrape->status = reply->status;
    (void)err_explain(&scrape->error, ERR_OK, "%s", reply->error);
    buf_reset(&scrape->body);
    buf_text(&scrape->body, reply->body);
}

/* ERR_CLOSED when there was no answer at all. */
static enum err exchange(struct scrape *scrape, enum http_method method, const char *path,
                         struct err_reason *why)
{
    buf_reset(&scrape->url);
    buf_printf(&scrape->url, "http://%s%s", scrape->address, path);
    struct http_request request = {.method = method,
                                   .url = buf_cstr(&scrape->url),
                                   .timeout_ms = ANSWER_MS,
                                   .context = scrape,
                                   .done = done};
    scrape->answered = false;
    enum err e = http_start(scrape->http, &request);
    while (!e && !scrape->answered)
        http_wait(scrape->http, NULL, 0, ANSWER_MS);
    if (!e && scrape->status == 0)
        e = err_explain(why, ERR_CLOSED, "%s does not answer at %s (%s): is it running?",
                        scrape->service, buf_cstr(&scrape->url), scrape->error.text);
    return e;
}

enum err scrape_get(struct scrape *scrape, const char *path, struct text *ret_body,
                    struct err_reason *why)
{
    enum err e = exchange(scrape, HTTP_GET, path, why);
    if (e)
        return e;
    if (scrape->status != 200 && scrape->status != 503)
        return err_explain(why, ERR_CLOSED, "%s answers %ld: is it %s?", buf_cstr(&scrape->url),
                           scrape->status, scrape->service);
    *ret_body = buf_view(&scrape->body);
    return ERR_OK;
}

enum err scrape_post(struct scrape *scrape, const char *path, long *ret_status,
                     struct text *ret_body, struct err_reason *why)
{
    enum err e = exchange(scrape, HTTP_POST, path, why);
    if (e)
        return e;
    *ret_status = scrape->status;
    *ret_body = buf_view(&scrape->body);
    return ERR_OK;
}

bool scrape_value(struct text metrics, const char *name, double *ret_value)
{
    struct text wanted = text_of(name);
    while (metrics.len > 0) {
        const char *end = memchr(metrics.at, '\n', metrics.len);
        size_t len = end ? (size_t)(end - metrics.at) : metrics.len;
        struct text line = {metrics.at, len};
        if (text_starts(line, wanted) && len > wanted.len + 1 && line.at[wanted.len] == ' ')
            return text_number(
                text_trim((struct text){line.at + wanted.len + 1, len - wanted.len - 1}),
                ret_value);
        metrics.at += len + (end != NULL);
        metrics.len -= len + (end != NULL);
    }
    return false;
}
