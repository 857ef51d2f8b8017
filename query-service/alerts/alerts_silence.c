#include "base/clock.h"
#include "query-service/alerts/alerts_parts.h"

static bool same_match(const struct silence *a, const struct silence *b)
{
    return strcmp(a->service, b->service) == 0 && strcmp(a->rule, b->rule) == 0 &&
           strcmp(a->subject, b->subject) == 0;
}

bool alerts_is_silenced(const struct alerts *alerts, const struct alert *alert)
{
    for (unsigned i = 0; i < alerts->silences_count; i++) {
        const struct silence *s = &alerts->silences[i];
        if (alerts_match(alert, text_of(s->service), text_of(s->rule), text_of(s->subject)))
            return true;
    }
    return false;
}

static void apply(void *context, struct index_entry *at)
{
    struct alerts *alerts = context;
    struct alerts_entry *entry = (struct alerts_entry *)at;
    struct alert *alert = &entry->alert;
    if (alert->state == ALERT_UNSAID)
        return;
    bool silenced = alerts_is_silenced(alerts, alert);
    if (silenced == alert->silenced)
        return;
    alert->silenced = silenced;
    if (!silenced && alert->state == ALERT_FIRING)
        alerts_say(alerts, entry);
    else
        alerts_retain(alerts, entry);
}

static void take_out(struct alerts *alerts, unsigned i)
{
    alerts->silences_count--;
    memmove(&alerts->silences[i], &alerts->silences[i + 1],
            (alerts->silences_count - i) * sizeof alerts->silences[0]);
}

static void changed(struct alerts *alerts)
{
    alerts->sink.silences(alerts->sink.context);
    index_each(&alerts->entries, apply, alerts);
}

void alerts_silences_end(struct alerts *alerts, int64_t now_ns)
{
    unsigned before = alerts->silences_count;
    for (unsigned i = alerts->silences_count; i > 0; i--)
        if (alerts->silences[i - 1].until_ns <= now_ns)
            take_out(alerts, i - 1);
    if (alerts->silences_count != before)
        alerts->sink.silences(alerts->sink.context);
    if (alerts->silences_count != before || alerts->restored)
        index_each(&alerts->entries, apply, alerts);
    alerts->restored = false;
}

enum err alerts_silence(struct alerts *alerts, const struct silence *silence, int64_t now_ns,
                        struct err_reason *why)
{
    alerts_silences_end(alerts, now_ns);
    unsigned at = 0;
    while (at < alerts->silences_count && !same_match(&alerts->silences[at], silence))
        at++;
    bool known = at < alerts->silences_count;
    if (silence->until_ns <= now_ns && !known)
        return err_explain(why, ERR_NOT_FOUND,
                           "no silence has this match; it must have the same "
                           "service, rule and subject as the one to end");
    if (!known && at == ALERTS_SILENCES)
        return err_explain(why, ERR_FULL, "there are %d silences already; remove one first",
                           ALERTS_SILENCES);
    if (silence->until_ns <= now_ns) {
        take_out(alerts, at);
    } else {
        alerts->silences[at] = *silence;
        alerts->silences_count += !known;
    }
    changed(alerts);
    alerts_flush(alerts);
    return ERR_OK;
}

bool alerts_silence_at(const struct alerts *alerts, unsigned i, const struct silence **ret_silence)
{
    if (i >= alerts->silences_count)
        return false;
    *ret_silence = &alerts->silences[i];
    return true;
}

void alerts_write_silences(const struct alerts *alerts, struct buf *out)
{
    buf_char(out, '[');
    for (unsigned i = 0; i < alerts->silences_count; i++) {
        if (i > 0)
            buf_char(out, ',');
        silence_encode(&alerts->silences[i], out);
    }
    buf_char(out, ']');
}

void alerts_encode_silences(const struct alerts *alerts, struct buf *out)
{
    buf_string(out, "{\"schema\":1,\"silences\":");
    alerts_write_silences(alerts, out);
    buf_char(out, '}');
}

enum err alerts_restore_silences(struct alerts *alerts, struct value root, struct err_reason *why)
{
    struct silence read[ALERTS_SILENCES];
    unsigned count = 0;
    struct value list, element;
    struct text key;
    if (!value_get(root, TEXT("silences"), &list) || value_kind(list) != VALUE_ARRAY)
        return err_explain(why, ERR_INVALID, "silences: an array of silences is expected");
    if (value_count(list) > ALERTS_SILENCES)
        return err_explain(why, ERR_FULL, "%zu silences; at most %d are kept", value_count(list),
                           ALERTS_SILENCES);
    struct value_walk walk = value_walk(list);
    while (value_next(&walk, &key, &element)) {
        enum err err = silence_decode(element, &read[count], why);
        if (err != ERR_OK)
            return err;
        count++;
    }
    memcpy(alerts->silences, read, count * sizeof read[0]);
    alerts->silences_count = count;
    alerts->restored = true;
    return ERR_OK;
}
