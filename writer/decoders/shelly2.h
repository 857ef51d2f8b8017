/* The decoder `shelly2`: Shelly devices from the second generation on
 * (shelly-api-docs.shelly.cloud/ gen2: General/Notifications, ComponentsAndServices/Mqtt).
 *
 * The filter names the device in the topic, which is what the device's topic_prefix ends with:
 * +device_id/#, shellies/+device_id/#.
 *   events/rpc       NotifyStatus (what changed) and NotifyFullStatus: one point of device_metrics,
 *                    its fields named by component: switch:0.apower, temperature:0.tC. NotifyEvent:
 *                    each event one point of `events` with the tags source, device_id, component
 * and kind, its other members as fields, count = 1 when there is none. status/<component>   one
 * component's whole status, under the same names of fields online           true and false: the
 * field `available` A component's `id` is left out: its name holds it. Units are the device's:
 * energies are watt-hours. All other topics (rpc, command, ...) are DECODE_IGNORED, and so are
 * frames that are no notification.
 *
 * Time: params.ts of a notification, and of an event its own ts; seconds with a fraction. null, and
 * seconds since the start (before 2016) of a device that was not told the time yet, are none;
 * status and online have none.
 *
 * Retained: stored only with a time of its own: the device retains `online`, and a retained status
 * does not say when it was. Late: stored. */
#ifndef WRITER_DECODERS_SHELLY2_H
#define WRITER_DECODERS_SHELLY2_H

#include "writer/decoders/decoder.h"

extern const struct decoder shelly2_decoder;

#endif
