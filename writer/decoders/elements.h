/* A message that is one map or an array of maps: one bad element costs itself only. */
#ifndef WRITER_DECODERS_ELEMENTS_H
#define WRITER_DECODERS_ELEMENTS_H

#include "writer/decoders/decoder.h"

/* Makes scratch->point of one element, which is a map; the point and scratch->names are empty. A
 * point that it leaves without a field, with REJECT_NONE, is left out by rule, with words in `why`.
 */
typedef enum reject elements_make(const struct decode_input *input, struct decode_scratch *scratch,
                                  struct value element, struct err_reason *why);

/* elements_decode parses the payload and calls `make` for the map or for each element of the array.
 * A single map that `make` refuses is a message rejected; of an array each refused element goes to
 * the sink, and so does (TOO_MANY) each without a time of its own behind the first
 * DECODE_MAX_UNTIMED. An empty array is NO_FIELDS, what is no map WRONG_SHAPE. Where all is left
 * out by rule the message is ignored. */
enum decode_verdict elements_decode(const struct decode_input *input,
                                    struct decode_scratch *scratch, const struct decode_sink *sink,
                                    elements_make *make, enum reject *ret_reason,
                                    struct err_reason *why);

/* The running numbers for decode_sink's `place`; zeroed to begin with, but for `crowded`. Unless it
 * is crowded no two elements have the same, be they timed or not. */
struct elements_count {
    bool crowded; /* there may be more than DECODE_MAX_UNTIMED elements: not a place for each */
    unsigned index, places, behind;
    unsigned outcomes; /* points given and elements refused by elements_take */
};

/* elements_take makes one element's point and gives it, or its refusal, to the sink; `why` holds
 * the words for one that was left out by rule. */
void elements_take(struct elements_count *count, const struct decode_input *input,
                   struct decode_scratch *scratch, struct value element,
                   const struct decode_sink *sink, elements_make *make, struct err_reason *why);

/* elements_give hands the point to the sink under the right number and counts it; TOO_MANY when it
 * has no time and DECODE_MAX_UNTIMED places are taken. Called once an element, refused ones
 * included (point NULL). */
enum reject elements_give(struct elements_count *count, const struct point *point,
                          const struct decode_sink *sink, struct err_reason *why);

/* elements_place_rejected gives the place of an element that was refused, by elements_give or
 * before: the next, or where it is crowded one behind all, so that it costs itself only. */
unsigned elements_place_rejected(struct elements_count *count);

#endif
