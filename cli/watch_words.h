/* How `hearthline watch` words figures and ages, those of strangers included, which may be
 * anything.
 */
#ifndef CLI_WATCH_WORDS_H
#define CLI_WATCH_WORDS_H

#include "cli/moment.h"
#include "schemas/fields.h"

/* From then to now; 0 for what is said to be in the future. */
int64_t watch_words_age_ns(int64_t since_ns, int64_t now_ns);

void watch_words_age(int64_t since_ns, int64_t now_ns, char ret_text[MOMENT_SPAN_SIZE]);
void watch_words_seconds(double seconds, char ret_text[MOMENT_SPAN_SIZE]);

/* A number with so many digits behind the point and a unit, "-" when there is none. */
#define WATCH_WORDS_SIZE 64
void watch_words_figure(struct fields_number number, int digits, const char *unit,
                        char ret_text[WATCH_WORDS_SIZE]);

/* A count a second; absent where either is, or the interval is none. */
struct fields_number watch_words_rate(struct fields_unsigned count,
                                      struct fields_number interval_s);

#endif
