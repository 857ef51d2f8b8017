#include "influx/setup.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "influx/influxql.h"
#include "influx/server.h"

#define FOREVER    0
#define UNREADABLE UINT64_MAX

/* One setup under way: a chain of requests, each reply starting the next. */
struct setup {
    struct server *server;
    void *context;
    void (*done)(void *context, const struct influx_result *result);
    uint64_t retention_s; /* as configured, FOREVER when none is */
    struct buf url, body;
    struct buf statement; /* what a person can run by hand */
    struct buf change;    /* the same, for what exists with another retention; may be empty */
    char words[DIALECT_WORDS_SIZE];
};

typedef void step_done(void *context, const struct http_reply *reply);

/* Reads a duration of InfluxQL or of Go ("365d", "1w2d", "8760h0m0s"), UNREADABLE when it is none.
 * "", "0" and "0s" are for ever. */
static uint64_t duration_s(const char *text)
{
    static const struct {
        char unit;
        uint64_t seconds;
    } units[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    uint64_t sum = 0;
    if (strcmp(text, "0") == 0)
        return FOREVER;
    while (*text) {
        uint64_t number = 0, seconds = 0;
        const char *begin = text;
        for (; *text >= '0' && *text <= '9' && number < UINT32_MAX; text++)
            number = 10 * number + (uint64_t)(*text - '0');
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (*text == units[i].unit)
                seconds = units[i].seconds;
        if (text == begin || seconds == 0)
            return UNREADABLE;
        sum += number * seconds;
        text++;
    }
    return sum;
}

static void setup_free(void *context)
{
    struct setup *setup = context;
    buf_free(&setup->url);
    buf_free(&setup->body);
    buf_free(&setup->statement);
    buf_free(&setup->change);
    free(setup);
}

static void finish(struct setup *setup, enum outcome outcome, const struct http_reply *reply)
{
    struct influx_result result = {.outcome = outcome,
                                   .status = reply->status,
                                   .words = setup->words,
                                   .retry_after_ms = reply->retry_after_ms,
                                   .elapsed_us = reply->elapsed_us};
    setup->done(setup->context, &result);
    setup_free(setup);
}

static void finish_stored(struct setup *setup, const char *what, const struct http_reply *reply)
{
    snprintf(setup->words, sizeof setup->words, "%s", what);
    finish(setup, OUTCOME_STORED, reply);
}

/* It exists; where its retention is known and another than the configured one, the words say so. */
static void finish_existing(struct setup *setup, uint64_t found_s, const struct http_reply *reply)
{
    if (setup->retention_s == FOREVER || found_s == UNREADABLE || found_s == setup->retention_s) {
        finish_stored(setup, "exists", reply);
        return;
    }
    char found[32] = "for ever";
    if (found_s != FOREVER)
        snprintf(found, sizeof found, "for %llu hours", (unsigned long long)found_s / 3600);
    snprintf(
        setup->words, sizeof setup->words,
        "exists, and keeps data %s where influxdb.retention says %s; it is left as it is%s%.500s",
        found, server_settings(setup->server)->retention,
        setup->change.len ? "; to change it: " : "",
        setup->change.len ? buf_cstr(&setup->change) : "");
    finish(setup, OUTCOME_STORED, reply);
}

/* The step failed: what the reply means for a write, it means here; a refusal gets the statement.
 */
static void finish_failed(struct setup *setup, const struct http_reply *reply, const char *error)
{
    struct dialect_bad none;
    size_t none_count;
    char said[DIALECT_WORDS_SIZE];
    enum outcome outcome = dialect_outcome(server_dialect(setup->server), reply, (struct text){0},
                                           0, said, &none, 0, &none_count);
    if (outcome == OUTCOME_RETRY_BOUNDED)
        outcome = OUTCOME_RETRY;
    if (outcome != OUTCOME_RETRY)
        outcome = OUTCOME_FAULT;
    if (outcome == OUTCOME_RETRY)
        snprintf(setup->words, sizeof setup->words, "%s", said);
    else
        snprintf(setup->words, sizeof setup->words, "%.400s; whoever may create it runs: %.500s",
                 error ? error : said, buf_cstr(&setup->statement));
    finish(setup, outcome, reply);
}

/* Starts the next request; url and body are set. Without memory it ends as something to try again.
 */
static void next_step(struct setup *setup, enum http_method method, const char *content_type,
                      step_done *done)
{
    struct http_request request = {.method = method,
                                   .url = buf_cstr(&setup->url),
                                   .body = buf_view(&setup->body),
                                   .content_type = content_type,
                                   .context = setup,
                                   .done = done,
                                   .dropped = setup_free};
    bool failed = setup->url.failed || setup->body.failed || setup->statement.failed;
    if (!failed && server_request(setup->server, &request) == ERR_OK)
        return;
    struct http_reply nothing = {.retry_after_ms = -1, .error = "out of memory"};
    snprintf(setup->words, sizeof setup->words, "%s", nothing.error);
    finish(setup, OUTCOME_RETRY, &nothing);
}

static void path(struct setup *setup, const char *path_text)
{
    buf_reset(&setup->url);
    buf_reset(&setup->body);
    dialect_url(server_target(setup->server), path_text, &setup->url);
}

static const char *database(const struct setup *setup)
{
    return server_target(setup->server)->database;
}

static cJSON *parse(const struct http_reply *reply)
{
    return reply->body.len ? cJSON_ParseWithLength(reply->body.at, reply->body.len) : NULL;
}

static const char *string_in(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
}

/* ---- 1.x: InfluxQL by form POST; an error of a statement hides in a 200. ---- */

static void query_step(struct setup *setup, const char *statement, step_done *done)
{
    path(setup, "/query");
    buf_string(&setup->body, "q=");
    dialect_url_name(statement, &setup->body);
    next_step(setup, HTTP_POST, "application/x-www-form-urlencoded", done);
}

static const cJSON *first_result(const cJSON *body)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(body, "results"), 0);
}

