/* A sink that remembers findings, for the tests of the rules. */
#ifndef ALERTS_FINDINGS_H
#define ALERTS_FINDINGS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "query-service/alerts/rules.h"

#define NOW (1772366400LL * CLOCK_NS_PER_S) /* 2026-03-01T12:00:00Z */
#define S   CLOCK_NS_PER_S

struct found {
    char service[64], rule[64], subject[256], message[512];
    struct finding finding; /* its texts are above */
};

struct findings {
    struct found at[2048];
    unsigned count;
    struct {
        char rule[64];
        int64_t gone_after_s;
    } asked[32];
    unsigned asked_count;
};

static inline void findings_find(void *context, const struct finding *finding)
{
    struct findings *f = context;
    assert_true(f->count < sizeof f->at / sizeof f->at[0]);
    struct found *found = &f->at[f->count++];
    found->finding = *finding;
    snprintf(found->service, sizeof found->service, "%s", finding->service);
    snprintf(found->rule, sizeof found->rule, "%s", finding->rule);
    snprintf(found->subject, sizeof found->subject, "%s", finding->subject);
    snprintf(found->message, sizeof found->message, "%s", finding->message ? finding->message : "");
}

static inline void findings_asked(void *context, const char *rule, int64_t gone_after_s)
{
    struct findings *f = context;
    assert_true(f->asked_count < sizeof f->asked / sizeof f->asked[0]);
    snprintf(f->asked[f->asked_count].rule, 64, "%s", rule);
    f->asked[f->asked_count++].gone_after_s = gone_after_s;
}

static inline struct rules_sink findings_sink(struct findings *f)
{
    f->count = f->asked_count = 0;
    return (struct rules_sink){f, findings_find, findings_asked};
}

/* The one finding of a rule and, when it is not NULL, service or subject; NULL when there is none.
 */
static inline const struct found *findings_of(const struct findings *f, const char *rule,
                                              const char *service, const char *subject)
{
    const struct found *found = NULL;
    for (unsigned i = 0; i < f->count; i++) {
        const struct found *one = &f->at[i];
        if (strcmp(one->rule, rule) != 0 || (service && strcmp(one->service, service) != 0) ||
            (subject && strcmp(one->subject, subject) != 0))
            continue;
        assert_null(found);
        found = one;
    }
    return found;
}

static inline int64_t findings_gone_after_s(const struct findings *f, const char *rule)
{
    for (unsigned i = 0; i < f->asked_count; i++)
        if (strcmp(f->asked[i].rule, rule) == 0)
            return f->asked[i].gone_after_s;
    fail_msg("%s was not asked", rule);
    return 0;
}

#endif
