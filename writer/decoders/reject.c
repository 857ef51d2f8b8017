#include "writer/decoders/reject.h"

static const struct {
    const char *id, *words;
} rejects[REJECT_COUNT] = {
#define X(name, id, words) {id, words},
    REJECT_LIST(X)
#undef X
};

const char *reject_id(enum reject reason)
{
    return (unsigned)reason < REJECT_COUNT ? rejects[reason].id : "none";
}

const char *reject_words(enum reject reason)
{
    return (unsigned)reason < REJECT_COUNT ? rejects[reason].words : "";
}

bool reject_find(struct text id, enum reject *ret_reason)
{
    for (unsigned i = 0; i < REJECT_COUNT; i++) {
        if (!text_equal(id, text_of(rejects[i].id)))
            continue;
        *ret_reason = (enum reject)i;
        return true;
    }
    return false;
}