static const cJSON *first_series(const cJSON *body)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(first_result(body), "series"), 0);
}

static const char *policy(const struct setup *setup)
{
    return server_target(setup->server)->retention_policy;
}

static void created_1(void *context, const struct http_reply *reply)
{
    struct setup *setup = context;
    cJSON *body = parse(reply);
    const char *error = string_in(first_result(body), "error");
    server_heard(setup->server, reply);
    if (reply->status == 200 && !error)
        finish_stored(setup, "created", reply);
    else
        finish_failed(setup, reply, error);
    cJSON_Delete(body);
}

/* The row of the policy that is meant: the one that is named, or the database's default.
 * Columns: name, duration, shardGroupDuration, replicaN, default. */
static const cJSON *policy_row(const struct setup *setup, const cJSON *body)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(first_series(body), "values"))
    {
        const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(row, 0));
        bool named = *policy(setup) != '\0';
        if (named ? name && strcmp(name, policy(setup)) == 0
                  : cJSON_IsTrue(cJSON_GetArrayItem(row, 4)))
            return row;
    }
    return NULL;
}

/* CREATE or ALTER of the policy: `name` ON the database, with the duration. */
static void policy_statement(const struct setup *setup, const char *verb, const char *name,
                             struct buf *out)
{
    buf_reset(out);
    buf_printf(out, "%s RETENTION POLICY ", verb);
    influxql_identifier(text_of(name), out);
    buf_string(out, " ON ");
    influxql_identifier(text_of(database(setup)), out);
    buf_printf(out, " DURATION %s",
               setup->retention_s == FOREVER ? "INF" : server_settings(setup->server)->retention);
}

static void policies_1(void *context, const struct http_reply *reply)
{
    struct setup *setup = context;
    server_heard(setup->server, reply);
    cJSON *body = parse(reply);
    const cJSON *row = policy_row(setup, body);
    const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(row, 0));
    const char *duration = cJSON_GetStringValue(cJSON_GetArrayItem(row, 1));
    const char *error = string_in(first_result(body), "error");
    if (row && name) {
        policy_statement(setup, "ALTER", name, &setup->change);
        finish_existing(setup, duration ? duration_s(duration) : UNREADABLE, reply);
    } else if (!*policy(setup)) {
        finish_existing(setup, UNREADABLE, reply); /* it may not be looked at */
    } else {
        policy_statement(setup, "CREATE", policy(setup), &setup->statement);
        buf_string(&setup->statement, " REPLICATION 1");
        if (reply->status == 200 && !error)
            query_step(setup, buf_cstr(&setup->statement), created_1);
        else
            finish_failed(setup, reply, error);
    }
    cJSON_Delete(body);
}

