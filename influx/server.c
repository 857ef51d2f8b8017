#include "influx/server.h"

#include <stdio.h>
#include <stdlib.h>

struct server {
    struct http *http;
    const struct settings *settings;
    struct dialect_target target;
    enum dialect dialect;
    bool dialect_given; /* by the configuration */
    bool stale;         /* the credentials were refused */
    char version[64];
    char token[4097], password[4097];
};

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static enum err read_credentials(struct server *server, struct err_reason *why)
{
    enum err err = settings_influx_token(server->settings, server->token, why);
    if (err != ERR_OK)
        return err;
    return settings_secret(or_empty(server->settings->influxdb.password_file), server->password,
                           why);
}

struct http_options server_http_options(const struct settings_influxdb *influxdb)
{
    return (struct http_options){.ca_file = influxdb->ca_file,
                                 .cert_file = influxdb->cert_file,
                                 .key_file = influxdb->key_file,
                                 .connect_timeout_ms = influxdb->timeout_ms};
}

/* Left out of the address it would be passed over in silence, and all would go elsewhere. */
static bool policy_unknown(const struct server *server)
{
    return server->dialect != DIALECT_UNKNOWN && server->dialect != DIALECT_1 &&
           server->target.retention_policy[0] != '\0';
}

static void policy_words(const struct server *server, char *words, size_t size)
{
    snprintf(
        words, size,
        "retention_policy: only InfluxDB 1.x has them, and this is %s; leave \"%.100s\" out and "
        "name a bucket or database with that retention instead",
        dialect_name(server->dialect), server->target.retention_policy);
}

enum err server_open(struct http *http, const struct settings *settings, struct server **ret_server,
                     struct err_reason *why)
{
    static const enum dialect given[] = {
        [SETTINGS_INFLUX_AUTO] = DIALECT_UNKNOWN,
        [SETTINGS_INFLUX_1] = DIALECT_1,
        [SETTINGS_INFLUX_2] = DIALECT_2,
        [SETTINGS_INFLUX_3] = DIALECT_3,
    };
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return err_explain(why, ERR_NOMEM, "no memory for InfluxDB");
    server->http = http;
    server->settings = settings;
    server->target =
        (struct dialect_target){.url = or_empty(settings->influxdb.url),
                                .database = or_empty(settings->influxdb.database),
                                .retention_policy = or_empty(settings->influxdb.retention_policy),
                                .org = or_empty(settings->influxdb.org)};
    server->dialect = given[settings->influxdb.version];
    server->dialect_given = server->dialect != DIALECT_UNKNOWN;
    char words[DIALECT_WORDS_SIZE];
    enum err err = read_credentials(server, why);
    if (err == ERR_OK && policy_unknown(server)) {
        policy_words(server, words, sizeof words);
        err = err_explain(why, ERR_INVALID, "influxdb: %s", words);
    }
    if (err != ERR_OK) {
        server_close(server);
        return err;
    }
    *ret_server = server;
    return ERR_OK;
}

void server_close(struct server *server)
{
    if (!server)
        return;
    explicit_bzero(server->token, sizeof server->token);
    explicit_bzero(server->password, sizeof server->password);
    free(server);
}

enum err server_request(struct server *server, const struct http_request *request)
{
    /* A file that cannot be read just now leaves the old secret: the server will say no again. */
    if (server->stale && read_credentials(server, NULL) == ERR_OK)
        server->stale = false;
    struct dialect_credentials credentials = {.username =
                                                  or_empty(server->settings->influxdb.username),
                                              .password = server->password,
                                              .token = server->token};
    struct buf authorization = {0};
    dialect_authorization(server->dialect, &credentials, &authorization);
    struct http_request whole = *request;
    whole.authorization = authorization.len ? buf_cstr(&authorization) : NULL;
    if (whole.timeout_ms == 0)
        whole.timeout_ms = server->settings->influxdb.timeout_ms;
    enum err err = authorization.failed ? ERR_NOMEM : http_start(server->http, &whole);
    if (authorization.data)
        explicit_bzero(authorization.data, authorization.len);
    buf_free(&authorization);
    return err;
}

void server_heard(struct server *server, const struct http_reply *reply)
{
    if (reply->status == 401 || reply->status == 403)
        server->stale = true;
}

static void learn(struct server *server, const struct http_reply *ping)
{
    enum dialect dialect = dialect_from_ping(ping);
    if (dialect != DIALECT_UNKNOWN && !server->dialect_given)
        server->dialect = dialect;
    size_t len = ping->server_version.len;
    if (len == 0 || len >= sizeof server->version)
        return;
    memcpy(server->version, ping->server_version.at, len);
    server->version[len] = '\0';
}

enum err server_ping(struct server *server, const struct http_request *request)
{
    struct buf url = {0};
    dialect_url(&server->target, "/ping", &url);
    struct http_request ping = *request;
    ping.method = HTTP_GET;
    ping.url = buf_cstr(&url);
    enum err err = url.failed ? ERR_NOMEM : server_request(server, &ping);
    buf_free(&url);
    return err;
}

/* What a reply to GET /ping means. Anything below 500 shows that somebody is there; whether it is
 * InfluxDB only matters as long as the dialect is not known. */
static enum outcome ping_outcome(const struct server *server, const struct http_reply *reply)
{
    if (reply->status == 0 || reply->status >= 500 || reply->status == 408 || reply->status == 429)
        return OUTCOME_RETRY;
    return server->dialect == DIALECT_UNKNOWN ? OUTCOME_FAULT : OUTCOME_STORED;
}

enum outcome server_pinged(struct server *server, const struct http_reply *reply,
                           char ret_words[DIALECT_WORDS_SIZE])
{
    server_heard(server, reply);
    learn(server, reply);
    enum outcome outcome = ping_outcome(server, reply);
    if (outcome == OUTCOME_STORED && policy_unknown(server)) {
        policy_words(server, ret_words, DIALECT_WORDS_SIZE);
        return OUTCOME_FAULT;
    }
    if (reply->status == 0)
        snprintf(ret_words, DIALECT_WORDS_SIZE, "%s", reply->error);
    else if (outcome == OUTCOME_STORED)
        snprintf(ret_words, DIALECT_WORDS_SIZE, "InfluxDB %s", server->version);
    else
        snprintf(ret_words, DIALECT_WORDS_SIZE,
                 "GET /ping answers %ld and names no InfluxDB version%s", reply->status,
                 outcome == OUTCOME_FAULT
                     ? ": is influxdb.url right? Else set influxdb.version to 1, 2 or 3"
                     : "");
    return outcome;
}

enum dialect server_dialect(const struct server *server)
{
    return server->dialect;
}

const char *server_version(const struct server *server)
{
    return server->version;
}

const struct dialect_target *server_target(const struct server *server)
{
    return &server->target;
}

const struct settings_influxdb *server_settings(const struct server *server)
{
    return &server->settings->influxdb;
}
