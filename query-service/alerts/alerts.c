#include "query-service/alerts/alerts.h"

#include <stdlib.h>

#include "query-service/alerts/alerts_parts.h"

struct alerts *alerts_new(struct alerts_sink sink)
{
    struct alerts *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->order = calloc(1, sizeof *a->order);
    if (!a->order) {
        free(a);
        return NULL;
    }
    a->sink = sink;
    return a;
}

void alerts_free(struct alerts *alerts)
{
    if (!alerts)
        return;
    index_free(&alerts->entries);
    free(alerts->order->entries);
    free(alerts->order);
    free(alerts);
}

/* The key: the three names, cut as in struct alert, with a NUL between them. */
#define KEY_BYTES (64 + 64 + 256)
static struct text key_of(const struct alert *names, char key[KEY_BYTES])
{
    const char *const parts[] = {names->service, names->rule, names->subject};
    size_t len = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t bytes = strlen(parts[i]) + 1;
        memcpy(key + len, parts[i], bytes);
        len += bytes;
    }
    return (struct text){key, len};
}

struct alerts_entry *alerts_entry_of(const struct alerts *alerts, const struct alert *names)
{
    char key[KEY_BYTES];
    return (struct alerts_entry *)index_find(&alerts->entries, key_of(names, key));
}

void alerts_retain(struct alerts *alerts, const struct alerts_entry *entry)
{
    const struct alert *said = &entry->alert;
    alerts->sink.retain(alerts->sink.context, said->service, said->rule, said->subject, said);
    alerts->active_changed = true;
    alerts->order->stale = true;
}

void alerts_say(struct alerts *alerts, const struct alerts_entry *entry)
{
    alerts_retain(alerts, entry);
    if (!entry->alert.silenced)
        alerts->sink.event(alerts->sink.context, &entry->alert);
}

void alerts_flush(struct alerts *alerts)
{
    if (!alerts->active_changed)
        return;
    alerts->active_changed = false;
    alerts->sink.active(alerts->sink.context);
}

void alerts_empty(struct alerts *alerts, const struct alert *said)
{
    if (said->state == ALERT_UNSAID)
        return;
    if (said->state == ALERT_RESOLVED)
        alerts->resolved--;
    else
        alerts->active_changed = true;
    alerts->order->stale = true;
    alerts->sink.retain(alerts->sink.context, said->service, said->rule, said->subject, NULL);
}

static void seek_oldest(void *context, struct index_entry *at)
{
    struct alerts_entry *entry = (struct alerts_entry *)at, **oldest = context;
    if (entry->alert.state != ALERT_RESOLVED || entry->waits)
        return;
    if (!*oldest || entry->alert.time_ns < (*oldest)->alert.time_ns)
        *oldest = entry;
}

static bool is_another(void *context, struct index_entry *at)
{
    return at != context;
}

/* Room for one more: what was resolved first goes. */
static bool make_room(struct alerts *alerts)
{
    struct alerts_entry *oldest = NULL;
    if (alerts->entries.count < ALERTS_MAX)
        return true;
    if (alerts->resolved == 0)
        return false;
    index_each(&alerts->entries, seek_oldest, &oldest);
    if (!oldest)
        return false;
    alerts_empty(alerts, &oldest->alert);
    index_keep(&alerts->entries, is_another, oldest);
    return true;
}

enum err alerts_add(struct alerts *alerts, const struct alert *alert,
                    struct alerts_entry **ret_entry)
{
    char key[KEY_BYTES];
    if (!make_room(alerts))
        return ERR_FULL;
    struct alerts_entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return ERR_NOMEM;
    entry->alert = *alert;
    if (index_add(&alerts->entries, key_of(alert, key), &entry->at) != ERR_OK) {
        free(entry);
        return ERR_NOMEM;
    }
    *ret_entry = entry;
    return ERR_OK;
}

enum err alerts_restore(struct alerts *alerts, const struct alert *alert)
{
    if (alert->state == ALERT_UNSAID || !alert->service[0] || !alert->rule[0])
        return ERR_INVALID;
    struct alerts_entry *entry = alerts_entry_of(alerts, alert);
    if (entry && entry->alert.time_ns >= alert->time_ns)
        return ERR_OK;
    if (entry) {
        alerts->resolved -= entry->alert.state == ALERT_RESOLVED;
        entry->alert = *alert;
    } else {
        enum err err = alerts_add(alerts, alert, &entry);
        if (err != ERR_OK)
            return err;
    }
    alerts->resolved += alert->state == ALERT_RESOLVED;
    alerts->restored = true;
    alerts->order->stale = true;
    return ERR_OK;
}