static void look_for_policy_1(struct setup *setup)
{
    struct buf statement = {0};
    buf_string(&statement, "SHOW RETENTION POLICIES ON ");
    influxql_identifier(text_of(database(setup)), &statement);
    query_step(setup, buf_cstr(&statement), policies_1);
    buf_free(&statement);
}

/* The database is there now; a policy that is named is not, unless it is the automatic one. */
static void database_made_1(void *context, const struct http_reply *reply)
{
    struct setup *setup = context;
    cJSON *body = parse(reply);
    const char *error = string_in(first_result(body), "error");
    if (reply->status == 200 && !error && *policy(setup))
        look_for_policy_1(setup);
    else
        created_1(setup, reply);
    cJSON_Delete(body);
}

static void listed_1(void *context, const struct http_reply *reply)
{
    struct setup *setup = context;
    server_heard(setup->server, reply);
    if (reply->status != 200) {
        finish_failed(setup, reply, NULL);
        return;
    }
    bool exists = false;
    cJSON *body = parse(reply);
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(first_series(body), "values"))
    {
        const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(row, 0));
        exists = exists || (name && strcmp(name, database(setup)) == 0);
    }
    cJSON_Delete(body);
    if (exists)
        look_for_policy_1(setup);
    else
        query_step(setup, buf_cstr(&setup->statement), database_made_1);
}

/* A policy that is named is made by a statement of its own, so that it does not become the default
 * one of a database that others use too. */
static void start_1(struct setup *setup)
{
    buf_string(&setup->statement, "CREATE DATABASE ");
    influxql_identifier(text_of(database(setup)), &setup->statement);
    if (setup->retention_s != FOREVER && !*policy(setup))
        buf_printf(&setup->statement, " WITH DURATION %s",
                   server_settings(setup->server)->retention);
    query_step(setup, "SHOW DATABASES", listed_1);
}

/* ---- 2.x: buckets. ---- */

static void created_2(void *context, const struct http_reply *reply)
{
    struct setup *setup = context;
    server_heard(setup->server, reply);
    if (reply->status == 201)
        finish_stored(setup, "created", reply);
    else if (reply->status == 422) /* made by somebody else meanwhile */
        finish_stored(setup, "exists", reply);
    else
        finish_failed(setup, reply, NULL);
}

/* Only one organization can be meant: the one that is named, or the only one there is. */
static void organized_2(void *context, const struct http_reply *reply)
{
    struct setup *setup = context;
    server_heard(setup->server, reply);
    cJSON *body = parse(reply);
    const cJSON *orgs = cJSON_GetObjectItem(body, "orgs");
    const char *id = string_in(cJSON_GetArrayItem(orgs, 0), "id");
    if (reply->status != 200 || !id || cJSON_GetArraySize(orgs) != 1) {
        const char *error = reply->status == 200 ? "influxdb.org names no organization that the "
                                                   "token may see"
                                                 : NULL;
        finish_failed(setup, reply, error);
        cJSON_Delete(body);
        return;
    }
    path(setup, "/api/v2/buckets");
    buf_string(&setup->body, "{\"orgID\":");
    buf_json_text(&setup->body, text_of(id));
    buf_string(&setup->body, ",\"name\":");
    buf_json_text(&setup->body, text_of(database(setup)));
    buf_string(&setup->body, ",\"retentionRules\":[");
    if (setup->retention_s != FOREVER)
        buf_printf(&setup->body, "{\"type\":\"expire\",\"everySeconds\":%llu}",
                   (unsigned long long)setup->retention_s);
    buf_string(&setup->body, "]}");
    cJSON_Delete(body);
    next_step(setup, HTTP_POST, "application/json", created_2);
}

