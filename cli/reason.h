/* A reason for which something was not stored, as typed on a command line. */
#ifndef CLI_REASON_H
#define CLI_REASON_H

#include "base/err.h"
#include "cli/options.h"

/* reason_check: ERR_INVALID with all reasons named when `id` is none. NULL is every reason. */
enum err reason_check(const char *id, struct err_reason *why) ERR_MUST_CHECK;

/* The row of the commands that take some of the rejects; `type` has it as its member `reason`. */
#define REASON_ROW(type)                                                                           \
    {                                                                                              \
        .name = "reason", .kind = OPTIONS_TEXT, .offset = offsetof(type, reason),                  \
        .value = "REASON", .help = "only those of this reason, like not_json"                      \
    }

#endif
