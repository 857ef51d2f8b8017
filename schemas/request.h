/* A request to the query service: one struct for all endpoints, one table an endpoint, which names
 * the keys that this endpoint takes. A key that is not in the table, a wrong type or an impossible
 * value is refused by name (request_decode). An empty payload asks with all defaults. */
#ifndef SCHEMAS_REQUEST_H
#define SCHEMAS_REQUEST_H

#include "schemas/fields.h"

#define REQUEST_TAGS 16

struct request {
    /* All texts are borrowed from the document. */
    struct text transaction; /* echoed in the answer */
    struct text reply_to;    /* where the answer goes, for those who have no Response Topic */
    bool fresh;              /* not from the cache */
    bool compare;            /* from both sources, with their differences */

    struct text period, window, service;
    int64_t end_ns; /* RFC 3339; 0: now */

    struct text metric_name;      /* stats/metrics */
    struct fields_unsigned limit; /* stats/metrics, devices, rejects */

    /* history */
    struct text measurement, field, aggregate, time_zone;
    struct fields_text tags[REQUEST_TAGS]; /* name = value, each must hold */
    struct fields_number percentile;       /* 0 < p <= 100, with aggregate "percentile" */
    struct fields_unsigned points;         /* wanted rows, at most 2000 */

    struct text device; /* devices, devices/latest */
    bool stale;         /* devices: only these */

    struct text reason; /* rejects */

    /* alerts/acknowledge, alerts/silence: an alert, or a `match` that names some of the three */
    struct text rule, subject, level;
    struct fields_text match[3];
    struct text duration; /* "for": a span; or end_ns as "until" */
    struct text by, why;
    bool remove; /* takes a silence away */
};

extern const struct fields_table request_stats, request_stats_services, request_stats_metrics,
    request_stats_performance, request_stats_alerts, request_stats_trends, request_health,
    request_history, request_devices, request_devices_latest, request_rejects, request_endpoints,
    request_alerts_acknowledge, request_alerts_silence;

/* request_tables ends with NULL. */
extern const struct fields_table *const request_tables[];

/* request_decode reads a request strictly. ERR_INVALID: not an object, an unknown key (with the
 * nearest one named), a wrong type, an impossible value. The texts point into the document. */
enum err request_decode(const struct fields_table *table, struct value root,
                        struct request *ret_request, struct err_reason *why) ERR_MUST_CHECK;

/* request_key appends what makes two requests of one endpoint equal: all that was said but
 * transaction, reply_to and fresh, in the order of the table. */
void request_key(const struct fields_table *table, const struct request *request, struct buf *out);

#endif
