#include <stdlib.h>

#include "base/clock.h"
#include "query-service/alerts/alerts_parts.h"

bool alerts_match(const struct alert *alert, struct text service, struct text rule,
                  struct text subject)
{
    const struct {
        struct text wanted;
        const char *is;
    } pairs[] = {{service, alert->service}, {rule, alert->rule}, {subject, alert->subject}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i].wanted.len && !text_equal(pairs[i].wanted, text_of(pairs[i].is)))
            return false;
    return true;
}

/* The order of the walks; by name at last, so that it is one order. */
static int compare(const void *left, const void *right)
{
    const struct alert *a = &(*(const struct alerts_entry *const *)left)->alert;
    const struct alert *b = &(*(const struct alerts_entry *const *)right)->alert;
    if (alerts_stands(a) != alerts_stands(b))
        return alerts_stands(a) ? -1 : 1;
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (a->time_ns != b->time_ns)
        return a->time_ns > b->time_ns ? -1 : 1;
    int by_service = strcmp(a->service, b->service), by_rule = strcmp(a->rule, b->rule);
    return by_service ? by_service : by_rule ? by_rule : strcmp(a->subject, b->subject);
}

static void collect(void *context, struct index_entry *at)
{
    struct alerts_order *order = context;
    const struct alerts_entry *entry = (const struct alerts_entry *)at;
    if (entry->alert.state == ALERT_UNSAID)
        return;
    order->entries[order->count++] = entry;
    order->standing += alerts_stands(&entry->alert);
}

/* The order is beside the alerts, so that looking at them does not change them. Without memory
 * there is nothing to walk. */
static const struct alerts_order *order_of(const struct alerts *alerts)
{
    struct alerts_order *order = alerts->order;
    if (!order->stale)
        return order;
    order->count = order->standing = 0;
    size_t size = (alerts->entries.count + 1) * sizeof order->entries[0];
    const struct alerts_entry **entries = realloc(order->entries, size);
    if (!entries)
        return order;
    order->entries = entries;
    index_each(&alerts->entries, collect, order);
    qsort(order->entries, order->count, sizeof order->entries[0], compare);
    order->stale = false;
    return order;
}

bool alerts_at(const struct alerts *alerts, bool standing, unsigned i,
               const struct alert **ret_alert)
{
    const struct alerts_order *order = order_of(alerts);
    if (i >= (standing ? order->standing : order->count))
        return false;
    *ret_alert = &order->entries[i]->alert;
    return true;
}

/* What a walk of acknowledging is about. */
struct acknowledging {
    struct alerts *alerts;
    struct text service, rule, subject, by, why;
    int64_t now_ns;
    unsigned count;
};

static void acknowledge(void *context, struct index_entry *at)
{
    struct acknowledging *what = context;
    struct alerts_entry *entry = (struct alerts_entry *)at;
    struct alert *alert = &entry->alert;
    if (!alerts_stands(alert) || !alerts_match(alert, what->service, what->rule, what->subject))
        return;
    bool again = alert->state == ALERT_ACKNOWLEDGED;
    what->count++;
    fields_copy(alert->by, sizeof alert->by, what->by);
    fields_copy(alert->why, sizeof alert->why, what->why);
    if (again) {
        alerts_retain(what->alerts, entry);
        return;
    }
    alert->state = ALERT_ACKNOWLEDGED;
    alert->time_ns = what->now_ns;
    alerts_say(what->alerts, entry);
}

enum err alerts_acknowledge(struct alerts *alerts, struct text service, struct text rule,
                            struct text subject, struct text by, struct text why_text,
                            int64_t now_ns, unsigned *ret_count, struct err_reason *why)
{
    struct acknowledging what = {alerts, service, rule, subject, by, why_text, now_ns, 0};
    index_each(&alerts->entries, acknowledge, &what);
    if (what.count == 0)
        return err_explain(why, ERR_NOT_FOUND,
                           "no alert that fires has this service, rule and "
                           "subject");
    alerts_flush(alerts);
    *ret_count = what.count;
    return ERR_OK;
}

void alerts_encode_active(const struct alerts *alerts, int64_t now_ns, struct buf *out)
{
    char time[CLOCK_RFC3339_SIZE];
    const struct alert *alert;
    unsigned count = 0, firing = 0;
    for (; alerts_at(alerts, true, count, &alert); count++)
        firing += alert->state == ALERT_FIRING;
    clock_format_rfc3339(now_ns, time);
    buf_printf(out, "{\"schema\":1,\"timestamp\":\"%s\",\"count\":%u,\"firing\":%u,", time, count,
               firing);
    buf_printf(out, "\"acknowledged\":%u,\"alerts\":[", count - firing);
    for (unsigned i = 0; alerts_at(alerts, true, i, &alert); i++) {
        if (i > 0)
            buf_char(out, ',');
        alert_encode(alert, out);
    }
    buf_string(out, "]}");
}
