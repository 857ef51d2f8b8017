/* Figures from InfluxDB: which statements they need, and what the answers say.
 *
 * Everything comes from ingest_rollup and service_metrics (and their 5 min forms), never from
 * counting raw events, so that the cost does not grow with what is stored. Totals of messages are
 * sums of ingest_rollup.events by window; sums and trends of services come by service and window;
 * weighted means are asked as the sum of value x weight and the sum of weights, over rows that
 * have the value; `last_update` is the time of a service's last row that tells how long it is up,
 * how much it did or what it received.
 *
 * Eight statements, fourteen for a coarse period with an open tail; for one service six, eleven. */
#ifndef STATISTICS_STORED_H
#define STATISTICS_STORED_H

#include "influx/gather.h"
#include "query-service/statistics/live.h"

/* What is needed of each service's last row. Whole rows cost InfluxDB more than all the rest. */
enum stored_last {
    STORED_LAST_TIME, /* figures_service.last has its time and not more than a few fields */
    STORED_LAST_ROW,  /* every field */
};

/* stored_plan adds the statements for a period, of one service or ("") of all. */
void stored_plan(const struct period *period, struct text service, enum stored_last last,
                 struct gather_plan *plan);

/* stored_figures reads their results (`first` is the index of the first of them).
 *
 * Rates are over the period from its beginning, or, when nothing is stored of the day before, from
 * the first row (a young house); up to its end, or to the newest row where more may be on its way.
 *
 * A window without a row of ingest_rollup counts 0 where a service that keeps a ledger (the writer)
 * reported in it, for nothing came in; else it is absent. The states of the services, and whether
 * one without a row is known at all, come from `live` (NULL: nobody was heard). `ret_figures` is
 * zeroed or of another question before.
 *
 * ERR_NOT_FOUND: nothing is stored of the service in this period, and it was not heard of; `why`
 * names those that were. ERR_TOO_LARGE: the server left rows out. ERR_NOMEM, or the first failure's
 * code with its words. */
enum err stored_figures(const struct gather_results *results, unsigned first,
                        const struct period *period, struct text service, const struct live *live,
                        int64_t now_ns, struct figures *ret_figures,
                        struct err_reason *why) ERR_MUST_CHECK;

#endif
