/* Tries an InfluxDB as the writer will use it: which version it is, whether it takes the
 * credentials, whether the database is there or can be made, and whether writing is allowed.
 * Nothing is written: what is posted is a comment. */
#ifndef CLI_TRIAL_INFLUX_H
#define CLI_TRIAL_INFLUX_H

#include "base/settings.h"

struct trial_influx {
    char version[64];    /* as the server says it */
    const char *dialect; /* "1.x" */
    bool database_ready; /* there, or made now */
    char database[1024]; /* "created", "exists" ..., or why not and the statement to run */
    bool may_write;
    char refusal[1024]; /* why not */
};

/* trial_influx asks. Errors with words: no answer, no InfluxDB, or the credentials are refused.
 * ERR_OK with database_ready or may_write false: a person has something to do, the words say what.
 */
enum err trial_influx(const struct settings *settings, struct trial_influx *ret_found,
                      struct err_reason *why) ERR_MUST_CHECK;

#endif
