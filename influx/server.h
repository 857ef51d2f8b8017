/* One InfluxDB server as the configuration names it: address, database, credentials and, once it
 * was asked, its version. Writes, setup and queries send their requests through it, so that
 * credentials and time limits are put in at one place. */
#ifndef INFLUX_SERVER_H
#define INFLUX_SERVER_H

#include "base/settings.h"
#include "influx/dialect.h"

struct server;

/* server_http_options: how this InfluxDB is connected to (borrowed): its certificates, and its
 * timeout for connecting; how many at a time, and how long a reply, is for the caller to say. */
struct http_options server_http_options(const struct settings_influxdb *influxdb);

/* server_open borrows `http` and `settings`, and reads the credentials. With `version` in the
 * configuration the dialect is that one for good. Errors: what a secret's file gives;
 * ERR_INVALID for a retention policy where that version has none. */
enum err server_open(struct http *http, const struct settings *settings, struct server **ret_server,
                     struct err_reason *why) ERR_MUST_CHECK;
void server_close(struct server *server); /* NULL accepted; wipes the credentials */

/* server_request starts a request with the credentials of the configuration, and its time limit
 * where the request names none. */
enum err server_request(struct server *server, const struct http_request *request) ERR_MUST_CHECK;

/* server_heard must be told of each reply: after 401 and 403 the credentials are read again before
 * the next request, so that a changed secret is taken up. */
void server_heard(struct server *server, const struct http_reply *reply);

/* server_ping starts GET /ping; of `request` it uses timeout_ms, context and what is called.
 * server_pinged must be told of its reply: it takes version and
 * dialect from it, and says what it means, for a person in `ret_words`. STORED: InfluxDB is there
 * and its dialect is known; RETRY: nobody answers, or a proxy without its server; FAULT: it is not
 * InfluxDB, or one without retention policies where one is named. A dialect that is known is not
 * unlearned by a reply that says nothing. */
enum err server_ping(struct server *server, const struct http_request *request) ERR_MUST_CHECK;
enum outcome server_pinged(struct server *server, const struct http_reply *reply,
                           char ret_words[DIALECT_WORDS_SIZE]);

enum dialect server_dialect(const struct server *server);
const char *server_version(const struct server *server); /* "" when unknown */
const struct dialect_target *server_target(const struct server *server);
const struct settings_influxdb *server_settings(const struct server *server);

#endif
