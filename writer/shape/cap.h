/* A bound on the series of a source: points of series beyond `max_series` are refused
 * (too_many_series), those of series that came before go on. Random ids in topics then cost neither
 * InfluxDB's memory nor ours.
 *
 * Counted exactly, by hashes of measurement and tags, since the journal was made; a series is never
 * forgotten, as InfluxDB does not forget it either. A source without a bound (0) is not counted,
 * nor is what is told of entities: as many facts as entities.h remembers bound that. */
#ifndef WRITER_SHAPE_CAP_H
#define WRITER_SHAPE_CAP_H

#include "writer/shape/stage.h"

extern const struct stage cap_stage;

/* cap_series is how many series the stage has counted, of all sources together. */
struct cap;
uint64_t cap_series(const struct cap *cap);

#endif
