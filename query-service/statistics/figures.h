/* What a statistic is, whatever its source: sums first, and what follows from sums in one place.
 *
 * Nothing is invented. A sum of which nothing was heard is absent, a mean of nothing and a rate of
 * no attempts too; whoever writes an answer writes null and names the figure in `missing`. Means
 * are weighted by what they are means of, never means of means; counts are messages, never fields.
 *
 * Sums are of what is covered. A total is a sum of the whole period, and absent where only a part
 * of it is covered by what was heard; means are of what is covered, and `covers_s` says how much
 * that is. A rate is a total over `span_s`, or the sum of a part over `covers_s`. */
#ifndef STATISTICS_FIGURES_H
#define STATISTICS_FIGURES_H

#include "query-service/statistics/period.h"
#include "query-service/statistics/tally.h"

#define FIGURES_SERVICES                                                                           \
    64 /* beyond these the last ones in the alphabet are left out and named as missing */
#define FIGURES_MISSING 48

enum figures_source { FIGURES_INFLUXDB, FIGURES_SERVICES_FALLBACK };
/* "influxdb", "services-fallback". */
const char *figures_source_name(enum figures_source source);

struct figures_service {
    char name[64];
    struct tally sums;
    bool whole;                  /* the sums are of the whole period: they are totals */
    int64_t last_update_ns;      /* of its last metrics; 0: none in reach */
    enum status_state state;     /* as heard on the bus; STATUS_UNSAID when unknown */
    struct service_metrics last; /* its last message, as far as the source has it */
};

struct figures_window {
    int64_t time_ns; /* its start */
    struct fields_number count, errors;
};

/* A figure that could not be told, and why: {"figure": "metrics.total_events", "reason": ...}. */
struct figures_missing {
    char figure[112];
    char reason[192];
};

struct figures {
    enum figures_source source;
    struct period period;
    char only_service[64];         /* "" for all */
    struct fields_number events;   /* messages received: all sources, or the one service's events */
    struct tally sums;             /* over all services, or the one */
    bool events_whole, sums_whole; /* of the whole period: they are totals */
    struct figures_service services[FIGURES_SERVICES]; /* sorted by name */
    unsigned services_count;
    struct figures_window *windows; /* owned, period_windows() of them */
    unsigned windows_count;
    struct fields_number age_s; /* from the newest figure to now; absent when there is none */
    double covers_s;            /* how much of the period is covered: from the first figure to the
                                   newest, gaps between included */
    double span_s;              /* what the rate of a total is over: the whole period, unless the
                                   source knows that its sums are of less */
    struct figures_missing missing[FIGURES_MISSING];
    unsigned missing_count;
};

/* figures_begin empties it, whatever it was of before (or zeroed), and makes its windows;
 * ERR_NOMEM.
 */
enum err figures_begin(struct figures *figures, enum figures_source source,
                       const struct period *period, struct text only_service) ERR_MUST_CHECK;
void figures_free(struct figures *figures); /* a zeroed one is as good as freed */

/* figures_service gives the row of a service, made when it is new; NULL when it is beyond
 * FIGURES_SERVICES. Rows move when one is made: a pointer lives until the next call. */
struct figures_service *figures_service(struct figures *figures, struct text name);

/* figures_miss names a figure and the reason once; beyond FIGURES_MISSING nothing happens. */
void figures_miss(struct figures *figures, const char *figure, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));

/* figures_end names what is absent and was not named yet: to be called when all is there. */
void figures_end(struct figures *figures);

/* figures_cover sets covers_s, and age_s when anything is covered (newest_ns above first_ns). */
void figures_cover(struct figures *figures, int64_t first_ns, int64_t newest_ns, int64_t now_ns);

/* figures_total gives a sum when it is a total, figures_total_events the messages of the period. */
struct fields_number figures_total(bool whole, struct fields_number sum);
struct fields_number figures_total_events(const struct figures *figures);

/* What a rate is over: span_s where its sum is a total, else what is covered. */
double figures_span_s(const struct figures *figures, bool whole);

/* The messages over the minutes of figures_span_s. */
struct fields_number figures_events_per_minute(const struct figures *figures);

#endif
