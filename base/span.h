/* A span of time as people write it: a whole number with its unit, "90s", "15m", "1h", "24h",
 * "7d", "2w". A day is 24 hours and a week seven days, whatever clocks are turned meanwhile. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* The longest span, 292 years: in nanoseconds it still fits int64_t. */
#define SPAN_MAX_S INT64_C(9223372036)

/* Room for any span that span_format writes, with its NUL. */
enum { SPAN_TEXT_BYTES = 24 };

/* span_parse reads the whole text: digits, then one of s m h d w. ERR_INVALID for anything else
 * (no unit, a sign, a blank, a fraction), for nothing ("0m") and for more than SPAN_MAX_S; `why`
 * quotes the text and says what would be right. */
enum err span_parse(struct text text, int64_t *ret_s, struct err_reason *why) ERR_MUST_CHECK;

/* span_format writes the largest unit of s m h d that leaves a whole number: "90s", "1h", "7d"
 * (weeks are read, never written); "0s" for nothing or less. */
void span_format(int64_t seconds, char ret_text[SPAN_TEXT_BYTES]);

#endif
