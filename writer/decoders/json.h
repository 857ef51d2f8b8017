/* The decoder `json`: any JSON or msgpack, described in the configuration of its source:
 *
 *   fields: { name: path }     each value becomes the field `name`, an object or array the fields
 * of its members behind that name, the values of a path with [*] the fields name.0, name.1 ... A
 * value that is not there refuses the message unless its path ends with ?; null is left out.
 * Without `fields` all of the message is flattened, but for what the tags and the time are taken
 * from. tag_paths: { name: path }  text, a number or a boolean time_path, time_format, timezone
 *   elements: path             of an array: each element is a point, and the paths above begin
 *                              there, or with $ at the whole message. An array as the whole message
 *                              is taken so in any case.
 *   numbers_in_text            texts that read as a number are numbers
 *
 * Makes points of device_metrics, or the source's `measurement`. Where the filter captures no level
 * and there are no tag_paths, the whole topic is the tag `topic`. A message or element of which all
 * fields are optional and none is there is ignored.
 *
 * Retained: stored only with a time of its own, because without one the broker's memory would be
 * stamped with the moment of subscribing. Late: stored. */
#ifndef WRITER_DECODERS_JSON_H
#define WRITER_DECODERS_JSON_H

#include "writer/decoders/decoder.h"

extern const struct decoder json_decoder;

#endif
