/* Sums first, and what follows from them in one place: rates and means are quotients of sums, never
 * means of means, and absent where there is nothing to tell. Pure. */
#ifndef STATISTICS_TALLY_H
#define STATISTICS_TALLY_H

#include "schemas/service_metrics.h"

/* Sums over a stretch of time. A weight of 0 means that its mean is absent. */
struct tally {
    struct fields_number events, write_attempts, write_errors;
    double processing_ms_weighted, processing_weight; /* sum of ms x events, sum of events */
    double success_weighted, success_weight; /* of services that report a rate and no attempts */
    double rated_attempts, rated_errors;     /* of what told of both: errors alone are no rate */
};
void tally_add(struct tally *to, const struct tally *more);
/* tally_of takes what one message of a service says of its interval. */
struct tally tally_of(const struct service_metrics *metrics);
/* tally_rate: what it says of attempts and errors was said together. */
void tally_rate(struct tally *tally);

/* What follows from sums; absent where there is nothing to tell. */
struct fields_number tally_processing_ms(const struct tally *tally);
struct fields_number
tally_success_percent(const struct tally *tally); /* from the attempts, else the reported rates */
struct fields_number
tally_error_percent(const struct tally *tally); /* write errors of write attempts */

/* tally_sum adds what may be absent: one that is absent adds nothing, two are absent.
 * tally_quotient is absent where it is no number. */
void tally_sum(struct fields_number *to, struct fields_number more);
struct fields_number tally_quotient(double sum, double weight);

#endif
