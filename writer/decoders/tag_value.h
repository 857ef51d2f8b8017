/* A value of a message as the value of a tag. */
#ifndef WRITER_DECODERS_TAG_VALUE_H
#define WRITER_DECODERS_TAG_VALUE_H

#include "writer/decoders/decoder.h"

/* tag_value writes text as it is, a number or boolean as text (in scratch->names), null as the
 * empty text, which leaves the tag out. `key` is for the words. BAD_VALUE for anything else;
 * TOO_MANY. */
enum reject tag_value(struct value v, struct text key, struct decode_scratch *scratch,
                      struct text *ret_text, struct err_reason *why);

#endif
