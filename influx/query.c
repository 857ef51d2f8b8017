#include "influx/query.h"

#include <stdio.h>
#include <stdlib.h>

/* Finds nothing, as nobody writes there; but needs the database and the right to read it. SHOW
 * MEASUREMENTS would not do: 1.x answers it for a database that does not exist. */
#define PROBE_STATEMENT TEXT("SELECT * FROM \"hearthline_probe\" WHERE time > now() - 1m LIMIT 1")

struct influx_query {
    struct server *server;
    unsigned under_way;
};

/* One statement under way, or one probe. */
struct ask {
    struct influx_query *query;
    void *context;
    influx_query_done *done;
    uint32_t timeout_ms;
    struct buf form;
    char words[DIALECT_WORDS_SIZE];
};

enum err influx_query_open(struct server *server, struct influx_query **ret_query,
                           struct err_reason *why)
{
    struct influx_query *query = calloc(1, sizeof *query);
    if (!query)
        return err_explain(why, ERR_NOMEM, "no memory for asking InfluxDB");
    query->server = server;
    *ret_query = query;
    return ERR_OK;
}

void influx_query_close(struct influx_query *query)
{
    free(query);
}

unsigned influx_query_under_way(const struct influx_query *query)
{
    return query->under_way;
}

struct table *influx_answer_take(struct influx_answer *answer)
{
    struct table *table = answer->table;
    answer->table = NULL;
    return table;
}

static struct ask *ask_new(struct influx_query *query, uint32_t timeout_ms, void *context,
                           influx_query_done *done)
{
    struct ask *ask = calloc(1, sizeof *ask);
    if (!ask)
        return NULL;
    ask->query = query;
    ask->timeout_ms = timeout_ms ? timeout_ms : server_settings(query->server)->timeout_ms;
    ask->context = context;
    ask->done = done;
    query->under_way++;
    return ask;
}

static void ask_free(struct ask *ask)
{
    buf_free(&ask->form);
    free(ask);
}

static void ask_dropped(void *context)
{
    struct ask *ask = context;
    ask->query->under_way--;
    ask_free(ask);
}

static void ask_finish(struct ask *ask, const struct http_reply *reply, enum err outcome,
                       struct table *table)
{
    struct influx_answer answer = {.outcome = outcome,
                                   .table = table,
                                   .words = outcome == ERR_OK ? "" : ask->words,
                                   .version = server_version(ask->query->server),
                                   .status = reply->status,
                                   .elapsed_us = reply->elapsed_us};
    ask->query->under_way--;
    ask->done(ask->context, &answer);
    table_free(answer.table);
    ask_free(ask);
}

/* A status that says that InfluxDB is away or busy, and nothing about the statement. */
static bool is_away(long status)
{
    static const long away[] = {408, 429, 502, 503, 504};
    for (size_t i = 0; i < sizeof away / sizeof *away; i++)
        if (status == away[i])
            return true;
    return false;
}

/* What a reply without a result means; OK when it may have one. */
static enum err judge_status(const struct http_reply *reply, char words[DIALECT_WORDS_SIZE])
{
    if (reply->status == 200)
        return ERR_OK;
    if (reply->status != 0 && reply->status < 400) {
        snprintf(words, DIALECT_WORDS_SIZE, "HTTP status %ld is no answer of InfluxDB",
                 reply->status);
        return ERR_INVALID;
    }
    dialect_words(reply, words);
    if (reply->status == 0)
        return reply->timed_out ? ERR_TIMEOUT : ERR_IO;
    return is_away(reply->status) ? ERR_IO : ERR_REFUSED;
}

static void ask_done(void *context, const struct http_reply *reply)
{
    struct ask *ask = context;
    struct table *table = NULL;
    struct err_reason why = {""};
    server_heard(ask->query->server, reply);
    enum err outcome = judge_status(reply, ask->words);
    if (outcome == ERR_OK) {
        outcome = reply->cut ? err_explain(&why, ERR_TOO_LARGE,
                                           "the answer is longer than %zu bytes", reply->body.len)
                             : table_read(reply->body, &table, &why);
        snprintf(ask->words, sizeof ask->words, "%s", why.text);
    }
    ask_finish(ask, reply, outcome, table);
}

static enum err ask_start(struct ask *ask, const struct settings_destination *destination,
                          struct text statement, uint32_t timeout_ms)
{
    struct server *server = ask->query->server;
    struct dialect_target target = *server_target(server);
    struct buf url = {0};
    if (destination) {
        target.database = destination->database;
        target.retention_policy = destination->retention_policy;
    }
    dialect_query_url(server_dialect(server), &target, &url);
    dialect_query_form(server_dialect(server), &target, statement, &ask->form);
    struct http_request request = {.method = HTTP_POST,
                                   .url = buf_cstr(&url),
                                   .body = buf_view(&ask->form),
                                   .content_type = "application/x-www-form-urlencoded",
                                   .accept = "application/json",
                                   .timeout_ms = timeout_ms,
                                   .context = ask,
                                   .done = ask_done,
                                   .dropped = ask_dropped};
    enum err err = url.failed || ask->form.failed ? ERR_NOMEM : server_request(server, &request);
    buf_free(&url);
    return err;
}

enum err influx_query_ask(struct influx_query *query, struct text statement, uint32_t timeout_ms,
                          void *context, influx_query_done *done)
{
    return influx_query_ask_at(query, NULL, statement, timeout_ms, context, done);
}

enum err influx_query_ask_at(struct influx_query *query,
                             const struct settings_destination *destination, struct text statement,
                             uint32_t timeout_ms, void *context, influx_query_done *done)
{
    if (server_dialect(query->server) == DIALECT_UNKNOWN)
        return ERR_UNSUPPORTED;
    struct ask *ask = ask_new(query, timeout_ms, context, done);
    if (!ask)
        return ERR_NOMEM;
    enum err err = ask_start(ask, destination, statement, ask->timeout_ms);
    if (err != ERR_OK)
        ask_dropped(ask);
    return err;
}

/* The ping's reply: goes on to the database when InfluxDB is there and time is left. */
static void ping_done(void *context, const struct http_reply *reply)
{
    struct ask *ask = context;
    enum outcome outcome = server_pinged(ask->query->server, reply, ask->words);
    uint32_t used_ms = reply->elapsed_us / 1000;
    enum err err = outcome == OUTCOME_FAULT ? ERR_INVALID : ERR_IO;
    if (reply->status == 0 && reply->timed_out) {
        err = ERR_TIMEOUT;
    } else if (outcome == OUTCOME_STORED) {
        bool left = used_ms < ask->timeout_ms;
        err = left ? ask_start(ask, NULL, PROBE_STATEMENT, ask->timeout_ms - used_ms) : ERR_TIMEOUT;
        if (err == ERR_OK)
            return;
        snprintf(ask->words, sizeof ask->words, "%s", err_text(err));
    }
    ask_finish(ask, reply, err, NULL);
}

enum err influx_query_probe(struct influx_query *query, uint32_t timeout_ms, void *context,
                            influx_query_done *done)
{
    struct ask *ask = ask_new(query, timeout_ms, context, done);
    if (!ask)
        return ERR_NOMEM;
    struct http_request request = {
        .timeout_ms = ask->timeout_ms, .context = ask, .done = ping_done, .dropped = ask_dropped};
    enum err err = server_ping(query->server, &request);
    if (err != ERR_OK)
        ask_dropped(ask);
    return err;
}
