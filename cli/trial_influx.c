#include "cli/trial_influx.h"

#include <stdio.h>

#include "influx/server.h"
#include "influx/setup.h"
#include "influx/write.h"

enum { REPLY_MAX_BYTES = 256 * 1024, WAIT_MS = 1000, HTTP_UNAUTHORIZED = 401 };

/* What one question came to. */
struct answer {
    bool there;
    enum outcome outcome;
    long status;
    char words[1024];
};

static void take(void *context, const struct influx_result *result)
{
    struct answer *answer = context;
    answer->there = true;
    answer->outcome = result->outcome;
    answer->status = result->status;
    snprintf(answer->words, sizeof answer->words, "%s", result->words);
}

static enum err await(struct http *http, enum err started, struct answer *answer)
{
    while (!started && !answer->there)
        http_wait(http, NULL, 0, WAIT_MS);
    return started;
}

static enum err ask_version(struct http *http, struct influx_write *w, const char *url,
                            struct trial_influx *found, struct err_reason *why)
{
    struct answer answer = {0};
    enum err e = await(http, influx_write_probe(w, &answer, take), &answer);
    if (e)
        return e;
    if (answer.outcome != OUTCOME_STORED)
        return err_explain(why, ERR_CLOSED, "no InfluxDB at %s: %s", url, answer.words);
    snprintf(found->version, sizeof found->version, "%s", influx_write_version(w));
    found->dialect = dialect_name(influx_write_dialect(w));
    return ERR_OK;
}

static enum err ask_database(struct http *http, struct influx_write *w, const char *url,
                             struct trial_influx *found, struct err_reason *why)
{
    struct answer answer = {0};
    enum err e = await(http, influx_setup_start(w, &answer, take), &answer);
    if (e)
        return e;
    if (answer.status == HTTP_UNAUTHORIZED || answer.outcome == OUTCOME_RETRY)
        return err_explain(why, ERR_REFUSED, "InfluxDB at %s %s: %s", url,
                           answer.status == HTTP_UNAUTHORIZED ? "refuses the credentials"
                                                              : "does not answer as it should",
                           answer.words);
    found->database_ready = answer.outcome == OUTCOME_STORED;
    snprintf(found->database, sizeof found->database, "%s", answer.words);
    return ERR_OK;
}

/* A body without a line is judged by the rights alone: whatever else is wrong with it, only a fault
 * means that writing is not allowed. */
static enum err ask_writing(struct http *http, struct influx_write *w, struct trial_influx *found)
{
    struct answer answer = {0};
    enum err e =
        await(http, influx_write_post(w, TEXT("# hearthline init\n"), 1, &answer, take), &answer);
    if (e)
        return e;
    found->may_write = answer.outcome != OUTCOME_FAULT && answer.outcome != OUTCOME_RETRY;
    snprintf(found->refusal, sizeof found->refusal, "%s", answer.words);
    return ERR_OK;
}

enum err trial_influx(const struct settings *settings, struct trial_influx *ret_found,
                      struct err_reason *why)
{
    const struct settings_influxdb *s = &settings->influxdb;
    struct http_options options = server_http_options(s);
    struct trial_influx found = {.dialect = ""};
    struct http *http = NULL;
    struct influx_write *w = NULL;
    options.reply_max_bytes = REPLY_MAX_BYTES;
    options.connections = 1;
    enum err e = http_open(&options, &http, why);
    if (!e)
        e = influx_write_open(http, settings, &w, why);
    if (!e)
        e = ask_version(http, w, s->url, &found, why);
    if (!e)
        e = ask_database(http, w, s->url, &found, why);
    if (!e && found.database_ready)
        e = ask_writing(http, w, &found);
    if (!e)
        *ret_found = found;
    if (http)
        http_cancel_all(http);
    influx_write_close(w);
    http_close(http);
    return e;
}
