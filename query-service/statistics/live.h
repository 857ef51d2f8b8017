/* What the services say of themselves on the bus, kept for the time when InfluxDB does not answer:
 * of each service its last status, its last metrics and the sums of the last LIVE_SAMPLES
 * messages. Owned by the loop: one thread. */
#ifndef STATISTICS_LIVE_H
#define STATISTICS_LIVE_H

#include "query-service/statistics/figures.h"
#include "schemas/status.h"

#define LIVE_SAMPLES 720 /* two hours of 10 s: about 150 bytes each, allocated as they come */

struct live;
struct live *live_new(void); /* NULL when out of memory */
void live_free(struct live *live);

/* live_metrics takes a message. One of a time that its service has told of already is left out (a
 * retained one that comes again). The service's name comes from the topic. live_status takes the
 * status as it stands; live_forget is for an emptied retained topic. At most FIGURES_SERVICES
 * services, of names up to 63 bytes: ERR_FULL. ERR_INVALID: a time before 1970 or after 2116.
 * ERR_NOMEM. */
enum err live_metrics(struct live *live, struct text service,
                      const struct service_metrics *metrics) ERR_MUST_CHECK;
enum err live_status(struct live *live, struct text service,
                     const struct status *status) ERR_MUST_CHECK;
void live_forget(struct live *live, struct text service);

/* live_heard: a message of the service came just now and was not retained. From then on our clock
 * tells how long it is silent, and not its own, which may be wrong. Nothing for a service that is
 * not known. */
void live_heard(struct live *live, struct text service, int64_t now_ns);

/* live_knows tells whether the service was heard of. */
bool live_knows(const struct live *live, struct text service);

/* live_figures fills figures as they were heard: of the messages whose interval ended in the
 * period (from < end <= to).
 *
 * Events of all are what the services that keep a ledger (the writer) took in: how much `received`
 * less `repeated` grew from message to message. Their events_processed would be 0 just when
 * InfluxDB is away. Of one service they are its events_processed.
 *
 * Totals are whole when what was heard reaches back to the period's beginning without a gap and on
 * to its end (but for LIVE_LAG_S); else they are named in `missing` with since when, or when last,
 * the service was heard. `ret_figures` is zeroed or of another question before. ERR_NOMEM. */
#define LIVE_LAG_S 60
enum err live_figures(const struct live *live, const struct period *period, struct text service,
                      int64_t now_ns, struct figures *ret_figures) ERR_MUST_CHECK;

/* Walks the services: for health and the alerts. False behind the last. `since_ns` of the status.
 */
struct live_service {
    const char *name;
    const struct status *status;           /* NULL: none heard */
    const struct service_metrics *metrics; /* NULL: none heard */
    int64_t heard_ns; /* its last sign of life: as live_heard was told, else the time of its metrics
                         or status, whichever is the later */
};
bool live_service(const struct live *live, unsigned i, struct live_service *ret_service);

/* live_state is what the service is said to be: by its status, else by its metrics. */
enum status_state live_state(const struct live_service *service);

/* live_find finds one by its name; false when it was not heard of. */
bool live_find(const struct live *live, struct text service, struct live_service *ret_service);

#endif
