#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *err_text(enum err code)
{
    static const char *const texts[] = {
#define X(name, words) [ERR_##name] = words,
        ERR_LIST(X)
#undef X
    };
    size_t index = (size_t)code;
    return index < sizeof texts / sizeof *texts ? texts[index] : "unknown error";
}

/* What is quoted may be a stranger's, and must neither end a line of the log nor begin one. */
static void say(struct err_reason *why, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void say(struct err_reason *why, const char *format, va_list args)
{
    vsnprintf(why->text, sizeof why->text, format, args);
    for (char *c = why->text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
}

enum err err_explain(struct err_reason *why, enum err code, const char *format, ...)
{
    if (!why)
        return code;
    va_list args;
    va_start(args, format);
    say(why, format, args);
    va_end(args);
    return code;
}

enum err err_explain_errno(struct err_reason *why, enum err code, const char *format, ...)
{
    int cause = errno;
    if (!why)
        return code;
    va_list args;
    va_start(args, format);
    say(why, format, args);
    va_end(args);
    char words[128];
    size_t used = strlen(why->text);
    snprintf(why->text + used, sizeof why->text - used, ": %s",
             strerror_r(cause, words, sizeof words));
    return code;
}
