#include "cli/body.h"

#include <errno.h>
#include <unistd.h>

enum { CHUNK_BYTES = 65536, BODY_MAX_BYTES = 268000000 };

enum err body_read(const char *argument, struct buf *memory, struct text *ret_body,
                   struct err_reason *why)
{
    if (strcmp(argument, "-") != 0) {
        *ret_body = text_of(argument);
        return ERR_OK;
    }
    for (;;) {
        char *to = buf_reserve(memory, CHUNK_BYTES);
        if (!to)
            return err_explain(why, ERR_NOMEM, "no memory for the payload");
        ssize_t got = read(STDIN_FILENO, to, CHUNK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_explain_errno(why, ERR_IO, "standard input");
        if (got == 0)
            break;
        memory->len += (size_t)got;
        if (memory->len > BODY_MAX_BYTES)
            return err_explain(why, ERR_TOO_LARGE,
                               "the payload is larger than MQTT can carry (268000000 bytes)");
    }
    *ret_body = buf_view(memory);
    return ERR_OK;
}
