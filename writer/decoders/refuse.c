#include "writer/decoders/refuse.h"

#include <stdarg.h>
#include <stdio.h>

enum reject refuse(struct err_reason *why, enum reject reason, const char *format, ...)
{
    if (!why)
        return reason;
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    for (char *c = why->text; *c; c++) { /* a stranger's text must not end a log's line */
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    }
    return reason;
}

enum reject refuse_name(const char *what, struct text name, struct err_reason *why)
{
    if (name.len == 0)
        return refuse(why, REJECT_BAD_NAME, "%s has an empty name", what);
    if (name.len > DECODE_NAME_MAX_BYTES)
        return refuse(why, REJECT_BAD_NAME,
                      "%s has a name of %zu bytes (\"%.*s...\"); at most %d are taken", what,
                      name.len, REFUSE_ARGS(name), DECODE_NAME_MAX_BYTES);
    return REJECT_NONE;
}
