/* The decoder `frigate`: counts, states, events and statistics of Frigate
 * (blakeblackshear/frigate docs/docs/integrations/mqtt.md).
 *
 * The first level that the source's filter leaves open (frigate/#), or +device_id, is where
 * Frigate's own prefix ends.
 *   <camera or zone>/<object>, .../active, .../motion, .../<feature>/state, .../audio/<type>
 *       device_metrics, device_id = the camera or zone, one field named after the levels behind it
 *       (person, person.active, motion, detect.state, audio.dBFS); ON and OFF are booleans, but
 *       for what may be a word as well (birdseye_mode.state, review_status, status.*).
 *   events, reviews
 *       `events` with the tags kind (new, update, end; of reviews review_new ...), camera, label or
 *       severity, at the frame's time, or the end's. Fields are the numbers, booleans and texts of
 *       `after`; zones are texts with commas between, pictures and coordinates are left out.
 *   stats
 *       device_metrics, a point for each camera (device_id) and one for Frigate itself, whose
 *       device_id is the last level of the prefix: frame rates, inference_speed, service,
 *       gpu_usages. What is listed by process id is left out: the numbers change, and each would be
 *       a field. At service.last_updated.
 *   available
 *       `available` of Frigate itself.
 *
 * All with the tag source=frigate. Ignored: pictures, told by their topic (.../snapshot) or their
 * first bytes (JPEG, PNG, WebP); commands (.../set, ptz, restart, onConnect); camera_activity,
 * which says again what the topics of a camera say; empty payloads; any other topic of one level.
 *
 * Retained: stored only with a time of its own, because states are retained and of unknown age.
 * Late: stored. */
#ifndef WRITER_DECODERS_FRIGATE_H
#define WRITER_DECODERS_FRIGATE_H

#include "writer/decoders/decoder.h"

extern const struct decoder frigate_decoder;

#endif
