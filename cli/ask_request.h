/* The request that the words of a command line say: KEY=VALUE each, and NAME.KEY=VALUE for the
 * members of an object (tags.room=attic). Pure.
 *
 * A value is what the endpoint takes under its key; where that is not known (another endpoint, an
 * unknown key) it is what it looks like: true, false, a number of JSON, else text. Whether it is
 * right is for the query service to say. */
#ifndef CLI_ASK_REQUEST_H
#define CLI_ASK_REQUEST_H

#include "base/buf.h"
#include "base/err.h"

/* ask_request appends the request as JSON. ERR_INVALID: a word without a key, or text that is not
 * UTF-8. ERR_NOMEM. */
enum err ask_request(const char *endpoint, const char *const *words, size_t count, struct buf *out,
                     struct err_reason *why) ERR_MUST_CHECK;

/* A request member by member: ask_request_text adds a text, or nothing when there is none (at is
 * NULL), ask_request_json any JSON value; ask_request_end ends it. They begin with an empty buffer.
 */
void ask_request_text(const char *key, struct text value, struct buf *out);
void ask_request_json(const char *key, struct text json, struct buf *out);
void ask_request_end(struct buf *out);

#endif
