/* Gives a state of Home Assistant's statestream the time that the house says of it, and stores what
 * both streams bring once.
 *
 * State and last_updated are messages of their own. Live, the state comes first: it is kept until
 * its last_updated has come, JOIN_WINDOW_NS at most (the next record or tick after that ends it),
 * and then goes on at its arrival time; a house that has told no times for JOIN_FORGET_NS is not
 * waited for. Retained, as after a subscribe, they come in any order: a time that came first is
 * kept for the same window, and a state without one is left out. Only for sources whose filter
 * takes last_updated.
 *
 * Where an eventstream is a source too, it has precedence, because it says time and state in one
 * message: a state of the statestream is left out when the eventstream brings the same of the
 * entity within JOIN_WINDOW_NS, before or after it, or one of the same time. What only one of the
 * two brings is stored. An eventstream that was silent for JOIN_FORGET_NS is not waited for. Points
 * of other measurements are other things, and so is the layout homeassistant.
 *
 * At most JOIN_ENTITIES entities are known; those beyond are not joined. */
#ifndef WRITER_SHAPE_JOIN_H
#define WRITER_SHAPE_JOIN_H

#include "writer/shape/stage.h"

#define JOIN_WINDOW_NS (500 * INT64_C(1000000))
#define JOIN_FORGET_NS (24 * 3600 * INT64_C(1000000000))
#define JOIN_ENTITIES  16384u

extern const struct stage join_stage;

/* join_finds_times: whether a point of the source that comes without a time may find one. */
bool join_finds_times(const struct source *source);

#endif
