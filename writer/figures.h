/* The writer's figures in their four forms: Prometheus text, the service_metrics message, the live
 * message, and the health of /healthz. */
#ifndef WRITER_FIGURES_H
#define WRITER_FIGURES_H

#include "base/metrics.h"
#include "schemas/live.h"
#include "schemas/service_metrics.h"
#include "writer/delivery.h"
#include "writer/intake.h"

/* All that is known at one moment. */
struct figures {
    struct delivery_figures delivery;
    struct journal_figures journal;
    struct intake_figures intake;
    enum status_state state;
    uint64_t rejects_lost; /* since the start: lines that the file of rejects could not keep */
    const char *reason;    /* why holding, or "" */
    /* Since a point was last refused for its series; negative: none since the start. The source's
     * name is borrowed. */
    double series_refused_s;
    const char *series_refused_source;
    bool broker_up, influxdb_enabled;
    int64_t now_ns, started_ns;
};

/* The gauges and counters that are set from figures; registered once. */
struct figures_metrics;
struct figures_metrics *figures_metrics_new(struct metrics *metrics);
void figures_metrics_free(struct figures_metrics *m);
void figures_metrics_set(struct figures_metrics *m, const struct figures *now);

/* figures_message fills the service_metrics of the interval between two moments. */
void figures_message(const struct figures *before, const struct figures *now,
                     const struct store_latency *latency, const char *instance,
                     struct service_metrics *ret_message);

/* figures_live fills the live message. */
void figures_live(const struct figures *now, const char *instance,
                  struct live_message *ret_message);

/* figures_health appends JSON and tells whether all is well. */
bool figures_health(const struct figures *now, struct buf *out);

#endif