static void look_for_org_2(struct setup *setup)
{
    const char *org = server_target(setup->server)->org;
    path(setup, *org ? "/api/v2/orgs?org=" : "/api/v2/orgs");
    dialect_url_name(org, &setup->url);
    next_step(setup, HTTP_GET, NULL, organized_2);
}

static void listed_2(void *context, const struct http_reply *reply)
{
    struct setup *setup = context;
    server_heard(setup->server, reply);
    if (reply->status != 200 && reply->status != 404) {
        finish_failed(setup, reply, NULL);
        return;
    }
    cJSON *body = parse(reply);
    const cJSON *bucket = cJSON_GetArrayItem(cJSON_GetObjectItem(body, "buckets"), 0);
    bool exists = reply->status == 200 && bucket;
    const cJSON *rule = cJSON_GetArrayItem(cJSON_GetObjectItem(bucket, "retentionRules"), 0);
    const cJSON *every = cJSON_GetObjectItem(rule, "everySeconds");
    double found_s = cJSON_IsNumber(every) ? every->valuedouble : FOREVER;
    cJSON_Delete(body);
    if (exists)
        finish_existing(setup, found_s >= 0 && found_s < 1e12 ? (uint64_t)found_s : UNREADABLE,
                        reply);
    else
        look_for_org_2(setup);
}

static void start_2(struct setup *setup)
{
    const char *org = server_target(setup->server)->org;
    buf_printf(&setup->statement, "influx bucket create --name '%s' --org '%s'", database(setup),
               org);
    if (setup->retention_s != FOREVER)
        buf_printf(&setup->statement, " --retention %llus", (unsigned long long)setup->retention_s);
    path(setup, "/api/v2/buckets?name=");
    dialect_url_name(database(setup), &setup->url);
    if (*org) {
        buf_string(&setup->url, "&org=");
        dialect_url_name(org, &setup->url);
    }
    next_step(setup, HTTP_GET, NULL, listed_2);
}

/* ---- 3.x: one request; 409 says that the database is there. ---- */

static void created_3(void *context, const struct http_reply *reply)
{
    struct setup *setup = context;
    server_heard(setup->server, reply);
    if (reply->status == 200 || reply->status == 201 || reply->status == 204)
        finish_stored(setup, "created", reply);
    else if (reply->status == 409)
        finish_stored(setup, "exists", reply);
    else
        finish_failed(setup, reply, NULL);
}

static void start_3(struct setup *setup)
{
    buf_string(&setup->statement, "influxdb3 create database");
    path(setup, "/api/v3/configure/database");
    buf_string(&setup->body, "{\"db\":");
    buf_json_text(&setup->body, text_of(database(setup)));
    if (setup->retention_s != FOREVER) {
        buf_printf(&setup->statement, " --retention-period %llus",
                   (unsigned long long)setup->retention_s);
        buf_printf(&setup->body, ",\"retention_period\":\"%llus\"",
                   (unsigned long long)setup->retention_s);
    }
    buf_printf(&setup->statement, " '%s'", database(setup));
    buf_char(&setup->body, '}');
    next_step(setup, HTTP_POST, "application/json", created_3);
}

enum err influx_setup_start(struct influx_write *w, void *context,
                            void (*done)(void *context, const struct influx_result *result))
{
    static void (*const starts[])(struct setup *) = {
        [DIALECT_UNKNOWN] = NULL,
        [DIALECT_1] = start_1,
        [DIALECT_2] = start_2,
        [DIALECT_3] = start_3,
    };
    struct server *server = influx_write_server(w);
    const char *retention = server_settings(server)->retention;
    uint64_t retention_s = duration_s(retention ? retention : "");
    if (!starts[server_dialect(server)] || retention_s == UNREADABLE)
        return ERR_INVALID;
    struct setup *setup = calloc(1, sizeof *setup);
    if (!setup)
        return ERR_NOMEM;
    setup->server = server;
    setup->context = context;
    setup->done = done;
    setup->retention_s = retention_s;
    starts[server_dialect(server)](setup);
    return ERR_OK;
}
