/* The decoder `reading`: readings/<device> with a map or an array of maps, short or full form, JSON
 * or msgpack; and readings/<device>/<metric> with one bare number, boolean (true, false, on, off)
 * or word.
 *
 * Makes one point of device_metrics an element, of the kind's measurement where it has one
 * (own_kind.h: energy, phm, vm), of the message's own `measurement` where it names one; with the
 * tag device_id (of a vm: vm_id) from `device`, else from the topic, the tag kind where the kind
 * has no measurement of its own, and the message's own tags. Numbers are floats. As a source for
 * topics that are not ours the filter must capture +device_id or the message name `device`.
 *
 * A bare "nan" is BAD_VALUE: the metric is a number, and a text under its name would fight it.
 *
 * Retained: stored only with a time of its own. Late: stored. */
#ifndef WRITER_DECODERS_READING_H
#define WRITER_DECODERS_READING_H

#include "writer/decoders/decoder.h"

extern const struct decoder reading_decoder;

#endif
