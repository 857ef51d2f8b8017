/* How the filter of a source stands to those before it in the file. A topic that several match
 * belongs to the first of them, so the particular has to stand before the general. Pure. */
#ifndef WRITER_DECODERS_SOURCE_CLAIM_H
#define WRITER_DECODERS_SOURCE_CLAIM_H

#include "base/settings.h"

/* source_claim_check: ERR_INVALID where source `i` would never get a message, because one before it
 * takes all of its topics. The filters are well-formed. */
enum err source_claim_check(const struct settings_source *list, unsigned i,
                            struct err_reason *why) ERR_MUST_CHECK;

enum source_claim {
    SOURCE_CLAIM_ALONE,  /* none of those before it matches any of its topics */
    SOURCE_CLAIM_BEHIND, /* some take a part of its topics, and nothing else */
    SOURCE_CLAIM_ACROSS, /* one takes a part of them and others besides: perhaps not meant so */
};

/* source_claim tells, and in words for a person: which source it is, and who gets the topics of
 * both. No words for SOURCE_CLAIM_ALONE. */
enum source_claim source_claim(const struct settings_source *list, unsigned i,
                               struct err_reason *ret_words);

#endif
