/* A time zone of the IANA database: what the clocks of a place showed and will show. Read from
 * compiled files (RFC 8536) once, then pure: no environment, no global state. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* Room for a name of a zone with its NUL. */
enum { ZONE_NAME_BYTES = 65 };

struct zone;

/* zone_open reads the zone "Europe/Berlin" from /usr/share/zoneinfo; "UTC" needs no file.
 * ERR_NOT_FOUND: there is no such zone. ERR_INVALID: no name of a zone, or a damaged file.
 * ERR_NOMEM. */
enum err zone_open(const char *name, struct zone **ret_zone, struct err_reason *why) ERR_MUST_CHECK;

/* zone_parse reads the content of such a file. ERR_INVALID, ERR_NOMEM. */
enum err zone_parse(struct text file, struct zone **ret_zone,
                    struct err_reason *why) ERR_MUST_CHECK;
void zone_close(struct zone *zone); /* NULL accepted */

/* zone_offset_s is what the clocks show ahead of UTC at a UTC time in seconds. *ret_until_s (NULL:
 * not wanted) gets the time from which that may differ, INT64_MAX for never. */
int32_t zone_offset_s(const struct zone *zone, int64_t utc_s, int64_t *ret_until_s);

/* zone_utc_s gives the UTC time at which the clocks show `local_s` (seconds since 1970 as if they
 * were UTC). Of the two times of an hour that comes twice it is the one nearer to `near_s`; a time
 * that is left out when the clocks go forward counts as if they had not yet. */
int64_t zone_utc_s(const struct zone *zone, int64_t local_s, int64_t near_s);

/* zone_day is the local day that holds the time, as days since 1970-01-01 (a Thursday);
 * zone_day_start the first second of a local day. Where clocks skip a whole day, it is the next
 * one's. */
int64_t zone_day(const struct zone *zone, int64_t utc_s);
int64_t zone_day_start(const struct zone *zone, int64_t day);

#endif
