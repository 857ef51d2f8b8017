/* Recognises what the broker sends again.
 *
 * After a CONNACK with session present the broker resends all it holds unacknowledged, in the old
 * order, DUP set, before anything new (MQTT 5.0, 4.4 and 4.6). The first DUP message is looked up
 * backwards among this session's QoS 1 records by packet id and content CRC; where it is not found,
 * all of this connection are new. From there, DUP messages equal to the following records are
 * repeats, until the end of what the log had at the CONNACK; from there all are new, also what
 * equals an older record, because packet ids come round.
 *
 * mosquitto 2.0.11 may keep messages back until the next connection (docs/mqtt.md). Without DUP, so
 * never sent before, they are new, and end nothing. They are in the log behind what was sent after
 * them, where the row of packet ids is broken: when they are sent again, they are looked for there,
 * and the row goes on where it was left. When that connection breaks before they arrived, what was
 * sent after them is stored again. The search never crosses a CONNACK without session present,
 * because packet ids start again there.
 *
 * A ring of the last 524,288 ids and CRCs in a mapped file of 4 MiB beside the log. It may lag
 * behind the log by what was appended just before a crash; the journal hands those records in again
 * at open (repeats_covered). A killed process leaves the ring as it was before or after an
 * addition. A loss of power may leave anything, so a ring that was not closed, and was last used
 * before the machine's last start, begins empty and is made again from the log. Not thread-safe:
 * under the journal's append lock. */
#ifndef WRITER_JOURNAL_REPEATS_H
#define WRITER_JOURNAL_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define REPEATS_RING 524288u

struct repeats;

/* repeats_open opens or makes the file at `path`. ERR_FULL: the disk has no room for it. */
enum err repeats_open(const char *path, struct repeats **ret_repeats,
                      struct err_reason *why) ERR_MUST_CHECK;
void repeats_close(struct repeats *repeats); /* NULL accepted */

/* repeats_connack: a connection begins, as record `record_number`. */
void repeats_connack(struct repeats *repeats, bool session_present, uint64_t record_number);

/* repeats_check tells whether this QoS 1 (or 2) message is one that is in the log already, and
 * counts it. */
bool repeats_check(struct repeats *repeats, uint16_t packet_id, bool dup, uint32_t content_crc);

/* repeats_add: the message was appended as record `record_number`. */
void repeats_add(struct repeats *repeats, uint16_t packet_id, uint32_t content_crc,
                 uint64_t record_number);

/* repeats_pass: record `record_number` is nothing that could come again. */
void repeats_pass(struct repeats *repeats, uint64_t record_number);

/* repeats_covered is the last record number the ring knows; 0 when it is new. */
uint64_t repeats_covered(const struct repeats *repeats);

/* repeats_forget empties the ring but for its counter: what follows is handed in again. */
void repeats_forget(struct repeats *repeats);

/* repeats_counted is how many repeats were recognised since the file was made. */
uint64_t repeats_counted(const struct repeats *repeats);

#endif
