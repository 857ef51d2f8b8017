/* The rule at the end of a zone's file, by which the clocks go on behind its last entry: a POSIX TZ
 * text such as "CET-1CEST,M3.5.0,M10.5.0/3" (RFC 8536, section 3.3.1). For zone.c alone. */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdint.h>

#include "base/text.h"

/* A day of each year and the time on it at which the clocks change. */
struct zone_day {
    enum { ZONE_DAY_WEEK, ZONE_DAY_JULIAN, ZONE_DAY_COUNTED } kind;
    int month, week, weekday; /* ZONE_DAY_WEEK: the week-th weekday of the month, 5 the last */
    int day;                  /* JULIAN: 1 to 365, 29 February never counted; COUNTED: 0 to 365 */
    int time_s;
};

struct zone_rule {
    int standard_s, daylight_s; /* ahead of UTC */
    bool changes;               /* false: standard time all year */
    struct zone_day start, end; /* of daylight saving time */
};

bool zone_rule_parse(struct text text, struct zone_rule *ret_rule);
int zone_rule_offset_s(const struct zone_rule *rule, int64_t utc_s);

#endif
