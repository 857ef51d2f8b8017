/* Which decoder a person meant. */
#ifndef WRITER_DECODERS_NEAREST_H
#define WRITER_DECODERS_NEAREST_H

#include "writer/decoders/decoder.h"

/* nearest_decoder gives the decoder whose name begins with these three or more bytes, or else takes
 * the fewest put in, taken out or replaced. */
const struct decoder *nearest_decoder(struct text name);

#endif
