/* The time that a message writes in a form which its source's configuration names. */
#ifndef WRITER_DECODERS_TIME_VALUE_H
#define WRITER_DECODERS_TIME_VALUE_H

#include "base/zone.h"
#include "writer/decoders/decoder.h"

struct time_value {
    enum settings_time_format format;
    struct zone *zone; /* for times without one; NULL: those are refused */
};

/* time_value_open takes time_format and timezone of a source. ERR_INVALID, ERR_NOT_FOUND: `why`
 * begins with the key. time_value_close frees the zone. */
enum err time_value_open(const struct settings_source *source, struct time_value *ret_how,
                         struct err_reason *why) ERR_MUST_CHECK;
void time_value_close(struct time_value *how);

/* time_value_read reads a time into the point. msgpack's timestamp is taken in every format. Text
 * that says its zone is taken by it, also where the format has none. In the format auto a number
 * (also in text) counts seconds below 1e11, ms below 1e14, us below 1e17, else ns: each of them
 * then lies behind 1973. BAD_TIME. */
enum reject time_value_read(struct value v, const struct time_value *how, int64_t arrival_ns,
                            struct point *point, struct err_reason *why);

#endif
