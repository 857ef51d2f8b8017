/* Figures as the messages of alerts show them. */
#ifndef ALERTS_WORDS_H
#define ALERTS_WORDS_H

#include "base/buf.h"

/* words_number rounds to `decimals`, and to more where the rounded figure would hide that it is
 * not the threshold: 6.2, but 5.02 beside a threshold of 5. */
void words_number(double value, unsigned decimals, double threshold, struct buf *out);

/* words_span: "45 s", "25 min", "3 h", "2 days": whole ones, at least two of a unit above seconds.
 */
void words_span(double seconds, struct buf *out);

#endif
