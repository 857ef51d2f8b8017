/* What ESPHome's nodes publish (its page components/mqtt, its files esphome/components/mqtt/
 * mqtt_*.cpp), to device_metrics with the tags device_id and source=esphome. Below the prefix of a
 * node (topic_prefix, its name by default):
 *
 *   <type>/<object_id>/state           the field <object_id>
 *   <type>/<object_id>/<part>/state    the field <object_id>.<part> (climate, fan, cover, valve)
 *   status                             the field `available`
 *
 * The type says what a payload is, so that a field keeps one type: of a sensor a number, of a
 * switch a boolean, of a text_sensor a text even where it is "12". A word that is no such number or
 * boolean (nan, None: a sensor without a value) is stored under <field>_str: the gap is marked. A
 * number where a boolean is due is BAD_VALUE.
 * light, event, update, date, time and datetime send an object: its members are flattened to
 * <object_id>.<member>, and `state` of a light is the boolean <object_id>. A type that is not known
 * here is taken by the looks of its payload.
 *
 * Ignored: commands, the log (debug), an empty state, and every other topic.
 *
 * The node is the level that the filter captures as +device_id (esphome/+device_id/#), or the tag
 * device_id of the source, for a filter that takes one node (kitchen/#). A source with neither is
 * refused at the start.
 *
 * No message has a time of its own, and states are retained by default. Retained: stored only with
 * a time of their own, so not at all: the broker's memory is not of now, and every node would bring
 * all of its states each time the writer subscribes anew. Late: stored; what waited at the broker
 * would be lost otherwise. */
#ifndef WRITER_DECODERS_ESPHOME_H
#define WRITER_DECODERS_ESPHOME_H

#include "writer/decoders/decoder.h"

extern const struct decoder esphome_decoder;

#endif
