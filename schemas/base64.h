/* Base64 with padding and without line breaks (RFC 4648 section 4). */
#ifndef SCHEMAS_BASE64_H
#define SCHEMAS_BASE64_H

#include "base/buf.h"
#include "base/err.h"

/* base64_encode appends the text of the bytes. */
void base64_encode(struct text bytes, struct buf *out);

/* base64_decode appends the bytes of the text. ERR_INVALID: another byte than the alphabet's,
 * a length that is no multiple of four, or bits that are left over and not zero; `out` is then as
 * it was. */
enum err base64_decode(struct text text, struct buf *out) ERR_MUST_CHECK;

#endif
