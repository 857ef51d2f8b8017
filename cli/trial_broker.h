/* Tries a broker as the writer will use it: connects with MQTT 5, subscribes, publishes a message
 * and receives it back. */
#ifndef CLI_TRIAL_BROKER_H
#define CLI_TRIAL_BROKER_H

#include "base/settings.h"

struct trial_broker {
    char version[128]; /* as the broker says it below $SYS, "" when it does not */
    double round_ms;   /* from publishing to receiving */
    unsigned refused;  /* filters that it refused */
    char refusal[512]; /* the words of the last one */
    unsigned states;   /* retained messages on the filters of the sources */
};

/* trial_broker takes at most some 15 s. ERR_TIMEOUT, ERR_REFUSED, ERR_INVALID with words: no
 * connection, or the message was refused or did not come back. */
enum err trial_broker(const struct settings *settings, struct trial_broker *ret_found,
                      struct err_reason *why) ERR_MUST_CHECK;

#endif
