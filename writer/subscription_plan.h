/* Which filters the intake subscribes, and under which identifier.
 *
 * Subscription Identifiers are given once per (decoder, filter), kept in a file beside the journal
 * and never used again, because a message that waits at the broker keeps the identifier under which
 * it was queued. A filter that another one subsumes is not subscribed. What the file knows and the
 * configuration no longer has is to be unsubscribed. Our own topics are one subscription, ROOT/#.
 */
#ifndef WRITER_SUBSCRIPTION_PLAN_H
#define WRITER_SUBSCRIPTION_PLAN_H

#include "bus/client.h"
#include "writer/decoders/source.h"

struct subscription_plan {
    struct bus_subscription *list; /* for bus_client_subscribe; filters are owned by `plain` */
    size_t count;
    char **gone; /* to be unsubscribed */
    size_t gone_count;
    char **plain;
    size_t plain_count;
};

/* subscriptions_plan reads and, where something is new, rewrites the file at `path`. ERR_IO,
 * ERR_CORRUPT with the file and line in `why`. */
enum err subscription_plan_make(const char *path, const char *topic_root,
                                const struct sources *sources, struct subscription_plan *ret_plan,
                                struct err_reason *why) ERR_MUST_CHECK;
void subscription_plan_free(struct subscription_plan *plan);

#endif
