/* Inside stored: the stretches that a period's figures are asked of. */
#ifndef STATISTICS_STRETCH_H
#define STATISTICS_STRETCH_H

#include "query-service/statistics/period.h"
#include "schemas/service_metrics.h"

/* A mean of rows: where each row has the sum of value times weight, else its value and weight. */
struct stretch_mean {
    const char *sum; /* NULL: value and weight are to be multiplied */
    const char *value, *weight;
};

/* So long before a period a row tells that there was a house already. */
#define STRETCH_BEFORE_S 86400

/* A stretch of the period, and the measurements that tell of it. */
struct stretch {
    const char *events, *services;
    struct stretch_mean processing, success;
    bool rows_end;     /* rows of services bear the end of their interval, not its start */
    int64_t granule_s; /* how long a row of events is */
    int64_t from_ns, to_ns;
    int64_t services_from_ns, services_to_ns; /* of their rows' times: from <= time < to */
};

/* stretch_list gives the stretches of a period, one or two: what the 5 min measurements tell, and
 * behind it what only the 10 s ones do. */
unsigned stretch_list(const struct period *period, struct stretch ret_stretches[2]);

/* stretch_field tells whether the writer stores this field of a service's metrics as a number. */
bool stretch_field(const struct fields_row *row);

#endif
