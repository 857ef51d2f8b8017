#include "writer/decoders/nearest.h"

#define MAX_BYTES 32 /* longer names are compared by their start */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The edit distance, one row of its table at a time. */
static size_t distance(struct text a, struct text b)
{
    size_t rows = least(a.len, MAX_BYTES), columns = least(b.len, MAX_BYTES);
    size_t row[MAX_BYTES + 1];
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t replaced = diagonal + (a.at[i - 1] != b.at[j - 1]);
            diagonal = row[j];
            row[j] = least(replaced, 1 + least(row[j], row[j - 1]));
        }
    }
    return row[columns];
}

const struct decoder *nearest_decoder(struct text name)
{
    const struct decoder *best = decoder_at(0);
    size_t best_distance = distance(name, text_of(best->name));
    for (size_t i = 1; decoder_at(i); i++) {
        size_t d = distance(name, text_of(decoder_at(i)->name));
        if (d >= best_distance)
            continue;
        best = decoder_at(i);
        best_distance = d;
    }
    return best;
}
