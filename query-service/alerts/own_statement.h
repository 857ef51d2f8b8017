/* The statements of a person's own rule. Only for own.c. */
#ifndef ALERTS_OWN_STATEMENT_H
#define ALERTS_OWN_STATEMENT_H

#include "base/settings.h"
#include "influx/gather.h"

/* own_statements gives how many a rule needs, own_statements_add adds them. Their answers:
 *   increase  columns first and last, and column fallen, of each series of InfluxDB's
 *   all else  column value, by subject */
unsigned own_statements(const struct settings_alert_rule *rule);
void own_statements_add(const struct settings_alert_rule *rule, int64_t now_ns,
                        struct gather_plan *plan);

/* own_statement_before adds one more for `count`: column value by subject, of the hour before now
 * (the window, where that is longer). */
void own_statement_before(const struct settings_alert_rule *rule, int64_t now_ns,
                          struct gather_plan *plan);

#endif
