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
    for (unsigned i = 0; i < flight->batch->parts_end; i++)
        if (flight->parts[i].depth > 0 || flight->parts[i].posted)
            return false;
    return true;
}

static unsigned destination_of(const struct flight_part *part)
{
    return (unsigned)(part - part->flight->parts) / BATCH_PARTS;
}

static struct store *store_of(const struct flight_part *part)
{
    return part->flight->stores[destination_of(part)];
}

static void post_done(void *context, const struct influx_result *result)
{
    struct flight_part *part = context;
    struct flight *flight = part->flight;
    part->posted = false;
    store_answered(store_of(part), result);
    decide(part, result);
    if (finished(flight))
        flight->landed(flight->context);
}

static void post(struct flight_part *part)
{
    struct text lines = batch_slice(part->lines, top(part)->first, top(part)->count);
    part->posted = true;
    store_posted(store_of(part));
    if (influx_write_post(store_write(store_of(part)), lines, top(part)->count, part, post_done) !=
        ERR_OK) {
        part->posted = false;
        store_unsent(store_of(part));
    }
}

/* All that is left of a part: the ranges follow each other up to its last line. */
static bool park(struct flight_part *part, bool *ret_wait)
{
    struct flight *flight = part->flight;
    size_t first = top(part)->first, count = part->lines->count - first;
    if (!flight->park || !flight->park(flight->context, destination_of(part),
                                       batch_slice(part->lines, first, count), count, ret_wait))
        return false;
    part->depth = 0;
    return true;
}

void flight_post(struct flight *flight)
{
    for (unsigned i = 0; i < flight->batch->parts_end; i++) {
        struct flight_part *part = &flight->parts[i];
        bool wait = false;
        if (part->depth > 0 && !part->posted && !park(part, &wait) && !wait &&
            store_turn(store_of(part)))
            post(part);
    }
    if (flight->batch && finished(flight))
        flight->landed(flight->context);
}

void flight_start(struct flight *flight, struct batch *batch)
{
    flight->batch = batch;
    flight->stored = flight->rejected = 0;
    for (unsigned i = 0; i < batch->parts_end; i++) {
        struct flight_part *part = &flight->parts[i];
        *part = (struct flight_part){.flight = flight, .lines = &batch->parts[i]};
        if (batch->parts[i].count > 0)
            part->ranges[part->depth++] = (struct flight_range){0, batch->parts[i].count};
    }
    flight_post(flight);
}

void flight_abandon(struct flight *flight)
{
    for (unsigned i = 0; flight->batch && i < flight->batch->parts_end; i++) {
        flight->parts[i].depth = 0;
        flight->parts[i].posted = false;
    }
    flight->batch = NULL;
    flight->stored = flight->rejected = 0;
}
