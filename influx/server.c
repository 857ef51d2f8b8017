#include "influx/server.h"

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
    server->target = (struct dialect_target){.url = or_empty(settings->influxdb.url),
                                             .database = or_empty(settings->influxdb.database),
                                             .org = or_empty(settings->influxdb.org)};
    server->dialect = given[settings->influxdb.version];
    server->dialect_given = server->dialect != DIALECT_UNKNOWN;
    enum err err = read_credentials(server, why);
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

void server_learn(struct server *server, const struct http_reply *ping)
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
