/* ISO 8601 times as devices write them: with a zone, or without one and then in the zone of their
 * source. */
#ifndef WRITER_DECODERS_ISO_TIME_H
#define WRITER_DECODERS_ISO_TIME_H

#include "base/zone.h"
#include "writer/decoders/decoder.h"

/* iso_time_read reads a time into the point. Without a zone in the text it is what the clocks of
 * `zone` showed; of an hour that comes twice, the one nearer to the arrival. With `zone` NULL such
 * a time is none: the point stays without. BAD_TIME for what is no time. */
enum reject iso_time_read(struct text time, const struct zone *zone, int64_t arrival_ns,
                          struct point *point, struct err_reason *why);

#endif
