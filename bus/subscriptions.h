/* Which filters a client wants, which ones its session shall lose, and what of that this
 * connection was told already. Belongs to the owner's loop. */
#ifndef BUS_SUBSCRIPTIONS_H
#define BUS_SUBSCRIPTIONS_H

#include "bus/client.h"

struct subscriptions_wanted {
    struct bus_subscription what; /* filter is owned */
    bool sent;
};

struct subscriptions_unwanted {
    char *filter;
    bool sent;
};

/* A zeroed struct is an empty one. */
struct subscriptions {
    struct subscriptions_wanted *wanted;
    size_t wanted_count;
    struct subscriptions_unwanted *unwanted;
    size_t unwanted_count;
};

/* subscriptions_set replaces what is wanted (copied). Filters that no longer are become unwanted,
 * an entry that stays as it was is not sent again. ERR_INVALID: a filter that filter_check refuses
 * or that a broker would answer with a disconnect (a name at a '+', QoS over 2, an identifier over
 * 268,435,455, No Local on a shared subscription), or one filter twice. On failure nothing has
 * changed. */
enum err subscriptions_set(struct subscriptions *s, const struct bus_subscription *list,
                           size_t count) ERR_MUST_CHECK;

/* subscriptions_drop makes the filter unwanted. */
enum err subscriptions_drop(struct subscriptions *s, const char *filter) ERR_MUST_CHECK;

/* subscriptions_forget_sent: a new connection was told nothing yet. */
void subscriptions_forget_sent(struct subscriptions *s);

void subscriptions_free(struct subscriptions *s);

#endif
