/* One kept-alive connection to an HTTP server, and one POST at a time on it, as plainly as it can
 * be done. Of the answer only the end is found, and whether it was a 200. */
#ifndef BENCH_POSTER_H
#define BENCH_POSTER_H

#include <stdbool.h>

#include "bytes.h"

struct poster {
    int descriptor;
    struct bytes out, in;
    size_t body_at, body_len; /* of a whole answer, with its chunk lengths when it came in chunks */
    char why[200];
};

bool poster_open(struct poster *poster, const char *host, const char *port);

/* poster_post writes the whole request; poster_read takes what has arrived, and tells in ret_done
 * whether the answer is whole. False when it went wrong: why has the words. */
bool poster_post(struct poster *poster, const char *path, const struct bytes *form);
bool poster_read(struct poster *poster, bool *ret_done);
void poster_close(struct poster *poster);

/* poster_form_value appends a text as a form's value (application/x-www-form-urlencoded). */
void poster_form_value(struct bytes *form, const char *text, size_t len);

#endif
