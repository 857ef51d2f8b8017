#include "schemas/status.h"

#include <stdio.h>

/* Several times what a status can have. What is longer is none, and would need many times its size
 * in being read. */
#define STATUS_BYTES_MAX 16384

const char *const status_words[] = {"", "online", "holding", "offline", NULL};

#define MEMBER(member) FIELDS_MEMBER(struct status, member)

static const struct fields_row rows[] = {
    {"schema", FIELDS_SCHEMA, .required = true, .max = 1, .help = "version of this message"},
    {"service", FIELDS_TEXT, .required = true, MEMBER(service), .min = 1,
     .help = "name of the service, as in the topic"},
    {"state", FIELDS_WORD, .required = true, MEMBER(state), .words = status_words,
     .help = "online: at work; holding: alive, and takes no messages; offline: gone"},
    {"instance", FIELDS_TEXT, .required = true, MEMBER(instance), .min = 1,
     .help = "which instance this is, the same after a restart: the writer's is the id of its "
             "journal, the query service's follows from machine, client id, root and broker"},
    {"since", FIELDS_TIME, .required = true, MEMBER(since_ns),
     .help = "when this state began; in the will: when the service connected"},
    {"reason", FIELDS_TEXT, MEMBER(reason), .help = "why it is so, for a person"},
};

const struct fields_table status_table = {
    .name = "status",
    .help = "What a service says of itself; retained, and its MQTT will says offline.",
    FIELDS_ROWS(rows),
    .size = sizeof(struct status),
};

struct status status_make(const char *service, const char *instance, enum status_state state,
                          const char *reason, int64_t now_ns)
{
    struct status status = {.state = state, .since_ns = now_ns};
    fields_copy(status.service, sizeof status.service, text_of(service));
    fields_copy(status.instance, sizeof status.instance, text_of(instance));
    fields_copy(status.reason, sizeof status.reason, text_of(reason));
    return status;
}

void status_encode(const struct status *status, struct buf *out)
{
    fields_encode(&status_table, status, out);
}

enum err status_decode(struct value root, struct status *ret_status, struct err_reason *why)
{
    return fields_decode(&status_table, root, ret_status, why);
}

bool status_read(struct text payload, bool *ret_there, char *ret_instance, size_t size)
{
    struct status status;
    struct value root;
    struct value_document *document = value_document_new();
    bool good = document && payload.len <= STATUS_BYTES_MAX &&
                value_parse(document, value_encoding_of((struct text){NULL, 0}, payload), payload,
                            &root, NULL) == ERR_OK &&
                status_decode(root, &status, NULL) == ERR_OK;
    if (good) {
        *ret_there = status.state != STATUS_OFFLINE;
        snprintf(ret_instance, size, "%s", status.instance);
    }
    value_document_free(document);
    return good;
}
