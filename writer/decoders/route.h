/* Which destination a point goes to, by the configuration: that of its source where it names one,
 * else the one that lists its measurement, else the default. */
#ifndef WRITER_DECODERS_ROUTE_H
#define WRITER_DECODERS_ROUTE_H

#include "base/settings.h"
#include "base/text.h"

#define ROUTE_DEFAULT 0u /* influxdb.database; destination i of the configuration is i + 1 */

struct routes;

/* routes_open borrows `settings`. ERR_INVALID with words: a measurement that two destinations
 * claim, or more than SETTINGS_DESTINATIONS_MAX of them. ERR_NOMEM. */
enum err routes_open(const struct settings *settings, struct routes **ret_routes,
                     struct err_reason *why) ERR_MUST_CHECK;
void routes_close(struct routes *routes); /* NULL accepted */

/* routes_named finds a destination by its name; ROUTE_DEFAULT when there is none. */
unsigned routes_named(const struct routes *routes, const char *name);
unsigned routes_of_measurement(const struct routes *routes, struct text measurement);

/* routes_name gives the name of a destination, NULL for the default. */
const char *routes_name(const struct routes *routes, unsigned destination);

#endif
