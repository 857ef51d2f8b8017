#include "cli/refusals.h"

#include <stdlib.h>

#include "writer/decoders/reject.h"
#include "writer/rejects.h"

static bool take(void *context, const struct rejected *message, struct text line)
{
    struct refusals *r = context;
    (void)line;
    if (message->time_ns < r->since_ns ||
        !text_equal(message->reason, text_of(reject_id(REJECT_SERVER))))
        return true;
    if (r->count == r->capacity) {
        size_t wanted = r->capacity ? r->capacity * 2 : 64;
        int64_t *more = realloc(r->arrivals, wanted * sizeof *more);
        if (!more)
            return false;
        r->arrivals = more;
        r->capacity = wanted;
    }
    r->arrivals[r->count++] = message->time_ns;
    return true;
}

void refusals_look(struct refusals *r)
{
    struct stat now;
    if (stat(r->path, &now) != 0)
        return;
    if (now.st_ino == r->seen.st_ino && now.st_size == r->seen.st_size)
        return;
    r->seen = now;
    r->count = 0;
    if (rejects_walk(r->path, r, take, NULL) != ERR_OK)
        r->seen = (struct stat){0}; /* again at the next look */
}

bool refusals_hold(const struct refusals *r, int64_t arrival_ns)
{
    for (size_t i = r->count; i > 0; i--)
        if (r->arrivals[i - 1] == arrival_ns)
            return true;
    return false;
}

void refusals_free(struct refusals *r)
{
    free(r->arrivals);
    *r = (struct refusals){0};
}
