/* Frigate's statistics: for frigate.c alone. */
#ifndef WRITER_DECODERS_FRIGATE_STATS_H
#define WRITER_DECODERS_FRIGATE_STATS_H

#include "writer/decoders/decoder.h"

/* frigate_stats gives the sink a point for each camera and one for Frigate itself, whose device_id
 * is `device`. What cannot be stored is left out, so that one strange figure does not cost the
 * others. */
enum decode_verdict frigate_stats(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, struct text device,
                                  enum reject *ret_reason, struct err_reason *why);

#endif
