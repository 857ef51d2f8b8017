#include "query-service/statistics/tally.h"

#include <math.h>

void tally_sum(struct fields_number *to, struct fields_number more)
{
    if (more.present)
        *to = fields_number(to->value + more.value);
}

void tally_add(struct tally *to, const struct tally *more)
{
    tally_sum(&to->events, more->events);
    tally_sum(&to->write_attempts, more->write_attempts);
    tally_sum(&to->write_errors, more->write_errors);
    to->processing_ms_weighted += more->processing_ms_weighted;
    to->processing_weight += more->processing_weight;
    to->success_weighted += more->success_weighted;
    to->success_weight += more->success_weight;
    to->rated_attempts += more->rated_attempts;
    to->rated_errors += more->rated_errors;
}

static struct fields_number number_of(struct fields_unsigned count)
{
    return (struct fields_number){(double)count.value, count.present};
}

void tally_rate(struct tally *tally)
{
    if (!tally->write_attempts.present || !tally->write_errors.present)
        return;
    tally->rated_attempts = tally->write_attempts.value;
    tally->rated_errors = tally->write_errors.value;
}

struct tally tally_of(const struct service_metrics *metrics)
{
    struct tally tally = {
        .events = number_of(metrics->events_processed),
        .write_attempts = number_of(metrics->write_attempts),
        .write_errors = number_of(metrics->write_errors),
    };
    double events = tally.events.present ? tally.events.value : 0;
    if (metrics->processing_time_ms.present && events > 0) {
        tally.processing_ms_weighted = metrics->processing_time_ms.value * events;
        tally.processing_weight = events;
    }
    if (metrics->success_rate.present && !tally.write_attempts.present && events > 0) {
        tally.success_weighted = metrics->success_rate.value * events;
        tally.success_weight = events;
    }
    tally_rate(&tally);
    return tally;
}

/* A quotient that is no number is no figure either. */
struct fields_number tally_quotient(double sum, double weight)
{
    double mean = weight > 0 ? sum / weight : NAN;
    return isfinite(mean) ? fields_number(mean) : (struct fields_number){0};
}

struct fields_number tally_processing_ms(const struct tally *tally)
{
    return tally_quotient(tally->processing_ms_weighted, tally->processing_weight);
}

struct fields_number tally_error_percent(const struct tally *tally)
{
    /* An interval may tell of errors whose attempts were counted in the one before. */
    double attempts = tally->rated_attempts;
    return tally_quotient(100 * fmin(tally->rated_errors, attempts), attempts);
}

struct fields_number tally_success_percent(const struct tally *tally)
{
    struct fields_number errors = tally_error_percent(tally);
    if (errors.present)
        return fields_number(100 - errors.value);
    struct fields_number told = tally_quotient(tally->success_weighted, tally->success_weight);
    return told.value > 100 ? (struct fields_number){0} : told;
}
