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
    const char *org;
};

struct dialect_credentials {
    const char *username, *password, *token; /* "" for none */
};

/* dialect_from_ping tells the version by the reply to GET /ping; UNKNOWN when the reply is none of
 * InfluxDB's. 401 with a cluster-uuid or JSON error is 3.x. */
enum dialect dialect_from_ping(const struct http_reply *reply);
const char *dialect_name(enum dialect dialect); /* "1.x" ... */

/* dialect_write_url, dialect_query_url append the whole address. Names are percent-encoded. */
void dialect_write_url(enum dialect dialect, const struct dialect_target *target, struct buf *out);
void dialect_query_url(enum dialect dialect, const struct dialect_target *target, struct buf *out);

/* dialect_authorization appends the value of the Authorization header, nothing when there are no
 * credentials: Basic on 1.x, Token on 2.x, Bearer on 3.x. */
void dialect_authorization(enum dialect dialect, const struct dialect_credentials *credentials,
                           struct buf *out);

/* What became of a write. */
enum outcome {
    OUTCOME_STORED,
    OUTCOME_RETRY,    /* the server is away or busy: the same bytes again, without a bound */
    OUTCOME_RETRY_BOUNDED, /* a 5xx that may be a poison line: again a few times, then split */
    OUTCOME_FAULT,    /* 401, 403, 404, missing database or retention policy: keep, say it, slowly */
    OUTCOME_SPLIT,    /* some line is bad and the reply does not say which, or 413 */
    OUTCOME_REJECTED, /* the lines of ret_bad, the others are stored */
};

/* dialect_outcome classifies by status and body. `line_count` is the number of lines that were sent:
 * with one line SPLIT becomes REJECTED. `ret_words` gets the server's words for the log and the
 * rejects (cut at 1 KiB, one line). For 3.x `ret_bad` gets the indices (0-based) of the refused
 * lines and their words, at most `bad_max`; ret_bad_count how many. When the reply does not name all of
 * them (the 100-entry limit), the outcome is SPLIT. */
struct dialect_bad {
    uint32_t line;
    char words[256];
};
enum outcome dialect_outcome(enum dialect dialect, const struct http_reply *reply,
                             size_t line_count, char ret_words[1024], struct dialect_bad *ret_bad,
                             size_t bad_max, size_t *ret_bad_count);

#endif
