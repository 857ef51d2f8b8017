/* The rules: which findings follow from what is known. Pure, the same on both sources.
 *
 * Built in (all comparisons strict, so that exactly 5 % is a warning):
 *   error_rate       write errors of write attempts of all: > 5 % error, > 2 % warning
 *   success_rate     of each service: < 90 % error, < 95 % warning
 *   processing_time  of each service: > 1000 ms warning
 *   offline          a service's status is offline (a clean stop too), or its metrics are older
 *                    than offline_after: error
 *   influxdb_away    in two rounds after each other: error
 *   journal_lag      of each service with a journal: the oldest undelivered message is older than
 *                    journal_oldest: warning
 *   ledger           of each service with a ledger: received and points_made differ from the sum of
 *                    what became of them: error
 *   series_cap       of each service that counts series: it refused points of further ones in the
 *                    last minute; resolved when it refused none for 15 minutes: warning
 *   destination_parked  of each service that tells of parked points: some wait on disk for a
 *                    destination that cannot take them: warning
 *   device_silent    query-service/alerts/habit.h
 * and the person's own from the configuration (query-service/alerts/own.h), which must not have
 * the name of one of these (rules_built_in).
 *
 * Clear limits lie 10 % of the threshold below it; those of success_rate 10 % of what the
 * threshold is short of 100 % above it (91 % and 95.5 %), as nothing is above 100 %. They hold
 * between the two levels too: an error becomes a warning behind the error's clear limit.
 *
 * A service that neither the store nor the bus knows of for RULES_GONE_S is gone, and its alerts
 * with it. */
#ifndef ALERTS_RULES_H
#define ALERTS_RULES_H

#include "base/settings.h"
#include "query-service/alerts/alerts.h"
#include "query-service/statistics/live.h"

#define RULES_GONE_S 60

/* Where findings go. Each rule that was asked is told of once, behind its findings, with
 * `gone_after_s` as for alerts_rule_asked. */
struct rules_sink {
    void *context;
    void (*find)(void *context, const struct finding *finding);
    void (*asked)(void *context, const char *rule, int64_t gone_after_s);
};

/* rules_to_alerts is the sink that hands all to `alerts`, in the middle of a round. */
struct rules_target {
    struct alerts *alerts;
    unsigned refused; /* findings that were not taken: too many alerts, or no memory */
};
struct rules_sink rules_to_alerts(struct rules_target *target);

/* rules_built_in tells whether a name is one of the above. */
bool rules_built_in(struct text name);

/* rules_figures gives error_rate, success_rate and processing_time; figures that are absent, and
 * services that only the bus knows, are UNKNOWN; all are when `figures` is NULL: nobody could tell
 * any. */
void rules_figures(const struct figures *figures, const struct live *live,
                   const struct rules_sink *sink);

/* rules_services gives offline, journal_lag, ledger, series_cap and destination_parked from what
 * was heard on the bus. All but the first are UNKNOWN where the metrics are older than
 * offline_after. */
void rules_services(const struct live *live, const struct settings_query_alerts *settings,
                    int64_t now_ns, const struct rules_sink *sink);

/* rules_influxdb: `asked` false is VERDICT_UNKNOWN. `words` of the last failure, `since_ns` since
 * when it is so. */
void rules_influxdb(bool asked, bool connected, const char *words, int64_t since_ns,
                    const struct rules_sink *sink);

#endif
