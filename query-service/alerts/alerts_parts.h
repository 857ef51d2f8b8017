/* What the files of alerts/alerts.h share. Only for them. */
#ifndef ALERTS_ALERTS_PARTS_H
#define ALERTS_ALERTS_PARTS_H

#include "query-service/alerts/alerts.h"
#include "query-service/alerts/index.h"

struct alerts_entry {
    struct index_entry at;
    struct alert alert; /* ALERT_UNSAID: has not fired yet, and is not there for anybody else */

    /* The piece of time in which FIRING holds, until it has fired. */
    bool waits;
    int64_t waits_since_ns;
    int64_t held_ns;
    int64_t firing_ns; /* of the last round's FIRING; 0 behind one that was not */

    int64_t found_ns; /* the last round that gave a verdict */
    bool found;       /* this round did */
};

/* All that has been said, in the order of the walks; made anew when it is looked at. */
struct alerts_order {
    const struct alerts_entry **entries;
    unsigned count, standing;
    bool stale;
};

/* That may be asked in one round; were there more, none would count as removed. */
#define ALERTS_RULES 512
struct alerts_rule {
    char name[64];
    int64_t gone_after_ns; /* negative: never */
};

struct alerts {
    struct alerts_sink sink;
    struct index entries;
    unsigned resolved; /* among them */
    int64_t now_ns;    /* of the round */
    bool active_changed;
    bool restored; /* since the last round: silences must be held against alerts again */
    struct alerts_rule rules[ALERTS_RULES];
    unsigned rules_count;
    bool rules_overflow;
    struct silence silences[ALERTS_SILENCES];
    unsigned silences_count;
    struct alerts_order *order;
};

static inline bool alerts_stands(const struct alert *alert)
{
    return alert->state == ALERT_FIRING || alert->state == ALERT_ACKNOWLEDGED;
}

struct alerts_entry *alerts_entry_of(const struct alerts *alerts, const struct alert *names);
/* alerts_add begins one, with a copy of `alert`; ERR_FULL, ERR_NOMEM. */
enum err alerts_add(struct alerts *alerts, const struct alert *alert,
                    struct alerts_entry **ret_entry) ERR_MUST_CHECK;

/* What is said of a change: the retained topic; the list, with the next alerts_flush; the event
 * unless the alert is silenced. */
void alerts_retain(struct alerts *alerts, const struct alerts_entry *entry);
void alerts_say(struct alerts *alerts, const struct alerts_entry *entry);
void alerts_flush(struct alerts *alerts);
/* alerts_empty says that an alert is no more; its entry is the caller's to take out. */
void alerts_empty(struct alerts *alerts, const struct alert *alert);

/* alerts_silences_end takes silences away that are over and applies what is left. */
void alerts_silences_end(struct alerts *alerts, int64_t now_ns);
bool alerts_is_silenced(const struct alerts *alerts, const struct alert *alert);

#endif
