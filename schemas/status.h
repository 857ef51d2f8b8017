/* The retained status of a service: topic_status. The MQTT will is the same message with
 * STATUS_OFFLINE. */
#ifndef SCHEMAS_STATUS_H
#define SCHEMAS_STATUS_H

#include "schemas/fields.h"

enum status_state {
    STATUS_UNSAID,
    STATUS_ONLINE,
    STATUS_HOLDING, /* alive, and takes no messages: `reason` says why */
    STATUS_OFFLINE,
};

struct status {
    char service[64];
    enum status_state state;
    char instance[64]; /* the same after a restart, another for each journal or client */
    int64_t since_ns;
    char reason[256]; /* "" when there is nothing to say */
};

extern const struct fields_table status_table;

/* status_words are the texts of enum status_state, ended by NULL. */
extern const char *const status_words[];

/* status_make gives the status of now; what does not fit is cut. */
struct status status_make(const char *service, const char *instance, enum status_state state,
                          const char *reason, int64_t now_ns);

void status_encode(const struct status *status, struct buf *out);

/* status_decode reads a status; errors as fields_decode. */
enum err status_decode(struct value root, struct status *ret_status,
                       struct err_reason *why) ERR_MUST_CHECK;

/* status_read is what bus/presence.h and bus/rpc_client.h ask of a payload: whether it says that
 * the service is there (online or holding), and which instance. False when it is no status. */
bool status_read(struct text payload, bool *ret_there, char *ret_instance, size_t size);

#endif
