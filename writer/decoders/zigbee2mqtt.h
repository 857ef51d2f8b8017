/* What Zigbee2MQTT publishes (its pages guide/usage/mqtt_topics_and_messages.md, health.md and
 * guide/configuration/mqtt.md, device-availability.md; its files lib/controller.ts and
 * lib/util/utils.ts), to device_metrics with the tags device_id and source=zigbee2mqtt.
 *
 *   <base>/<name>                a JSON object: each attribute a field, objects and arrays inside
 *                                flattened with a dot, null left out
 *   <base>/<name>/<attribute>    one attribute as plain text (output: attribute); what is nested
 *                                there comes as color-x and becomes color.x, as in JSON
 *   <base>/<name>/availability   the field `available`, from {"state":"online"} or the bare word
 *   <base>/bridge/state          likewise, of the device `bridge`
 *   <base>/bridge/health         the bridge's own figures; `devices` inside is left out, because it
 *                                names devices by address and every device would be there twice
 *
 * Ignored: the rest of bridge/, commands (a level `set` or `get` behind the name), empty payloads.
 * `device` (include_device_information) is left out: it is the same in every message.
 *
 * Text stays text: `state` is ON of a lamp and OPEN of a cover, and a field has one type.
 *
 * The name, slashes and all, begins at the level that the filter captures as +device_id, else at
 * the first one that it leaves open (zigbee2mqtt/#); a filter without either is refused at the
 * start.
 *
 * A message's own time is `last_seen`: ISO 8601 with a zone, or milliseconds since 1970; of
 * bridge/health `response_time`. An ISO time without a zone is read in the `timezone` of the
 * source, and without that counts as none.
 *
 * Retained: stored with a time of its own. The attributes repeat what is old, and availability is
 * retained always. Late: stored; what waited at the broker would be lost otherwise. Attributes that
 * did not change come again in every message (cache_state); leaving them out is for a rule with
 * memory. */
#ifndef WRITER_DECODERS_ZIGBEE2MQTT_H
#define WRITER_DECODERS_ZIGBEE2MQTT_H

#include "writer/decoders/decoder.h"

extern const struct decoder zigbee2mqtt_decoder;

#endif
