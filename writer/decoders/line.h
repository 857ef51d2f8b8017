/* The decoder `line`: InfluxDB line protocol, one or many lines, timestamps in ns.
 *
 * Each line is read strictly and becomes a point of its own, so nothing of a message reaches
 * InfluxDB but what line protocol says of it; integers stay integers. The source's tags and the
 * configuration's are added. A line that is none costs itself; a message whose only line is none is
 * rejected whole.
 *
 * Retained: stored only with a time of its own. Late: stored. */
#ifndef WRITER_DECODERS_LINE_H
#define WRITER_DECODERS_LINE_H

#include "writer/decoders/decoder.h"

extern const struct decoder line_decoder;

#endif
