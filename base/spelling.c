#include "base/spelling.h"

enum { LONGEST = 40 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned spelling_distance(struct text a, struct text b)
{
    unsigned row[LONGEST + 1];
    size_t len_a = a.len < LONGEST ? a.len : LONGEST, len_b = b.len < LONGEST ? b.len : LONGEST;
    for (size_t j = 0; j <= len_b; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= len_a; i++) {
        unsigned corner = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= len_b; j++) {
            unsigned replaced = corner + (a.at[i - 1] != b.at[j - 1]);
            corner = row[j];
            row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[len_b];
}

size_t spelling_nearest(struct text word, size_t count, const void *context,
                        const char *(*word_at)(const void *context, size_t index))
{
    size_t nearest = count;
    unsigned nearest_distance = SPELLING_FAR;
    for (size_t i = 0; i < count; i++) {
        const char *candidate = word_at(context, i);
        unsigned distance = candidate ? spelling_distance(word, text_of(candidate)) : SPELLING_FAR;
        if (distance < nearest_distance) {
            nearest_distance = distance;
            nearest = i;
        }
    }
    return nearest;
}
