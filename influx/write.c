#include "influx/write.h"

#include <stdlib.h>
#include <zlib.h>

#include "influx/server.h"

#define BAD_MAX          128
#define GZIP_LEVEL       1  /* more costs far more time than it saves bytes */
#define GZIP_WINDOW_BITS 31 /* zlib's 15 and 16, which asks for gzip's frame */
#define GZIP_MEMORY      8  /* zlib's own default */

typedef void influx_done(void *context, const struct influx_result *result);

/* One request under way, or one that is done and kept for the next. */
struct job {
    struct job *next_idle, *next;
    struct influx_write *w;
    void *context;
    influx_done *done;
    struct text lines;
    size_t line_count;
    struct buf url, gzipped;
    char words[DIALECT_WORDS_SIZE];
    struct dialect_bad bad[BAD_MAX];
};

struct influx_write {
    struct server *server;
    struct job *jobs, *idle; /* all, and those of them that are not under way */
    bool gzip;
    z_stream zlib;
};

enum err influx_write_open(struct http *http, const struct settings *settings,
                           struct influx_write **ret_write, struct err_reason *why)
{
    struct influx_write *w = calloc(1, sizeof *w);
    if (!w)
        return err_explain(why, ERR_NOMEM, "no memory for writing to InfluxDB");
    enum err err = server_open(http, settings, &w->server, why);
    if (err == ERR_OK && settings->influxdb.gzip) {
        w->gzip = deflateInit2(&w->zlib, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY,
                               Z_DEFAULT_STRATEGY) == Z_OK;
        if (!w->gzip)
            err = err_explain(why, ERR_NOMEM, "no memory for gzip");
    }
    if (err != ERR_OK) {
        influx_write_close(w);
        return err;
    }
    *ret_write = w;
    return ERR_OK;
}

void influx_write_close(struct influx_write *w)
{
    if (!w)
        return;
    while (w->jobs) {
        struct job *job = w->jobs;
        w->jobs = job->next;
        buf_free(&job->url);
        buf_free(&job->gzipped);
        free(job);
    }
    if (w->gzip)
        deflateEnd(&w->zlib);
    server_close(w->server);
    free(w);
}

static struct job *job_take(struct influx_write *w, void *context, influx_done *done)
{
    struct job *job = w->idle;
    if (job) {
        w->idle = job->next_idle;
    } else {
        job = calloc(1, sizeof *job);
        if (!job)
            return NULL;
        job->w = w;
        job->next = w->jobs;
        w->jobs = job;
    }
    job->context = context;
    job->done = done;
    buf_reset(&job->url);
    return job;
}

static void job_park(struct job *job)
{
    job->next_idle = job->w->idle;
    job->w->idle = job;
}

static void job_dropped(void *context)
{
    job_park(context);
}

static void job_finish(struct job *job, const struct http_reply *reply, enum outcome outcome,
                       size_t bad_count)
{
    struct influx_result result = {.outcome = outcome,
                                   .status = reply->status,
                                   .words = job->words,
                                   .retry_after_ms = reply->retry_after_ms,
                                   .elapsed_us = reply->elapsed_us,
                                   .bad = job->bad,
                                   .bad_count = bad_count};
    job->done(job->context, &result);
    job_park(job);
}

static enum err job_start(struct job *job, struct http_request *request)
{
    request->context = job;
    request->dropped = job_dropped;
    request->url = buf_cstr(&job->url);
    enum err err = job->url.failed ? ERR_NOMEM : server_request(job->w->server, request);
    if (err != ERR_OK)
        job_park(job);
    return err;
}

static void ping_done(void *context, const struct http_reply *reply)
{
    struct job *job = context;
    job_finish(job, reply, server_pinged(job->w->server, reply, job->words), 0);
}

enum err influx_write_probe(struct influx_write *w, void *context, influx_done *done)
{
    struct job *job = job_take(w, context, done);
    if (!job)
        return ERR_NOMEM;
    struct http_request request = {.context = job, .done = ping_done, .dropped = job_dropped};
    enum err err = server_ping(w->server, &request);
    if (err != ERR_OK)
        job_park(job);
    return err;
}

static void post_done(void *context, const struct http_reply *reply)
{
    struct job *job = context;
    size_t bad_count = 0;
    server_heard(job->w->server, reply);
    enum outcome outcome =
        dialect_outcome(server_dialect(job->w->server), reply, job->lines, job->line_count,
                        job->words, job->bad, BAD_MAX, &bad_count);
    job_finish(job, reply, outcome, bad_count);
}

static enum err compress_lines(struct influx_write *w, struct text lines, struct buf *out)
{
    buf_reset(out);
    if (lines.len > UINT32_MAX || deflateReset(&w->zlib) != Z_OK)
        return ERR_TOO_LARGE;
    size_t bound = deflateBound(&w->zlib, lines.len);
    char *to = buf_reserve(out, bound);
    if (!to)
        return ERR_NOMEM;
    w->zlib.next_in = (z_const Bytef *)(uintptr_t)lines.at; /* zlib does not write there */
    w->zlib.avail_in = (uInt)lines.len;
    w->zlib.next_out = (Bytef *)to;
    w->zlib.avail_out = (uInt)bound;
    if (deflate(&w->zlib, Z_FINISH) != Z_STREAM_END)
        return ERR_NOMEM;
    out->len = bound - w->zlib.avail_out;
    return ERR_OK;
}

enum err influx_write_post(struct influx_write *w, struct text lines, size_t line_count,
                           void *context, influx_done *done)
{
    enum dialect dialect = server_dialect(w->server);
    if (dialect == DIALECT_UNKNOWN)
        return ERR_INVALID;
    struct job *job = job_take(w, context, done);
    if (!job)
        return ERR_NOMEM;
    job->lines = lines;
    job->line_count = line_count;
    struct http_request request = {.method = HTTP_POST,
                                   .body = lines,
                                   .content_type = "text/plain; charset=utf-8",
                                   .done = post_done};
    if (w->gzip) {
        enum err err = compress_lines(w, lines, &job->gzipped);
        if (err != ERR_OK) {
            job_park(job);
            return err;
        }
        request.body = buf_view(&job->gzipped);
        request.content_encoding = "gzip";
    }
    dialect_write_url(dialect, server_target(w->server), &job->url);
    return job_start(job, &request);
}

struct server *influx_write_server(struct influx_write *w)
{
    return w->server;
}

enum dialect influx_write_dialect(const struct influx_write *w)
{
    return server_dialect(w->server);
}

const char *influx_write_version(const struct influx_write *w)
{
    return server_version(w->server);
}

unsigned influx_write_parallel(const struct influx_write *w)
{
    /* 3.x answers when its log is flushed, once a second: the ceiling is batch x connections. */
    return server_dialect(w->server) == DIALECT_3 ? 4 : 1;
}
