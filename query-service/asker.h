/* Who asked, and how he is answered: where the answer goes, what is echoed, in which encoding, by
 * when. Knows nothing of what was asked.
 *
 * The answer goes to the MQTT 5 Response Topic; without one to `reply_to` of the payload; without
 * that to ROOT/response/<endpoint>. Every topic must pass bus/rpc_address.h. */
#ifndef QUERY_ASKER_H
#define QUERY_ASKER_H

#include "base/buf.h"
#include "base/value.h"
#include "bus/rpc_inbox.h"

#define ASKER_DEADLINE_MS     5000 /* without Message Expiry */
#define ASKER_DEADLINE_MAX_MS 30000
/* Of more than these nothing is echoed: an answer to each of a thousand askers must find room. */
#define ASKER_TRANSACTION_BYTES 1024
#define ASKER_CORRELATION_BYTES 1024

struct asker {
    struct asker *next; /* for whoever holds it */
    const char *topic;
    struct text correlation; /* MQTT 5's, echoed; empty when absent */
    struct text transaction; /* the payload's, echoed; empty when absent */
    enum value_encoding encoding;
    bool named_topic; /* it said itself where the answer goes */
    bool standing;    /* a question of the configuration: the answer is retained */
    int64_t arrived_ms, deadline_ms;
    size_t size; /* of this piece of memory */
    char bytes[];
};

/* asker_make reads what the request says of its answer; `root` is the payload's value, null when it
 * has none or could not be read. ERR_INVALID: the topic it names cannot be answered to, so there is
 * nobody to tell. ERR_NOMEM. The asker is freed with free(). */
enum err asker_make(const char *topic_root, const struct rpc_request *request, struct value root,
                    struct asker **ret_asker, struct err_reason *why) ERR_MUST_CHECK;

/* asker_make_standing is for a question of the configuration. */
enum err asker_make_standing(const char *topic, int64_t now_ms,
                             struct asker **ret_asker) ERR_MUST_CHECK;

/* asker_answer appends the whole payload: the envelope (schema, timestamp, transaction, cached,
 * cache_age_s) and `members`, which stand between the braces of a JSON object; in the asker's
 * encoding. `scratch` is used for msgpack. ERR_NOMEM. */
struct asker_envelope {
    int64_t made_ns;
    bool cached;
    double cache_age_s;
};
enum err asker_answer(const struct asker *asker, const struct asker_envelope *envelope,
                      struct text members, struct buf *out) ERR_MUST_CHECK;

/* asker_error appends {"schema":1,"timestamp","error":{"code","message"},"transaction"}. */
enum err asker_error(const struct asker *asker, int64_t now_ns, const char *code,
                     const char *message, struct buf *out) ERR_MUST_CHECK;

#endif
