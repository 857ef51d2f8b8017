/* The decoder `service_metrics`: services/<service>/metrics, what a service reports of itself each
 * interval.
 *
 * Makes one point of service_metrics with the tag service (from the topic; of topics that are not
 * ours, captured by +service or from `service`), the time from `time` and its kin, and each number
 * and boolean as a field, those of objects inside joined with a dot. Texts, arrays, null and what
 * cannot be stored are left out, so that one strange figure does not cost the others.
 *
 * Retained: stored only with a time of its own, which a report of ours always has. Late: stored. */
#ifndef WRITER_DECODERS_SERVICE_METRICS_H
#define WRITER_DECODERS_SERVICE_METRICS_H

#include "writer/decoders/decoder.h"

extern const struct decoder service_metrics_decoder;

#endif
