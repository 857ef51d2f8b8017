/* What the messages of our own topics have in common: the short form, in which each member is a
 * field, and the full form, which has `fields` and `tags`. Both may name `device`, `kind`, `tags`,
 * `measurement` and a time. */
#ifndef WRITER_DECODERS_OWN_H
#define WRITER_DECODERS_OWN_H

#include "writer/decoders/own_kind.h"

/* own_reserved tells whether a member of the short form is no field: device, kind, tags,
 * measurement, schema and the four that give a time. */
bool own_reserved(struct text key);

/* own_text reads a member that must be text; absent or null gives an empty text. WRONG_SHAPE. */
enum reject own_text(struct value map, const char *key, struct text *ret_text,
                     struct err_reason *why);

/* own_time reads the time of a map into the point. BAD_TIME. */
enum reject own_time(struct value map, struct point *point, struct err_reason *why);

/* own_body reads what both forms have besides device and kind: measurement, tags, time and fields,
 * strictly, into scratch->point. Members that are tags of the kind (NULL: it has none of its own)
 * are no fields of the short form (own_kind_tags takes them). */
enum reject own_body(struct value map, const struct own_kind *kind, struct decode_scratch *scratch,
                     struct err_reason *why);

/* own_topic is the level of the topic that names the device, source or service; empty for a topic
 * that is not ours. */
struct text own_topic(const struct decode_input *input);

#endif
