/* The decoder `theengs`: what Theengs Gateway and OpenMQTTGateway publish of what they hear by
 * radio, of their own sensors and of themselves (OpenMQTTGateway docs/use/{ble,lora,rf,sensors}.md,
 * theengs/gateway docs/use/use.md).
 *
 * The level <module>toMQTT of the topic says what a message is about; before it stands the gateway.
 * Behind BTtoMQTT, LORAtoMQTT and RTL_433toMQTT stands the device that was heard, which is the
 * device_id (a MAC, "Nexus-TH/3/105"); an older RTL_433toMQTT without it names model, channel and
 * id in the message. SYStoMQTT is the gateway itself. Of any other module, and where no device is
 * named, the device is the gateway, and the fields have the module and the levels behind it before
 * their names (DHT.temp, CLIMA.htu.tempc).
 *
 * One point of device_metrics with the tags device_id and source=theengs. Texts that read as a
 * number are numbers (older firmware quoted them), but for those of RTL_433. What names or
 * describes the device (id, name, brand, model, servicedata ...) is left out: it is no reading.
 * <gateway>/LWT becomes `available`. The time is `unixtime` or `UTCtime`, where the firmware was
 * built with them.
 *
 * Ignored: commands, what is undecoded (raw frames for another decoder), versions, releases and
 * the log, all that has no level <module>toMQTT.
 *
 * Retained: stored only with a time of its own, because the broker's memory of a sensor is of
 * unknown age (OpenMQTTGateway issue 922). Late: stored. */
#ifndef WRITER_DECODERS_THEENGS_H
#define WRITER_DECODERS_THEENGS_H

#include "writer/decoders/decoder.h"

extern const struct decoder theengs_decoder;

#endif
