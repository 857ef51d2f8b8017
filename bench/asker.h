/* One connection that asks the query service: MQTT 5 on a bare socket, requests at QoS 0 with
 * a Response Topic of this connection alone, told apart by their number as Correlation Data. */
#ifndef BENCH_ASKER_H
#define BENCH_ASKER_H

#include "message.h"

struct asker {
    struct wire wire;
    char response_topic[120];
};

/* asker_open connects and returns when the broker has granted the subscription, 10 s at most;
 * wire.why has the words when it gives false. `id` is the client id. */
bool asker_open(struct asker *asker, const char *host, const char *port, const char *id);

/* asker_ask publishes a request and writes what the socket takes. */
struct asker_request {
    const struct bytes *topic, *payload;
    uint64_t number;
    uint32_t expiry_s; /* Message Expiry, the deadline; 0: none */
};
bool asker_ask(struct asker *asker, const struct asker_request *request);

enum answer_kind {
    ANSWER_OK,
    ANSWER_BUSY,
    ANSWER_BAD_REQUEST,
    ANSWER_TIMEOUT,
    ANSWER_OTHER_ERROR,
    ANSWER_KINDS,
};

struct answer {
    uint64_t number; /* of its request */
    enum answer_kind kind;
    bool cached, fallback; /* from the cache; from the services, not from InfluxDB */
    size_t bytes;
};

/* asker_read takes what has arrived, without waiting; asker_next cuts the next answer off it. */
bool asker_read(struct asker *asker);
bool asker_next(struct asker *asker, struct answer *ret_answer);

void asker_close(struct asker *asker);

#endif
