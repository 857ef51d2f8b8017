#include "writer/decoders/nearest.h"

#include "base/spelling.h"

const struct decoder *nearest_decoder(struct text name)
{
    const struct decoder *best = decoder_at(0);
    unsigned best_distance = spelling_distance(name, text_of(best->name));
    for (size_t i = 1; decoder_at(i); i++) {
        unsigned d = spelling_distance(name, text_of(decoder_at(i)->name));
        if (d >= best_distance)
            continue;
        best = decoder_at(i);
        best_distance = d;
    }
    return best;
}
