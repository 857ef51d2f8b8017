#include "bus/subscriptions.h"

#include <stdlib.h>
#include <string.h>

#include "bus/filter.h"

#define SUBSCRIPTIONS_MAX_ID 268435455u /* a variable byte integer, MQTT 5.0 section 1.5.5 */

static bool filter_is_plain(const char *filter)
{
    if (!filter || filter_check(text_of(filter), NULL) != ERR_OK)
        return false;
    for (const char *plus = strchr(filter, '+'); plus; plus = strchr(plus + 1, '+'))
        if (plus[1] != '\0' && plus[1] != '/')
            return false;
    return true;
}

static bool acceptable(const struct bus_subscription *list, size_t count, size_t at)
{
    const struct bus_subscription *s = &list[at];
    if (!filter_is_plain(s->filter) || s->qos > 2 || s->id > SUBSCRIPTIONS_MAX_ID)
        return false;
    if (s->no_local && text_starts(text_of(s->filter), TEXT("$share/")))
        return false; /* MQTT 5.0, section 3.8.3.1 */
    for (size_t i = at + 1; i < count; i++)
        if (list[i].filter && strcmp(list[i].filter, s->filter) == 0)
            return false;
    return true;
}

static bool same(const struct bus_subscription *a, const struct bus_subscription *b)
{
    return strcmp(a->filter, b->filter) == 0 && a->id == b->id && a->qos == b->qos &&
           a->no_local == b->no_local && a->send_retained == b->send_retained;
}

static void free_filter(struct subscriptions_wanted *wanted)
{
    char *owned;
    memcpy(&owned, &wanted->what.filter, sizeof owned); /* const in the public struct */
    free(owned);
}

static void free_wanted(struct subscriptions_wanted *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free_filter(&wanted[i]);
    free(wanted);
}

static struct subscriptions_wanted *copy_list(const struct subscriptions *s,
                                              const struct bus_subscription *list, size_t count)
{
    struct subscriptions_wanted *wanted = calloc(count ? count : 1, sizeof *wanted);
    for (size_t i = 0; wanted && i < count; i++) {
        wanted[i].what = list[i];
        wanted[i].what.filter = strdup(list[i].filter);
        if (!wanted[i].what.filter) {
            free_wanted(wanted, i);
            return NULL;
        }
        for (size_t k = 0; k < s->wanted_count; k++)
            if (same(&s->wanted[k].what, &list[i]))
                wanted[i].sent = s->wanted[k].sent;
    }
    return wanted;
}

static bool among(const struct subscriptions_wanted *wanted, size_t count, const char *filter)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(wanted[i].what.filter, filter) == 0)
            return true;
    return false;
}

static enum err add_unwanted(struct subscriptions *s, const char *filter)
{
    for (size_t i = 0; i < s->unwanted_count; i++)
        if (strcmp(s->unwanted[i].filter, filter) == 0)
            return ERR_OK;
    struct subscriptions_unwanted *more =
        realloc(s->unwanted, (s->unwanted_count + 1) * sizeof *more);
    if (!more)
        return ERR_NOMEM;
    s->unwanted = more;
    char *copy = strdup(filter);
    if (!copy)
        return ERR_NOMEM;
    s->unwanted[s->unwanted_count++] = (struct subscriptions_unwanted){copy, false};
    return ERR_OK;
}

static void cut_unwanted(struct subscriptions *s, size_t count)
{
    while (s->unwanted_count > count)
        free(s->unwanted[--s->unwanted_count].filter);
}

/* What is wanted (again) must not be taken out. */
static void keep_wanted(struct subscriptions *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->unwanted_count; i++) {
        if (among(s->wanted, s->wanted_count, s->unwanted[i].filter))
            free(s->unwanted[i].filter);
        else
            s->unwanted[kept++] = s->unwanted[i];
    }
    s->unwanted_count = kept;
}

enum err subscriptions_set(struct subscriptions *s, const struct bus_subscription *list,
                           size_t count)
{
    size_t unwanted_before = s->unwanted_count;
    for (size_t i = 0; i < count; i++)
        if (!acceptable(list, count, i))
            return ERR_INVALID;
    struct subscriptions_wanted *wanted = copy_list(s, list, count);
    if (!wanted)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->wanted_count; i++) {
        if (among(wanted, count, s->wanted[i].what.filter))
            continue;
        if (add_unwanted(s, s->wanted[i].what.filter) != ERR_OK) {
            cut_unwanted(s, unwanted_before);
            free_wanted(wanted, count);
            return ERR_NOMEM;
        }
    }
    free_wanted(s->wanted, s->wanted_count);
    s->wanted = wanted;
    s->wanted_count = count;
    keep_wanted(s);
    return ERR_OK;
}

enum err subscriptions_drop(struct subscriptions *s, const char *filter)
{
    if (!filter_is_plain(filter))
        return ERR_INVALID;
    enum err err = add_unwanted(s, filter);
    if (err)
        return err;
    for (size_t i = 0; i < s->wanted_count; i++) {
        if (strcmp(s->wanted[i].what.filter, filter) != 0)
            continue;
        free_filter(&s->wanted[i]);
        s->wanted[i] = s->wanted[--s->wanted_count];
        break;
    }
    return ERR_OK;
}

void subscriptions_forget_sent(struct subscriptions *s)
{
    for (size_t i = 0; i < s->wanted_count; i++)
        s->wanted[i].sent = false;
    for (size_t i = 0; i < s->unwanted_count; i++)
        s->unwanted[i].sent = false;
}

void subscriptions_free(struct subscriptions *s)
{
    free_wanted(s->wanted, s->wanted_count);
    cut_unwanted(s, 0);
    free(s->unwanted);
    *s = (struct subscriptions){0};
}
