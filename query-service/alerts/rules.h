/* The rules: which findings follow from what is known. Pure, the same on both sources.
 *
 * Built in (all comparisons strict, so that exactly 5 % is a warning):
 *   error_rate      write errors of write attempts of all: > 5 % error, > 2 % warning
 *   success_rate    of each service: < 90 % error, < 95 % warning
 *   processing_time of each service: > 1000 ms warning
 *   offline         a service's status is offline, or its metrics are older than offline_after:
 * error influxdb_away   error journal_lag     of each service with a journal: the oldest
 * undelivered message older than the limit: warning ledger          of each service with a ledger:
 * received and points_made differ from the sum of what became of them: error device_silent
 * query-service/alerts/habit.h and the person's own from the configuration
 * (query-service/alerts/own.h). Clear limits of the built-in ones lie 10 % of the threshold below
 * (or above) it. */
#ifndef ALERTS_RULES_H
#define ALERTS_RULES_H

#include "base/settings.h"
#include "query-service/alerts/alerts.h"
#include "query-service/statistics/live.h"

/* rules_figures gives the findings of error_rate, success_rate and processing_time to `sink`;
 * absent figures are VERDICT_UNKNOWN. */
struct rules_sink {
    void *context;
    void (*find)(void *context, const struct finding *finding);
};
void rules_figures(const struct figures *figures, const struct rules_sink *sink);

/* rules_services gives offline, journal_lag and ledger from what was heard on the bus. */
void rules_services(const struct live *live, const struct settings_query_alerts *settings,
                    int64_t now_ns, const struct rules_sink *sink);

/* rules_influxdb: `asked` false is VERDICT_UNKNOWN. */
void rules_influxdb(bool asked, bool connected, const char *words, int64_t since_ns,
                    const struct rules_sink *sink);

#endif
