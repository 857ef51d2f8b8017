/* A payload as it stands on a command line: the text itself, or "-" for standard input. */
#ifndef CLI_BODY_H
#define CLI_BODY_H

#include "base/buf.h"
#include "base/err.h"

/* body_read gives the payload's bytes, borrowed from `argument` or from `memory`. Standard input is
 * read to its end, byte for byte. ERR_TOO_LARGE: over 268,000,000 bytes, the most that bus_client
 * takes. ERR_IO, ERR_NOMEM. */
enum err body_read(const char *argument, struct buf *memory, struct text *ret_body,
                   struct err_reason *why) ERR_MUST_CHECK;

#endif
