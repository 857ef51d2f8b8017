/* The alerts that an answer about figures shows: those that its own figures give (so that they fit
 * the period that was asked for), and of the rules that are about something else those that stand.
 * The worst first, then the newest change. */
#ifndef ENDPOINTS_FIGURES_ALERTS_H
#define ENDPOINTS_FIGURES_ALERTS_H

#include "query-service/endpoints/endpoint.h"

struct figures_alerts;

/* figures_alerts_make gives NULL when out of memory. What is standing is borrowed: it lives until
 * the next round of the alerts ends. An alert that the figures give and that stands has its state
 * and time from there; else it fires, now. */
struct figures_alerts *figures_alerts_make(const struct question *question,
                                           const struct figures *figures);
void figures_alerts_free(struct figures_alerts *alerts);

/* figures_alerts_write appends the list `[...]` of those of a service and a level (empty texts: of
 * all), and gives their number. With NULL, of a make without memory, the buffer has failed. */
unsigned figures_alerts_write(const struct figures_alerts *alerts, struct text service,
                              struct text level, struct buf *out);

#endif
