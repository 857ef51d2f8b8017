/* Figures as JSON: the members that the answers about figures share. Rates and percents have 2
 * decimals, milliseconds 3, counts none; what is absent is null. */
#ifndef ENDPOINTS_FIGURES_JSON_H
#define ENDPOINTS_FIGURES_JSON_H

#include "base/buf.h"
#include "query-service/statistics/figures.h"

enum { FIGURES_JSON_COUNT = 0, FIGURES_JSON_RATE = 2, FIGURES_JSON_MS = 3 }; /* decimals */

/* figures_json_number appends a rounded number, or null. One that would be rounded to 0 or 100 and
 * is not has as many decimals more as tell: one error of 50,000 writes is 99.998 % of success. */
void figures_json_number(struct fields_number number, unsigned decimals, struct buf *out);

/* figures_json_member appends `"name":number`, with a comma before it unless it follows a '{', a
 * '[' or nothing; figures_json_time `"name":"..."`, null for 0; figures_json_text `"name":"..."`.
 */
void figures_json_member(const char *name, struct fields_number number, unsigned decimals,
                         struct buf *out);
void figures_json_time(const char *name, int64_t time_ns, struct buf *out);
void figures_json_text(const char *name, const char *text, struct buf *out);
/* figures_json_name appends `"name":` in the same way, for a value that the caller writes. */
void figures_json_name(const char *name, struct buf *out);

/* figures_json_period appends `"period","from","to"`, figures_json_reach `"age_s","covers_s",
 * "missing"`, and figures_json_shared both with `"source"`. Of what is missing only that is told
 * which the answer `shows`: a sum of the parts below. `also` is one more thing that is missing, or
 * NULL. */
enum { FIGURES_JSON_TOTALS = 1, FIGURES_JSON_SERVICES = 2, FIGURES_JSON_TRENDS = 4 };
#define FIGURES_JSON_ALL (FIGURES_JSON_TOTALS | FIGURES_JSON_SERVICES | FIGURES_JSON_TRENDS)
void figures_json_period(const struct period *period, struct buf *out);
void figures_json_reach(const struct figures *figures, unsigned shows,
                        const struct figures_missing *also, struct buf *out);
void figures_json_shared(const struct figures *figures, unsigned shows,
                         const struct figures_missing *also, struct buf *out);

/* figures_json_metrics appends the object of totals with all services, figures_json_service the
 * object of one, figures_json_trends the list of windows. */
void figures_json_metrics(const struct figures *figures, struct buf *out);
void figures_json_service(const struct figures_service *service, struct buf *out);
void figures_json_trends(const struct figures *figures, struct buf *out);

#endif
