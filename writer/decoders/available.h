/* Whether a device can be reached, as its dialect says it: the field `available`. */
#ifndef WRITER_DECODERS_AVAILABLE_H
#define WRITER_DECODERS_AVAILABLE_H

#include "writer/decoders/decoder.h"

/* available_field reads `online` or `offline`, in any case of letters, white space around it left
 * out. BAD_VALUE for any other word, TOO_MANY. */
enum reject available_field(struct point *point, struct text word, struct err_reason *why);

#endif
