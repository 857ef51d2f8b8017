/* The person's own rules: which statements they need, and what the answers mean. Each rule is one
 * statement: the aggregate of the field over the window up to now, by subject. A subject without
 * data in the window is VERDICT_UNKNOWN and stays known for an hour. */
#ifndef ALERTS_OWN_H
#define ALERTS_OWN_H

#include "base/settings.h"
#include "influx/gather.h"
#include "query-service/alerts/rules.h"

/* own_plan adds one statement a rule. */
void own_plan(const struct settings_query_alerts *settings, int64_t now_ns,
              struct gather_plan *plan);

/* own_find reads the results, the first being at `first`. A rule whose statement failed, or whose
 * field is not a number, is UNKNOWN for all its subjects; `asked` is told of each rule, complete
 * when its statement succeeded. */
void own_find(const struct settings_query_alerts *settings, const struct gather_results *results,
              unsigned first, const struct rules_sink *sink, void *context,
              void (*asked)(void *context, const char *rule, bool complete));

#endif
