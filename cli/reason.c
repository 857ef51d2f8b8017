#include "cli/reason.h"

#include "base/buf.h"
#include "writer/decoders/reject.h"

enum err reason_check(const char *id, struct err_reason *why)
{
    enum reject reason;
    struct buf ids = {0};
    if (!id || (reject_find(text_of(id), &reason) && reason != REJECT_NONE))
        return ERR_OK;
    for (size_t i = REJECT_NONE + 1; i < REJECT_COUNT; i++)
        buf_printf(&ids, "%s%s", i > REJECT_NONE + 1 ? ", " : "", reject_id((enum reject)i));
    enum err e = err_explain(why, ERR_INVALID, "--reason: there is no \"%.64s\"; there are %s", id,
                             buf_cstr(&ids));
    buf_free(&ids);
    return e;
}
