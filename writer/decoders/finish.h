/* The last step of every decoder: what does not stand in the message itself goes onto the point. */
#ifndef WRITER_DECODERS_FINISH_H
#define WRITER_DECODERS_FINISH_H

#include "writer/decoders/decoder.h"

/* finish_point converts the fields that the source's `convert` names, and adds, behind the tags
 * that the message gave, those that its filter captured from the topic, those of the source and
 * those of the configuration; of a key that comes twice the first counts. A point without a
 * measurement gets the source's, else `measurement`. Refusals: NO_FIELDS, BAD_VALUE (beyond what
 * can be converted), BAD_NAME (an empty or too long level or name), TOO_MANY (tags). */
enum reject finish_point(const struct decode_input *input, const char *measurement,
                         struct point *point, struct err_reason *why);

/* finish_tag adds a tag of the message. An empty value is left out; BAD_NAME when key or value are
 * too long or the key is empty; TOO_MANY. */
enum reject finish_tag(struct point *point, struct text key, struct text value,
                       struct err_reason *why);

/* finish_has_tag tells whether the point has a tag of this key. */
bool finish_has_tag(const struct point *point, struct text key);

/* finish_topic adds the tag `topic`, the whole topic, where the source's filter names no level of
 * it, so that the points of many topics are not one series. */
enum reject finish_topic(const struct decode_input *input, struct point *point,
                         struct err_reason *why);

/* finish_single ends the decoding of a message that is one point: gives it to the sink, or says why
 * not. */
enum decode_verdict finish_single(const struct decode_sink *sink, const struct point *point,
                                  enum reject reason, enum reject *ret_reason);

#endif
