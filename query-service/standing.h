/* The standing questions of the configuration: asked by the clock, answered retained, for those
 * who can read a topic and not ask: a Home Assistant sensor, a display on a wall. */
#ifndef QUERY_STANDING_H
#define QUERY_STANDING_H

#include "query-service/answerer.h"

struct standing;

/* standing_check checks every question of the world's settings, as standing_open does. */
enum err standing_check(const struct endpoint_world *world, struct err_reason *why) ERR_MUST_CHECK;

/* standing_open checks every question: ERR_INVALID names the one whose endpoint is unknown, or
 * whose request that endpoint refuses. */
enum err standing_open(const struct endpoint_world *world, struct answerer *answerer,
                       struct standing **ret_standing, struct err_reason *why) ERR_MUST_CHECK;

/* standing_turn asks what is due and returns in how many ms the next one is. */
uint32_t standing_turn(struct standing *standing);
void standing_close(struct standing *standing); /* NULL accepted */

#endif
