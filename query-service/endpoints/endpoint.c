#include "query-service/endpoints/endpoint.h"

#include "base/spelling.h"
#include "query-service/endpoints/table.h"

static const struct endpoint *const rows[] = {
    &endpoint_stats,          &endpoint_stats_services,
    &endpoint_stats_metrics,  &endpoint_stats_performance,
    &endpoint_stats_alerts,   &endpoint_stats_trends,
    &endpoint_health,         &endpoint_history,
    &endpoint_devices,        &endpoint_devices_latest,
    &endpoint_rejects,        &endpoint_alerts_acknowledge,
    &endpoint_alerts_silence, &endpoint_endpoints,
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const struct endpoint *endpoint_at(unsigned i)
{
    return i < ROWS ? rows[i] : NULL;
}

const struct endpoint *endpoint_find(struct text name)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (text_equal(name, text_of(rows[i]->name)))
            return rows[i];
    return NULL;
}

static const char *name_at(const void *context, size_t index)
{
    (void)context;
    return rows[index]->name;
}

const char *endpoint_nearest(struct text name)
{
    size_t nearest = spelling_nearest(name, ROWS, NULL, name_at);
    return nearest < ROWS ? rows[nearest]->name : NULL;
}
