/* One CONNECT: paho's connect options, made afresh each time, so that a changed password or
 * certificate is taken up and nothing of paho's defaults is left to chance. */
#ifndef BUS_DIAL_H
#define BUS_DIAL_H

#include <MQTTAsync.h>

#include "bus/address.h"
#include "bus/client.h"

#define DIAL_KEEP_ALIVE_S 30 /* where the options say 0: a half-open connection must be noticed */
#define DIAL_PATIENCE_S   10 /* for TCP, TLS and CONNACK together */
#define DIAL_SESSION_KEPT 0xFFFFFFFFu /* does not expire, MQTT 5.0 section 3.1.2.11.2 */
#define DIAL_WILL_QOS     1

struct dial {
    const struct bus_options *options;
    const struct address *address;
    void *context; /* given to all three */
    MQTTAsync_onSuccess5 *answered;
    MQTTAsync_onFailure5 *failed;
    int (*tls_error)(const char *words, size_t len, void *context);
};

/* dial_connect hands the CONNECT to paho, which answers through `answered` or `failed`. An error
 * means that neither will be called: ERR_IO or ERR_NOT_FOUND when the password's file cannot be
 * read, ERR_INVALID when paho refuses the options. */
enum err dial_connect(MQTTAsync handle, const struct dial *dial,
                      struct err_reason *why) ERR_MUST_CHECK;

#endif
