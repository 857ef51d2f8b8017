/* The configuration read again on a running service (SIGHUP, or POST /-/reload at the metrics
 * address): alert rules, standing questions, the bounds of answering, and the flags. A file that is
 * wrong is refused whole. What else changed takes effect at the next start, and is named. */
#ifndef QUERY_RELOAD_H
#define QUERY_RELOAD_H

#include "base/log.h"
#include "query-service/endpoints/endpoint.h"

struct reload {
    const char *path;               /* borrowed, as the next */
    const struct settings *running; /* what the service was opened with */
    struct log *log;
    /* Owned: read and not in use yet, in use (NULL: `running`), and not in use any more. */
    struct settings *next, *now, *retired;
};

/* reload_read reads the file. False when it is refused; the words go to the log and, as JSON, to
 * `out` (NULL for nobody; base/reload_answer.h). */
bool reload_read(struct reload *reload, const struct endpoint_world *world, struct buf *out);

/* reload_take: what was read, `next`, is in use from now on. What was in use before is freed by
 * reload_retire, when nothing can point into it any more. */
void reload_take(struct reload *reload);
void reload_retire(struct reload *reload);
void reload_free(struct reload *reload);

#endif
