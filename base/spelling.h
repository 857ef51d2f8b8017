/* How far apart two words are, to name the one that was probably meant. Pure. */
#ifndef BASE_SPELLING_H
#define BASE_SPELLING_H

#include "base/text.h"

#define SPELLING_FAR 4 /* from here on naming a word would be a guess */

/* spelling_distance is the number of bytes to put in, take out or replace to make one of the other;
 * of long words the first 40 bytes count. */
unsigned spelling_distance(struct text a, struct text b);

/* spelling_nearest gives the index of the nearest of `count` words, or `count` when none is nearer
 * than SPELLING_FAR. `word_at` may give NULL for a word that does not count. */
size_t spelling_nearest(struct text word, size_t count, const void *context,
                        const char *(*word_at)(const void *context, size_t index));

#endif
