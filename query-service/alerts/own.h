/* The person's own rules: which statements they need, and what the answers mean.
 *
 * A rule is the aggregate of a field over the window up to now (now included), by the values of the
 * tag `subject`; with no such tag it is one alert over all rows. Its alerts are of the service
 * "system". Rows without the tag, and subjects of more than 255 bytes, are left out.
 *
 * `increase` is the sum of all rises of each single series from one reading to the next; a fall
 * means that the meter began again at 0, so that the whole new reading is a rise.
 *
 * A subject without data in the window is VERDICT_UNKNOWN, and its alert gone after OWN_KNOWN_S. A
 * `count` of it is 0 where it was known before (since the start, or in the hour before it), never
 * where nobody has heard of it. */
#ifndef ALERTS_OWN_H
#define ALERTS_OWN_H

#include "base/settings.h"
#include "influx/gather.h"
#include "query-service/alerts/rules.h"

#define OWN_KNOWN_S    (7 * 86400)
#define OWN_SUBJECTS   16384 /* that are remembered for rules with `count` */
#define OWN_STATEMENTS 160   /* of all rules: most need one, `increase` and `count` two */

struct own;
struct own *own_new(void); /* NULL when out of memory */
void own_free(struct own *own);

/* own_check: ERR_INVALID when the rules need more than OWN_STATEMENTS. */
enum err own_check(const struct settings_query_alerts *settings,
                   struct err_reason *why) ERR_MUST_CHECK;

/* own_plan adds the statements of all rules. */
void own_plan(struct own *own, const struct settings_query_alerts *settings, int64_t now_ns,
              struct gather_plan *plan);

/* own_find reads the results of the last own_plan, the first being at `first`; NULL results: there
 * are none. A rule whose statement failed, or whose field is not a number, is UNKNOWN for all its
 * subjects.
 *
 * The message of an alert is the rule's, in which {subject}, {value} and {threshold} stand for
 * what they say, or words like "kitchen-01: mean of temperature over 5m is 31.2 (> 30)". */
void own_find(struct own *own, const struct settings_query_alerts *settings,
              const struct gather_results *results, unsigned first, int64_t now_ns,
              const struct rules_sink *sink);

#endif
