/* What the services say of themselves on the bus, kept for the time when InfluxDB does not answer:
 * of each service its last status, its last metrics and the sums of the last LIVE_SAMPLES
 * messages. Owned by the loop: one thread. */
#ifndef STATISTICS_LIVE_H
#define STATISTICS_LIVE_H

#include "query-service/statistics/figures.h"
#include "schemas/status.h"

#define LIVE_SAMPLES 720 /* two hours of 10 s: about 100 bytes each, allocated as they come */

struct live;
struct live *live_new(void); /* NULL when out of memory */
void live_free(struct live *live);

/* live_metrics takes a message; one that is not newer than the last of its service and instance is
 * left out (a retained one that comes again). The service's name comes from the topic.
 * live_status likewise; live_forget is for an emptied retained topic. At most FIGURES_SERVICES
 * services: ERR_FULL. */
enum err live_metrics(struct live *live, struct text service,
                      const struct service_metrics *metrics) ERR_MUST_CHECK;
enum err live_status(struct live *live, struct text service,
                     const struct status *status) ERR_MUST_CHECK;
void live_forget(struct live *live, struct text service);

/* live_knows tells whether the service was heard of. */
bool live_knows(const struct live *live, struct text service);

/* live_figures fills figures as they were heard. What reaches further back than was heard is
 * absent and named in `missing` with since when it was heard; total_events comes from the
 * services that keep a ledger (those that report `received`), as events_processed of intervals.
 * ERR_NOMEM. */
enum err live_figures(const struct live *live, const struct period *period, struct text service,
                      int64_t now_ns, struct figures *ret_figures) ERR_MUST_CHECK;

/* Walks the services: for health and the alerts. False behind the last. `since_ns` of the status.
 */
struct live_service {
    const char *name;
    const struct status *status;           /* NULL: none heard */
    const struct service_metrics *metrics; /* NULL: none heard */
};
bool live_service(const struct live *live, unsigned i, struct live_service *ret_service);

#endif
