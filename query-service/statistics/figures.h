/* What a statistic is, whatever its source: sums first, and what follows from sums in one place.
 *
 * Nothing is invented. A sum of which nothing was heard is absent, a mean of nothing and a rate of
 * no attempts too; whoever writes an answer writes null and names the figure in `missing`. Means
 * are weighted by what they are means of, never means of means; counts are messages, never fields.
 */
#ifndef STATISTICS_FIGURES_H
#define STATISTICS_FIGURES_H

#include "query-service/statistics/period.h"
#include "schemas/service_metrics.h"

#define FIGURES_SERVICES                                                                           \
    64 /* beyond these the last ones in the alphabet are left out and named as missing */
#define FIGURES_MISSING 8

enum figures_source { FIGURES_INFLUXDB, FIGURES_SERVICES_FALLBACK };
/* "influxdb", "services-fallback". */
const char *figures_source_name(enum figures_source source);

/* Sums over a stretch of time. A weight of 0 means that its mean is absent. */
struct tally {
    struct fields_number events, write_attempts, write_errors, lines_written;
    double processing_ms_weighted, processing_weight; /* sum of ms x events, sum of events */
    double success_weighted, success_weight; /* of services that report a rate and no attempts */
};
void tally_add(struct tally *to, const struct tally *more);
/* tally_of takes what one message of a service says of its interval. */
struct tally tally_of(const struct service_metrics *metrics);

/* What follows from sums; absent where there is nothing to tell. */
struct fields_number tally_processing_ms(const struct tally *tally);
struct fields_number
tally_success_percent(const struct tally *tally); /* from the attempts, else the reported rates */
struct fields_number
tally_error_percent(const struct tally *tally); /* write errors of write attempts */

struct figures_service {
    char name[64];
    struct tally sums;
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
    char figure[64];
    char reason[192];
};

struct figures {
    enum figures_source source;
    struct period period;
    char only_service[64]; /* "" for all */
    struct fields_number
        total_events;  /* messages received: all sources, or the one service's events */
    struct tally sums; /* over all services, or the one */
    struct figures_service services[FIGURES_SERVICES]; /* sorted by name */
    unsigned services_count;
    struct figures_window *windows; /* owned, period_windows() of them */
    unsigned windows_count;
    double age_s;    /* from the newest figure to now */
    double covers_s; /* how much of the period is covered */
    struct figures_missing missing[FIGURES_MISSING];
    unsigned missing_count;
};

/* figures_begin empties it and makes its windows; ERR_NOMEM. */
enum err figures_begin(struct figures *figures, enum figures_source source,
                       const struct period *period, struct text only_service) ERR_MUST_CHECK;
void figures_free(struct figures *figures);

/* figures_service gives the row of a service, made when it is new; NULL when there are
 * FIGURES_SERVICES already. */
struct figures_service *figures_service(struct figures *figures, struct text name);
void figures_miss(struct figures *figures, const char *figure, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));

/* total_events over the minutes of the period (of what is covered, where that is less). */
struct fields_number figures_events_per_minute(const struct figures *figures);

#endif
