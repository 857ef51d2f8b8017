#include "writer/decoders/nearest.h"

#include "base/spelling.h"

/* The beginning of a name is as near as can be: "zigbee" is no misspelt "line". */
static unsigned distance(struct text name, const struct decoder *decoder)
{
    struct text known = text_of(decoder->name);
    return name.len >= 3 && text_starts(known, name) ? 0 : spelling_distance(name, known);
}

const struct decoder *nearest_decoder(struct text name)
{
    const struct decoder *best = decoder_at(0);
    unsigned best_distance = distance(name, best);
    for (size_t i = 1; decoder_at(i); i++) {
        unsigned d = distance(name, decoder_at(i));
        if (d >= best_distance)
            continue;
        best = decoder_at(i);
        best_distance = d;
    }
    return best;
}
