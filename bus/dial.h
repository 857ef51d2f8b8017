/* One CONNECT: paho's connect options, made afresh each time, so that a changed password or
 * certificate is taken up and nothing of paho's defaults is left to chance. */
#ifndef BUS_DIAL_H
#define BUS_DIAL_H

#include <MQTTAsync.h>

#include "bus/address.h"
#include "bus/client.h"

#define DIAL_KEEP_ALIVE_S 30 /* where the options say 0: a half-open connection must be noticed */
#define DIAL_PATIENCE_S   10 /* for TCP, TLS and CONNACK together */
#define DIAL_WILL_QOS     1

/* Ten years. MQTT's value for "never" is 0xFFFFFFFF (section 3.1.2.11.2), but paho 1.3.12 writes
 * four-byte integers over 2,147,483,647 wrongly: of that one it makes 255 s, after which the
 * session is gone. */
#define DIAL_SESSION_KEPT_S 315360000

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
