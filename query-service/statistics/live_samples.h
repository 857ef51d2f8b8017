/* Inside live: what is kept of each service. */
#ifndef STATISTICS_LIVE_SAMPLES_H
#define STATISTICS_LIVE_SAMPLES_H

#include "query-service/statistics/live.h"

/* One message: what it says of its interval, and how much its ledger grew since the one before. */
struct sample {
    int64_t start_ns, end_ns;
    struct tally tally;
    struct fields_number grown; /* messages kept; absent where there is no ledger or none before */
    int64_t grown_from_ns;
};

struct service {
    char name[64];
    bool has_status, has_metrics;
    struct status status;
    struct service_metrics metrics;
    int64_t heard_ns;       /* by our clock; 0: only what was retained */
    struct sample *samples; /* owned; a ring, samples_first being the oldest */
    unsigned samples_first, samples_count, samples_capacity;
};

struct live {
    struct service *services[FIGURES_SERVICES];
    unsigned count;
};

/* live_sample gives the i-th message that is kept, the oldest being 0. */
static inline struct sample *live_sample(const struct service *service, unsigned i)
{
    return &service->samples[(service->samples_first + i) % service->samples_capacity];
}

#endif
