/* The rule at the end of a zone's file: POSIX's TZ text ("CET-1CEST,M3.5.0,M10.5.0/3"; RFC 8536,
 * section 3.3.1), which holds behind the last change that the file lists. Pure. For zone.c alone.
 */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* One day of each year, and the time of it: seconds from its midnight, which may be negative or
 * beyond 24 h. */
struct zone_rule_date {
    char kind; /* 'M': month, week (5 is the last), weekday; 'J': day 1 to 365 without 29 February;
                  'D': day 0 to 365 */
    int month, week, day;
    int32_t time_s;
};

struct zone_rule {
    int32_t standard_s, summer_s; /* ahead of UTC */
    bool changes;                 /* false: standard_s for ever */
    struct zone_rule_date begin, end;
};

/* zone_rule_parse is false when the text is none. */
bool zone_rule_parse(struct text text, struct zone_rule *ret_rule);

/* As zone_offset_s. */
int32_t zone_rule_offset_s(const struct zone_rule *rule, int64_t utc_s, int64_t *ret_until_s);

#endif
