/* The time that a message says of itself, exact to the nanosecond.
 *
 * Four keys may say it, and only one of them in one message:
 *   time                      RFC 3339 text with a zone, or a msgpack timestamp
 *   time_s, time_ms, time_ns  since 1970-01-01 UTC, as a number or as decimal text
 * Text is exact; digits finer than a nanosecond are cut. A number with a fraction is taken as the
 * shortest decimal number that reads back as the same double, so 1732100000.123 means .123 and not
 * .12299990654. */
#ifndef SCHEMAS_MESSAGE_TIME_H
#define SCHEMAS_MESSAGE_TIME_H

#include <stdint.h>

#include "base/err.h"
#include "base/value.h"

/* message_time reads the time keys of an object; a key that holds null is as good as none.
 * Without any it gives *ret_present = false and leaves *ret_time_ns alone. ERR_INVALID: two keys
 * (both are named), not a time, no zone, or outside of what 64 bits of nanoseconds hold
 * (1677-09-21T00:12:43.145224192Z to 2262-04-11T23:47:16.854775807Z). ERR_NOMEM. */
enum err message_time(struct value map, bool *ret_present, int64_t *ret_time_ns,
                      struct err_reason *why) ERR_MUST_CHECK;

/* message_time_rfc3339 reads one time (RFC 3339 section 5.6): `T`, `t` or a space between date
 * and time, fraction digits, `Z`, `z` or an offset. A leap second (23:59:60 UTC at a
 * month's end) is the second after it, as in all POSIX time. Errors as above. */
enum err message_time_rfc3339(struct text t, int64_t *ret_time_ns,
                              struct err_reason *why) ERR_MUST_CHECK;

/* message_time_epoch reads a number, or decimal text, of units of `unit_ns` since 1970. */
enum err message_time_epoch(struct value v, int64_t unit_ns, int64_t *ret_time_ns,
                            struct err_reason *why) ERR_MUST_CHECK;

#endif
