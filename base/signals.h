/* The signals that a service lives by, as a descriptor for its loop: SIGTERM and SIGINT stop it,
 * SIGHUP has it read its configuration again. */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <stdbool.h>

#include "base/err.h"

/* signals_open blocks them for this thread and those it starts from then on, so open it before any
 * other is started. The descriptor is non-blocking and the caller's to close. ERR_IO. */
enum err signals_open(int *ret_descriptor, struct err_reason *why) ERR_MUST_CHECK;

struct signals {
    bool reload;
    const char *stop; /* the name of the first that stops, NULL: none */
};

/* signals_take gives all that came since the last call. */
struct signals signals_take(int descriptor);

#endif
