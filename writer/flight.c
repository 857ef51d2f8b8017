#include "writer/flight.h"

#define BOUNDED_TRIES 5u
#define SERVER_TRIES  20u /* of a body that the server itself fails on, such as a write timeout */

static struct flight_range *top(struct flight_part *part)
{
    return &part->ranges[part->depth - 1];
}

static void pop(struct flight_part *part)
{
    part->depth--;
    part->tries = 0;
}

static void split(struct flight_part *part)
{
    struct flight_range whole = *top(part);
    size_t half = whole.count / 2;
    pop(part);
    part->ranges[part->depth++] = (struct flight_range){whole.first + half, whole.count - half};
    part->ranges[part->depth++] = (struct flight_range){whole.first, half};
}

static void refuse(struct flight_part *part, size_t line, const char *words)
{
    struct flight *flight = part->flight;
    flight->rejected++;
    flight->refused(flight->context, flight->batch->records[part->lines->at[line].record],
                    batch_slice(part->lines, line, 1), words);
}

static void give_up(struct flight_part *part, const struct influx_result *result)
{
    struct flight_range range = *top(part);
    size_t refused = 0;
    for (size_t i = 0; i < result->bad_count; i++) {
        if (result->bad[i].line >= range.count)
            continue;
        refuse(part, range.first + result->bad[i].line, result->bad[i].words);
        refused++;
    }
    if (refused == 0 && range.count == 1) {
        refuse(part, range.first, result->words);
        refused = 1;
    }
    part->flight->stored += range.count - refused;
    pop(part);
}

static void decide(struct flight_part *part, const struct influx_result *result)
{
    enum outcome outcome = result->outcome;
    size_t count = top(part)->count;
    if (outcome == OUTCOME_RETRY_BOUNDED && ++part->tries >= BOUNDED_TRIES)
        outcome = OUTCOME_SPLIT;
    if (outcome == OUTCOME_RETRY && result->status == 500 && ++part->tries >= SERVER_TRIES &&
        count > 1)
        outcome = OUTCOME_SPLIT; /* a smaller body may pass; a line is never given up for this */
    if (outcome == OUTCOME_REJECTED && result->bad_count == 0 && count > 1)
        outcome = OUTCOME_SPLIT; /* not said which */
    if (outcome == OUTCOME_SPLIT && count == 1)
        outcome = OUTCOME_REJECTED;
    switch (outcome) {
    case OUTCOME_STORED:
        part->flight->stored += count;
        pop(part);
        break;
    case OUTCOME_SPLIT:
        split(part);
        break;
    case OUTCOME_REJECTED:
        give_up(part, result);
        break;
    case OUTCOME_RETRY:
    case OUTCOME_RETRY_BOUNDED:
    case OUTCOME_FAULT:
        break; /* the server's waiting time decides when it is sent again */
    }
}

static bool finished(const struct flight *flight)
{
    for (unsigned i = 0; i < BATCH_PARTS; i++)
        if (flight->parts[i].depth > 0 || flight->parts[i].posted)
            return false;
    return true;
}

static void post_done(void *context, const struct influx_result *result)
{
    struct flight_part *part = context;
    struct flight *flight = part->flight;
    part->posted = false;
    store_answered(flight->store, result);
    decide(part, result);
    if (finished(flight))
        flight->landed(flight->context);
}

static void post(struct flight_part *part)
{
    struct flight *flight = part->flight;
    struct text lines = batch_slice(part->lines, top(part)->first, top(part)->count);
    part->posted = true;
    store_posted(flight->store);
    if (influx_write_post(store_write(flight->store), lines, top(part)->count, part, post_done) !=
        ERR_OK) {
        part->posted = false;
        store_pause(flight->store);
    }
}

void flight_post(struct flight *flight)
{
    for (unsigned i = 0; i < BATCH_PARTS; i++)
        if (flight->parts[i].depth > 0 && !flight->parts[i].posted)
            post(&flight->parts[i]);
}

void flight_start(struct flight *flight, struct batch *batch)
{
    flight->batch = batch;
    flight->stored = flight->rejected = 0;
    for (unsigned i = 0; i < BATCH_PARTS; i++) {
        struct flight_part *part = &flight->parts[i];
        *part = (struct flight_part){.flight = flight, .lines = &batch->parts[i]};
        if (batch->parts[i].count > 0)
            part->ranges[part->depth++] = (struct flight_range){0, batch->parts[i].count};
    }
    flight_post(flight);
}

void flight_abandon(struct flight *flight)
{
    memset(flight->parts, 0, sizeof flight->parts);
    flight->batch = NULL;
    flight->stored = flight->rejected = 0;
}
