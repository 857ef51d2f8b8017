/* What was heard on rejected/# since the service started: the newest messages, bounded in number
 * and bytes, the oldest out first. Kept as JSON, each as the table of schemas/rejected.h reads it.
 */
#ifndef ENDPOINTS_REJECTS_HEARD_H
#define ENDPOINTS_REJECTS_HEARD_H

#include "base/value.h"
#include "schemas/rejected.h"

#define REJECTS_HEARD_MAX   200
#define REJECTS_HEARD_BYTES (1u << 20) /* of all their JSON together */

struct rejects_heard;
struct rejects_heard *rejects_heard_new(void); /* NULL when out of memory */
void rejects_heard_free(struct rejects_heard *heard);

/* rejects_heard_add takes in a message as it came; what is larger than the bound for all is
 * ERR_TOO_LARGE. Errors else as rejected_decode, and ERR_NOMEM; what was kept stays. */
enum err rejects_heard_add(struct rejects_heard *heard, struct value root,
                           struct err_reason *why) ERR_MUST_CHECK;

/* rejects_heard_at gives the JSON and the reason of the i-th, the newest being 0; false when there
 * are not so many. The texts live until the next one is added. */
bool rejects_heard_at(const struct rejects_heard *heard, unsigned i, struct text *ret_json,
                      struct text *ret_reason);

#endif
