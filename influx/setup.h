/* Makes sure that the database (1.x), its retention policy where one is named (1.x), the bucket
 * (2.x) or the database (3.x) is there, with its retention. Asynchronous like a write. A role that
 * may not create gets the exact statement to run by hand. */
#ifndef INFLUX_SETUP_H
#define INFLUX_SETUP_H

#include "influx/write.h"

/* influx_setup_start looks whether the target exists and creates it when not. `done`: STORED when
 * it is there (words: "created", or "exists" and whether its retention is another than configured,
 * which is left as it is, with the statement that would change it on 1.x), FAULT with the statement
 * in `words` when it may not be created, RETRY when the server did not answer. ERR_INVALID: the
 * dialect of `w` is not known yet, or influxdb.retention is no duration. `done` may come within the
 * call when memory runs out. After http_cancel_all what was under way stays allocated: cancel only
 * to end. */
enum err influx_setup_start(struct influx_write *w, void *context,
                            void (*done)(void *context,
                                         const struct influx_result *result)) ERR_MUST_CHECK;

#endif
