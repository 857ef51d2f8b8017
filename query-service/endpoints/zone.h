/* A time zone: how far its clocks are from UTC at any time, and when its days begin. Read from the
 * system's zone files (RFC 8536), so that the process's own TZ plays no part and the database's
 * idea of zones, which differs between its versions, none either. */
#ifndef ENDPOINTS_ZONE_H
#define ENDPOINTS_ZONE_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct zone;

/* zone_open finds a zone by its IANA name ("Europe/Berlin"); "" and "UTC" need no file.
 * ERR_INVALID: no such name, or one with other bytes than letters, digits, / _ + -; the words say
 * what would be right. ERR_CORRUPT: the file is no zone file. ERR_NOMEM. */
enum err zone_open(struct text name, struct zone **ret_zone, struct err_reason *why) ERR_MUST_CHECK;

/* zone_read does the same from a file's content, which is copied. */
enum err zone_read(struct text content, struct zone **ret_zone,
                   struct err_reason *why) ERR_MUST_CHECK;
void zone_free(struct zone *zone); /* NULL accepted */

/* zone_offset gives the seconds that clocks are ahead of UTC at a time (seconds since 1970 UTC),
 * and the time from which that may differ: INT64_MAX for never. */
int32_t zone_offset(const struct zone *zone, int64_t utc_s, int64_t *ret_until_s);

/* zone_day is the local day that holds the time, as days since 1970-01-01 (a Thursday);
 * zone_day_start the first second of a local day. Where clocks skip a whole day, it is the next
 * one's. */
int64_t zone_day(const struct zone *zone, int64_t utc_s);
int64_t zone_day_start(const struct zone *zone, int64_t day);

#endif
