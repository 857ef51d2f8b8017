/* The decoder `tasmota`: devices with the firmware Tasmota (tasmota/docs: MQTT.md, Commands.md,
 * JSON-Status-Responses.md).
 *
 * What a message is stands in the topic's last level, whatever order FullTopic gives to the levels
 * before; the filter names the device: tele/+device_id/+, +device_id/tele/+,
 * tele/home/+device_id/+. One point of device_metrics a message: SENSOR, STATE, RESULT     the
 * object's members, flattened: ENERGY.Power, DS18B20-1.Temperature, ENERGY.Power.0 of several
 * phases STATUS8, STATUS10, STATUS11   the same, from inside of StatusSNS and StatusSTS POWER,
 * POWER<n>           the bare state, as the field of this name LWT                       Online and
 * Offline: the field `available` The texts ON and OFF are booleans, but for `Action`, which has
 * further words. A failed sensor's null is left out. Any other last level (INFO<n>, other STATUS,
 * LOGGING ...) and all below the prefix cmnd is DECODE_IGNORED, an answer that only says that a
 * command is unknown too.
 *
 * Time: `Time` is the device's local time, without a zone unless SetOption52 is on; only with one
 * it is the point's own. The command `Time` 2, 3 and 4 write it as UTC seconds or milliseconds,
 * which is always taken. A clock that is not set yet (before 2016) is none.
 *
 * Retained: stored only with a time of its own: SensorRetain, PowerRetain and the LWT give a value
 * of some time ago. Late: stored. */
#ifndef WRITER_DECODERS_TASMOTA_H
#define WRITER_DECODERS_TASMOTA_H

#include "writer/decoders/decoder.h"

extern const struct decoder tasmota_decoder;

#endif
