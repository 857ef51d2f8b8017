/* A map's members become a point's fields: numbers (always as floats), booleans, texts. Objects and
 * arrays inside are flattened, their names joined with a dot (wifi.rssi, phase.0); null and NaN are
 * left out: a sensor without a value. */
#ifndef WRITER_DECODERS_FLATTEN_H
#define WRITER_DECODERS_FLATTEN_H

#include "writer/decoders/decoder.h"

#define FLATTEN_MAX_DEPTH 16

struct flatten {
    /* Strict: what cannot be stored refuses the whole map. Else it is left out and the rest stored.
     */
    bool strict;
    bool texts;           /* false: texts are left out */
    bool numbers_in_text; /* a text that reads as a number is one */
    bool arrays;          /* false: arrays are left out */
    /* Members of the map itself (not of maps inside) to leave out; NULL for none. */
    bool (*skip)(struct text key);
    struct text prefix; /* stands before every name, with a dot behind it; empty for none */
    /* Full names, such as wifi.rssi, that are left out with all that is in them. */
    const struct text *except;
    size_t except_count;
};

/* flatten_map adds the fields of a map, or of an array under its indices, to scratch->point; names
 * that had to be joined lie in scratch->names. Strict refusals: BAD_VALUE (out of range, bytes, a
 * time), BAD_NAME, TOO_MANY (fields), WRONG_SHAPE (deeper than FLATTEN_MAX_DEPTH). */
enum reject flatten_map(struct value map, const struct flatten *how, struct decode_scratch *scratch,
                        struct err_reason *why);

/* flatten_value adds one value under a name: a field, or those of an object or array with the name
 * before theirs (how->prefix and how->skip do not count). BAD_NAME besides. */
enum reject flatten_value(struct text name, struct value v, const struct flatten *how,
                          struct decode_scratch *scratch, struct err_reason *why);

#endif
