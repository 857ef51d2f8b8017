/* A reason for which something was not stored, as typed on a command line. */
#ifndef CLI_REASON_H
#define CLI_REASON_H

#include "base/err.h"

/* reason_check: ERR_INVALID with all reasons named when `id` is none. NULL is every reason. */
enum err reason_check(const char *id, struct err_reason *why) ERR_MUST_CHECK;

#endif
