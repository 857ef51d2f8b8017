#include "writer/decoders/source_claim.h"

#include "bus/filter.h"

/* The source before it that takes all that this one could, or NULL. */
static const struct settings_source *shadow_of(const struct settings_source *list, unsigned i)
{
    for (unsigned k = 0; k < i; k++)
        if (filter_subsumes(text_of(list[k].filter), text_of(list[i].filter)))
            return &list[k];
    return NULL;
}

enum err source_claim_check(const struct settings_source *list, unsigned i, struct err_reason *why)
{
    const struct settings_source *shadow = shadow_of(list, i);
    if (!shadow)
        return ERR_OK;
    return err_explain(why, ERR_INVALID,
                       "writer.sources[%u] (%.32s, \"%.80s\") would never get a message: "
                       "writer.sources[%u] (%.32s, \"%.80s\") stands before it and takes all of "
                       "its topics; put the particular one before the general one, or take it out",
                       i, list[i].decoder, list[i].filter, (unsigned)(shadow - list),
                       shadow->decoder, shadow->filter);
}

static void across_words(const struct settings_source *list, unsigned before, unsigned i,
                         struct err_reason *ret_words)
{
    err_explain(ret_words, ERR_OK,
                "writer.sources[%u] (%.32s, \"%.80s\") and writer.sources[%u] (%.32s, "
                "\"%.80s\") both match some topics: their messages go to the first in the "
                "file, writer.sources[%u]; name one of them more narrowly, or leave it so",
                before, list[before].decoder, list[before].filter, i, list[i].decoder,
                list[i].filter, before);
}

enum source_claim source_claim(const struct settings_source *list, unsigned i,
                               struct err_reason *ret_words)
{
    struct text filter = text_of(list[i].filter);
    enum source_claim claim = SOURCE_CLAIM_ALONE;
    for (unsigned k = 0; k < i; k++) {
        struct text before = text_of(list[k].filter);
        if (!filter_overlaps(before, filter))
            continue;
        if (!filter_subsumes(filter, before)) {
            across_words(list, k, i, ret_words);
            return SOURCE_CLAIM_ACROSS;
        }
        if (claim == SOURCE_CLAIM_ALONE)
            err_explain(ret_words, ERR_OK,
                        "writer.sources[%u] (%.32s, \"%.80s\") gets what is left by those "
                        "before it, like writer.sources[%u] (%.32s, \"%.80s\")",
                        i, list[i].decoder, list[i].filter, k, list[k].decoder, list[k].filter);
        claim = SOURCE_CLAIM_BEHIND;
    }
    return claim;
}
