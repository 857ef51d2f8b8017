/* The rows of the table of endpoints, each in a file of its own. endpoint.c lists them, in the
 * order in which people are shown them; a row that is not listed there does not exist. */
#ifndef ENDPOINTS_TABLE_H
#define ENDPOINTS_TABLE_H

#include "query-service/endpoints/endpoint.h"

extern const struct endpoint endpoint_stats, endpoint_stats_services, endpoint_stats_metrics,
    endpoint_stats_performance, endpoint_stats_alerts, endpoint_stats_trends, endpoint_health,
    endpoint_history, endpoint_devices, endpoint_devices_latest, endpoint_rejects,
    endpoint_alerts_acknowledge, endpoint_alerts_silence, endpoint_endpoints;

#endif
