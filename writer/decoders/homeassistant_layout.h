/* `layout: homeassistant`: the point that Home Assistant's own integration influxdb would have
 * written for a change of state, so that what was made for it goes on working (core:
 * components/influxdb/__init__.py; documentation of the integration).
 *
 * Measurement: `override_measurements`, `override_measurement`, else what `measurement_attr` names,
 * else `default_measurement`, else the entity's whole id. Tags: domain, entity_id (without the
 * domain), the attributes of `tags_attributes`, which win over these two, and the source's `tags`,
 * which win over all. Fields: `value` where the state is a number or one of the words for on and
 * off, `state` where it is no number, and the attributes: <name> where it is a number or its text
 * has one in it, <name>_str where it is no number. Left out by rule: unknown, unavailable and empty
 * states, entities that the source does not take, what has no field that can be stored.
 *
 * Different from the original: what Home Assistant's JSON has made equal cannot be told apart, so
 * that a tuple in an attribute is written as a list and a time with its T; digits of other scripts
 * than ASCII's are no digits; an attribute whose name is too long, or whose value is nested more
 * than PYTHON_MAX_DEPTH deep, is left out. */
#ifndef WRITER_DECODERS_HOMEASSISTANT_LAYOUT_H
#define WRITER_DECODERS_HOMEASSISTANT_LAYOUT_H

#include "writer/decoders/decoder.h"

/* homeassistant_layout_open is `prepare` of a decoder (decoder.h): *ret_layout stays NULL for a
 * source of another layout. Borrows `source`. homeassistant_layout_close is its `release`. */
enum err homeassistant_layout_open(const struct settings_source *source, void **ret_layout,
                                   struct err_reason *why) ERR_MUST_CHECK;
void homeassistant_layout_close(void *layout);

/* homeassistant_layout_point makes scratch->point, which is empty or has a time only, of a state
 * with this text and these attributes (null or no map: none). What is left out by rule gets no
 * field, with REJECT_NONE and words in `why`. BAD_NAME when the id is not of the form
 * domain.object_id or a measurement or tag is too long; TOO_MANY. */
enum reject homeassistant_layout_point(const struct decode_input *input, struct text entity_id,
                                       struct text state, struct value attributes,
                                       struct decode_scratch *scratch, struct err_reason *why);

#endif
