#include "writer/decoders/route.h"

#include <stdlib.h>
#include <string.h>

struct route {
    struct text measurement;
    unsigned destination;
};

struct routes {
    const struct settings_influxdb *settings;
    struct route *at; /* sorted by measurement */
    size_t count;
};

static int compare(struct text a, struct text b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.at, b.at, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_measurement(const void *a, const void *b)
{
    return compare(((const struct route *)a)->measurement, ((const struct route *)b)->measurement);
}

static int against(const void *key, const void *route)
{
    return compare(*(const struct text *)key, ((const struct route *)route)->measurement);
}

static enum err refuse_twice(const struct routes *routes, struct err_reason *why)
{
    for (size_t i = 1; i < routes->count; i++) {
        const struct route *a = &routes->at[i - 1], *b = &routes->at[i];
        if (compare(a->measurement, b->measurement) == 0)
            return err_explain(why, ERR_INVALID,
                               "influxdb.destinations: \"%s\" and \"%s\" both list the measurement "
                               "\"%.*s\"; right would be one of them",
                               routes_name(routes, a->destination),
                               routes_name(routes, b->destination), (int)a->measurement.len,
                               a->measurement.at);
    }
    return ERR_OK;
}

enum err routes_open(const struct settings *settings, struct routes **ret_routes,
                     struct err_reason *why)
{
    const struct settings_influxdb *influxdb = &settings->influxdb;
    size_t count = 0;
    if (influxdb->destinations_count > SETTINGS_DESTINATIONS_MAX)
        return err_explain(why, ERR_INVALID,
                           "influxdb.destinations: %u of them; right would be at most %d",
                           influxdb->destinations_count, SETTINGS_DESTINATIONS_MAX);
    for (unsigned i = 0; i < influxdb->destinations_count; i++)
        count += influxdb->destinations[i].measurements_count;
    struct routes *routes = calloc(1, sizeof *routes);
    if (routes)
        routes->at = calloc(count + 1, sizeof *routes->at);
    if (!routes || !routes->at) {
        routes_close(routes);
        return ERR_NOMEM;
    }
    routes->settings = influxdb;
    for (unsigned i = 0; i < influxdb->destinations_count; i++)
        for (unsigned j = 0; j < influxdb->destinations[i].measurements_count; j++)
            routes->at[routes->count++] =
                (struct route){text_of(influxdb->destinations[i].measurements[j]), i + 1};
    qsort(routes->at, routes->count, sizeof *routes->at, by_measurement);
    enum err e = refuse_twice(routes, why);
    if (e != ERR_OK)
        routes_close(routes);
    else
        *ret_routes = routes;
    return e;
}

void routes_close(struct routes *routes)
{
    if (!routes)
        return;
    free(routes->at);
    free(routes);
}

unsigned routes_named(const struct routes *routes, const char *name)
{
    for (unsigned i = 0; i < routes->settings->destinations_count; i++)
        if (strcmp(routes->settings->destinations[i].name, name) == 0)
            return i + 1;
    return ROUTE_DEFAULT;
}

unsigned routes_of_measurement(const struct routes *routes, struct text measurement)
{
    const struct route *route = routes->count ? bsearch(&measurement, routes->at, routes->count,
                                                        sizeof *routes->at, against)
                                              : NULL;
    return route ? route->destination : ROUTE_DEFAULT;
}

const char *routes_name(const struct routes *routes, unsigned destination)
{
    return destination == ROUTE_DEFAULT ? NULL
                                        : routes->settings->destinations[destination - 1].name;
}
