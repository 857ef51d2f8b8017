/* One request of influx/http and what comes back of it, on a curl handle that is used again. For
 * influx/http alone, which says when it begins, when it ends and who is told. */
#ifndef INFLUX_HTTP_TRANSFER_H
#define INFLUX_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "base/clock.h"
#include "influx/http.h"

/* What all requests of one `struct http` have in common; files NULL for none. */
struct http_transfer_options {
    char *ca_file, *cert_file, *key_file;
    uint32_t connect_timeout_ms;
    size_t reply_max_bytes;
};

struct http_transfer {
    struct http_transfer *next; /* in the one list of `struct http` that it is in */
    const struct http_transfer_options *options;
    CURL *easy;
    struct curl_slist *headers;
    struct http_request request;
    int64_t asked_ns, deadline_ns; /* monotonic; the latter INT64_MAX for none */
    struct buf body;
    size_t read_bytes; /* of the body, also what was thrown away */
    bool begun;        /* curl has or had it */
    bool cut;
    struct buf server_version;
    struct buf error;
    int64_t retry_after_ms;
    char words[CURL_ERROR_SIZE];
};

/* http_transfer_new borrows the options; NULL without memory. It must be in no multi handle when it
 * is freed. */
struct http_transfer *http_transfer_new(const struct http_transfer_options *options);
void http_transfer_free(struct http_transfer *t); /* NULL accepted */

/* http_transfer_set takes up a request whose time runs from now on; its texts are copied. */
enum err http_transfer_set(struct http_transfer *t, const struct http_request *request,
                           int64_t now_ns) ERR_MUST_CHECK;

/* http_transfer_limit tells curl how much of the time is left; false without memory. */
bool http_transfer_limit(struct http_transfer *t, int64_t now_ns);

/* http_transfer_reply tells what became of it, `code` being curl's verdict. The texts of the reply
 * live until http_transfer_forget. */
void http_transfer_reply(struct http_transfer *t, CURLcode code, int64_t now_ns,
                         struct http_reply *ret_reply);

/* http_transfer_forget empties it for the next request, and gives a large body's memory back. */
void http_transfer_forget(struct http_transfer *t);

#endif
