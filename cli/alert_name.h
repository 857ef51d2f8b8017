/* How alerts are named on a command line, which is how `hearthline alerts` prints them: RULE,
 * SERVICE/RULE or SERVICE/RULE/SUBJECT. A part that is "*" or empty is any; a subject may hold more
 * slashes. */
#ifndef CLI_ALERT_NAME_H
#define CLI_ALERT_NAME_H

#include "base/buf.h"
#include "base/err.h"

/* alert_name_write adds the parts that are named to a request (cli/ask_request.h) as service, rule
 * and subject. ERR_INVALID: none is, or it is not UTF-8. */
enum err alert_name_write(const char *name, struct buf *request,
                          struct err_reason *why) ERR_MUST_CHECK;

/* alert_name_by is who acts: what --by says, else the name of the user; empty when unknown. */
struct text alert_name_by(const char *by);

#endif
