#include "writer/decoders/available.h"

#include <strings.h>

#include "writer/decoders/refuse.h"

static bool is_word(struct text t, const char *word)
{
    return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

enum reject available_field(struct point *point, struct text word, struct err_reason *why)
{
    struct text bare = text_trim(word);
    bool online = is_word(bare, "online");
    if (!online && !is_word(bare, "offline"))
        return refuse(why, REJECT_BAD_VALUE,
                      "\"%.*s\" does not say whether it can be reached; online or offline was due",
                      REFUSE_ARGS(bare));
    if (point_bool(point, TEXT("available"), online) != ERR_OK)
        return refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return REJECT_NONE;
}
