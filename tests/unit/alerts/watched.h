/* Alerts with a sink that remembers what was said, for the tests of this room. */
#ifndef ALERTS_WATCHED_H
#define ALERTS_WATCHED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "query-service/alerts/alerts.h"

#define NOW (1772366400LL * CLOCK_NS_PER_S) /* 2026-03-01T12:00:00Z */
#define S   CLOCK_NS_PER_S

struct watched {
    struct alerts *alerts;
    int64_t now_ns;
    unsigned retained, emptied, events, actives, silences;
    struct alert event;          /* the last one */
    struct alert retained_alert; /* likewise */
    char said[16384];            /* all events and emptied topics in one line, a word each */
};

static inline void watched_note(struct watched *w, const char *word, const char *rule,
                                const char *subject)
{
    size_t len = strlen(w->said);
    snprintf(w->said + len, sizeof w->said - len, "%s%s:%s/%s", len ? " " : "", word, rule,
             subject);
}

static inline void watched_retain(void *context, const char *service, const char *rule,
                                  const char *subject, const struct alert *alert)
{
    struct watched *w = context;
    (void)service;
    if (!alert) {
        w->emptied++;
        watched_note(w, "emptied", rule, subject);
        return;
    }
    w->retained++;
    w->retained_alert = *alert;
}

static inline void watched_event(void *context, const struct alert *alert)
{
    struct watched *w = context;
    w->events++;
    w->event = *alert;
    watched_note(w, alert_state_words[alert->state], alert->rule, alert->subject);
}

static inline void watched_active(void *context)
{
    ((struct watched *)context)->actives++;
}

static inline void watched_silences(void *context)
{
    ((struct watched *)context)->silences++;
}

static inline struct alerts *watched_new(struct watched *w)
{
    struct alerts *alerts = alerts_new(
        (struct alerts_sink){w, watched_retain, watched_event, watched_active, watched_silences});
    assert_non_null(alerts);
    return alerts;
}

static inline void watched_open(struct watched *w)
{
    *w = (struct watched){.now_ns = NOW};
    w->alerts = watched_new(w);
}

static inline void watched_forget(struct watched *w)
{
    w->retained = w->emptied = w->events = w->actives = w->silences = 0;
    w->said[0] = '\0';
}

#endif
