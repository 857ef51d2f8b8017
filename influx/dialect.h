/* What differs between InfluxDB 1.x, 2.x and 3.x: paths, the form of the credentials, and what a
 * reply means. Pure. The facts are in docs/influxdb.md, with what was run and what was read. */
#ifndef INFLUX_DIALECT_H
#define INFLUX_DIALECT_H

#include "base/buf.h"
#include "influx/http.h"

enum dialect { DIALECT_UNKNOWN, DIALECT_1, DIALECT_2, DIALECT_3 };

struct dialect_target {
    const char *url; /* http(s)://host:port, with or without a path and a slash at the end */
    const char *database;
    const char *retention_policy; /* 1.x; NULL or "" for the database's default */
    const char *org;
};

struct dialect_credentials {
    const char *username, *password, *token; /* "" for none */
};

/* dialect_from_ping tells the version by the reply to GET /ping: its header, else its JSON (3.0 has
 * no header). 401 without a header, and with a JSON error or nothing as its body, is 3.x, which
 * asks for a token even there. UNKNOWN when the reply is none of InfluxDB's. */
enum dialect dialect_from_ping(const struct http_reply *reply);
const char *dialect_name(enum dialect dialect); /* "1.x" ... */

/* dialect_write_url, dialect_query_url append the whole address. Names are percent-encoded. */
void dialect_write_url(enum dialect dialect, const struct dialect_target *target, struct buf *out);
void dialect_query_url(enum dialect dialect, const struct dialect_target *target, struct buf *out);

/* dialect_url appends the server's address and a path that begins with a slash, dialect_url_name a
 * percent-encoded name. */
void dialect_url(const struct dialect_target *target, const char *path, struct buf *out);
void dialect_url_name(const char *name, struct buf *out);

/* dialect_query_form appends the form that asks one statement of the target's database, with times
 * in ms, to be posted to dialect_query_url. A bucket of 2.x whose name has a slash is a database
 * and a retention policy there. */
void dialect_query_form(enum dialect dialect, const struct dialect_target *target,
                        struct text statement, struct buf *out);

/* dialect_authorization appends the value of the Authorization header, nothing when there are no
 * credentials or the dialect is unknown: Basic on 1.x, Token on 2.x, Bearer on 3.x. Where only
 * the other kind of credential is given, it is used: a token on 1.x is a JWT, and a password is
 * taken as the token by 3.x and by the older paths of 2.x. */
void dialect_authorization(enum dialect dialect, const struct dialect_credentials *credentials,
                           struct buf *out);

#define DIALECT_WORDS_SIZE 1024

/* dialect_words writes what a reply that is no success says, as one line: the server's words, else
 * those of curl, else the status. */
void dialect_words(const struct http_reply *reply, char ret_words[DIALECT_WORDS_SIZE]);

/* What became of a write. */
enum outcome {
    OUTCOME_STORED,
    OUTCOME_RETRY,         /* the server is away or busy: the same bytes again, without a bound */
    OUTCOME_RETRY_BOUNDED, /* a 5xx that may be a poison line: again a few times, then split */
    OUTCOME_FAULT, /* 401, 403, 404, missing database or retention policy: keep, say it, slowly */
    OUTCOME_SPLIT, /* some line is bad and the reply does not say which, or 413 */
    OUTCOME_REJECTED, /* the lines of ret_bad, the others are stored */
};

/* A line that was refused: its index in what was sent, from 0, and the server's words. */
struct dialect_bad {
    uint32_t line;
    char words[256];
};
/* dialect_outcome classifies by status and body. `sent` is the body as it was before gzip, with
 * `line_count` lines: with one line SPLIT becomes REJECTED. `ret_words` gets the server's words for
 * the log and the rejects (cut at 1 KiB, one line); a body's phrases count only where the server
 * puts them, at the start, because what follows them can be a stranger's. When REJECTED, `ret_bad`
 * gets the lines, ret_bad_count how many. 3.x names them: each name is held against `sent` (line
 * numbers are wrong in some versions), and when one does not fit, when they are more than
 * `bad_max`, or as many as 3.x names at most (100), the outcome is SPLIT. */
enum outcome dialect_outcome(enum dialect dialect, const struct http_reply *reply, struct text sent,
                             size_t line_count, char ret_words[DIALECT_WORDS_SIZE],
                             struct dialect_bad *ret_bad, size_t bad_max, size_t *ret_bad_count);
const char *dialect_outcome_name(enum outcome outcome); /* "stored" ... */

#endif
