/* A refusal in one statement, as err_explain is for errors:
 * `return refuse(why, REJECT_BAD_NAME, "the field \"%.*s\" ...", ...)`.
 *
 * The functions that decoders share return `enum reject`: REJECT_NONE when all is well, else the
 * reason, with `why` saying which key, what was wrong and what would be right. */
#ifndef WRITER_DECODERS_REFUSE_H
#define WRITER_DECODERS_REFUSE_H

#include "writer/decoders/decoder.h"

/* For printf, "%.*s": a stranger's text in words, at most 64 bytes of it. */
#define REFUSE_ARGS(t) (int)((t).len < 64 ? (t).len : 64), (t).at

enum reject refuse(struct err_reason *why, enum reject reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* refuse_name checks a name: REJECT_BAD_NAME when empty or longer than DECODE_NAME_MAX_BYTES.
 * `what` is what it names: "a field". */
enum reject refuse_name(const char *what, struct text name, struct err_reason *why);

#endif
