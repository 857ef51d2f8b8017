/* Where an answer may go. A request names its answer's topic itself, and whoever answers must not
 * be led to publish anywhere else: mosquitto 2.0.11 disconnects a client that publishes to a topic
 * with a wildcard, and a readings or status topic would be written over. Pure. */
#ifndef BUS_RPC_ADDRESS_H
#define BUS_RPC_ADDRESS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

/* MQTT allows 65,535; no asker needs more than this, and each request in flight keeps its own. */
#define RPC_ADDRESS_MAX_BYTES 1024

/* rpc_address_check takes a topic below ROOT/response/ (at least one more level that is not empty)
 * of at most RPC_ADDRESS_MAX_BYTES, in UTF-8, without '+', '#', NUL and the other control
 * characters (U+0001 to U+001F, U+007F to U+009F; MQTT 5.0, section 1.5.4). ERR_INVALID otherwise,
 * also for an empty one; `why` says which rule it breaks and never repeats its bytes. */
enum err rpc_address_check(const char *root, struct text topic,
                           struct err_reason *why) ERR_MUST_CHECK;

/* rpc_address_make appends ROOT/response/NAME and returns the content terminated. */
const char *rpc_address_make(struct buf *b, const char *root, const char *name);

#endif
