/* How alerts are named on a command line, which is how `hearthline alerts` prints them: RULE,
 * SERVICE/RULE or SERVICE/RULE/SUBJECT. A part that is "*" or empty is any; a subject may hold more
 * slashes. */
#ifndef CLI_ALERT_NAME_H
#define CLI_ALERT_NAME_H

#include "base/buf.h"
#include "base/err.h"
#include "cli/options.h"

/* alert_name_write adds the parts that are named to a request (cli/ask_request.h) as service, rule
 * and subject. ERR_INVALID: none is, or it is not UTF-8. */
enum err alert_name_write(const char *name, struct buf *request,
                          struct err_reason *why) ERR_MUST_CHECK;

/* alert_name_by is who acts: what --by says, else the name of the user; empty when unknown. */
struct text alert_name_by(const char *by);

/* alert_name_end adds who acts and why (NULL: not said) to the request, and ends it. */
void alert_name_end(const char *by, const char *reason, struct buf *request);

/* The rows of a command that acts on alerts: which, and who does so (`who_help` says it) and why.
 */
#define ALERT_NAME_ROW(type, member)                                                               \
    {                                                                                              \
        .name = "ALERT", .kind = OPTIONS_ARGUMENT, .offset = offsetof(type, member),               \
        .needed = true,                                                                            \
        .help = "RULE, SERVICE/RULE or SERVICE/RULE/SUBJECT, as hearthline alerts\n"               \
                "prints it; a part that is * is any"                                               \
    }
#define ALERT_NAME_BY_ROWS(type, by_member, reason_member, who_help)                               \
    {.name = "by",                                                                                 \
     .kind = OPTIONS_TEXT,                                                                         \
     .offset = offsetof(type, by_member),                                                          \
     .value = "NAME",                                                                              \
     .help = (who_help)},                                                                          \
    {                                                                                              \
        .name = "why", .kind = OPTIONS_TEXT, .offset = offsetof(type, reason_member),              \
        .value = "TEXT", .help = "what there is to say to it"                                      \
    }

#endif
