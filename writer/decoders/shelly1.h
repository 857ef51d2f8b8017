/* The decoder `shelly1`: Shelly devices of the first generation (shelly-api-docs.shelly.cloud/gen1:
 * MQTT support of each model).
 *
 * The levels behind the device, joined with a dot, are the name of the field; one point of
 * device_metrics a message: shellies/<id>/relay/0/power is relay.0.power. The filter names the
 * device: shellies/+device_id/#.
 *   relay/<i>          on, off: the boolean relay.<i>; overpower is off, and the boolean
 *                      relay.<i>.overpower says so (false with on and off)
 *   .../energy, .../returned_energy   watt-minutes: stored as kWh, energy_kwh and
 *                      returned_energy_kwh
 *   .../total, .../total_returned     of an emeter, watt-hours: stored as kWh, total_kwh and
 *                      total_returned_kwh
 *   input/<i>, longpush/<i>, overtemperature, overload, loaderror, sensor/vibration   1 and 0:
 *                      booleans
 *   online             true and false: the field `available`
 *   info               the figures of the device's status, without its lists (relays, meters ...),
 *                      which have topics of their own; at its `unixtime`
 *   any other          a number, a boolean (on, off, true, false), text; an object's members
 * An input_event is a state: the device says it again with each update, and event_cnt tells a new
 * push from an old one. Commands (any level `command` or `set`), announcements, lists
 * (sensor/act_reasons) and topics without a device are DECODE_IGNORED.
 *
 * Retained: stored only with a time of its own: devices retain by default, so what comes on
 * subscribing is old. Late: stored. */
#ifndef WRITER_DECODERS_SHELLY1_H
#define WRITER_DECODERS_SHELLY1_H

#include "writer/decoders/decoder.h"

extern const struct decoder shelly1_decoder;

#endif
