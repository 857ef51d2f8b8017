/* A time zone of the IANA database: what the clocks of a place showed and will show. Read from
 * compiled files (RFC 8536) once, then pure: no environment, no global state. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct zone;

/* zone_open reads the zone "Europe/Berlin" from /usr/share/zoneinfo; "UTC" needs no file.
 * ERR_NOT_FOUND: there is no such zone. ERR_INVALID: no name of a zone, or a damaged file. ERR_IO,
 * ERR_NOMEM. */
enum err zone_open(const char *name, struct zone **ret_zone, struct err_reason *why) ERR_MUST_CHECK;

/* zone_parse reads the content of such a file. ERR_INVALID, ERR_NOMEM. */
enum err zone_parse(struct text file, struct zone **ret_zone,
                    struct err_reason *why) ERR_MUST_CHECK;
void zone_close(struct zone *zone); /* NULL accepted */

/* zone_offset_s is what the clocks show ahead of UTC at a UTC time in seconds. */
int zone_offset_s(const struct zone *zone, int64_t utc_s);

/* zone_utc_s gives the UTC time at which the clocks show `local_s` (seconds since 1970 as if they
 * were UTC). Of the two times of an hour that comes twice it is the one nearer to `near_s`; a time
 * that is left out when the clocks go forward counts as if they had not yet. */
int64_t zone_utc_s(const struct zone *zone, int64_t local_s, int64_t near_s);

#endif
