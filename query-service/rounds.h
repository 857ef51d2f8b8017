/* The alerts' rounds: each 10 s what is needed is asked of InfluxDB (never of the
 * cache), all rules look at it, and what changed is said: the retained alert, alerts/active and one
 * event. While InfluxDB is away the rules judge what the services say on the bus. No round is held
 * while nobody could be told. */
#ifndef QUERY_ROUNDS_H
#define QUERY_ROUNDS_H

#include "query-service/endpoints/endpoint.h"
#include "query-service/listener.h"

#define ROUNDS_EVERY_MS   10000
#define ROUNDS_TIMEOUT_MS 5000

struct rounds;

struct rounds_options {
    const struct endpoint_world *world;
    struct gatherer *gatherer;
    struct speaker *speaker;
    struct listener *listener;
    struct log *log;
    uint32_t every_ms; /* ROUNDS_EVERY_MS, but in tests */
    void *context;
    void (*store_failed)(void *context, enum err outcome, const char *words);
};

/* rounds_open makes the alerts and the habits; rounds_alerts and rounds_habit are for the world.
 * ERR_INVALID: more rules than can be asked in a round. */
enum err rounds_open(const struct rounds_options *options, struct rounds **ret_rounds,
                     struct err_reason *why) ERR_MUST_CHECK;
struct alerts *rounds_alerts(struct rounds *rounds);
const struct habit *rounds_habit(const struct rounds *rounds);

/* rounds_restore takes what the broker had retained of our alerts: one of them, or the silences. */
void rounds_restore(struct rounds *rounds, struct text topic, struct text payload);

/* rounds_begin ends the restoring; rounds_turn holds a round when it is due and returns in how many
 * ms that is. */
void rounds_begin(struct rounds *rounds);
uint32_t rounds_turn(struct rounds *rounds);

/* rounds_idle: no round is under way, so that the world's settings may be replaced. */
bool rounds_idle(const struct rounds *rounds);

/* rounds_begin_anew is for after that: who is known of the person's own rules is known by a rule's
 * place among them, and is asked for again. ERR_NOMEM. */
enum err rounds_begin_anew(struct rounds *rounds) ERR_MUST_CHECK;

/* rounds_close: nothing may be under way. NULL accepted. */
void rounds_close(struct rounds *rounds);

#endif
