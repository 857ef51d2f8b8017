/* Any bytes as each of our messages: what is decoded is encoded to what decodes to the same. The
 * bytes are tried as a time, as base64 and as a topic as well. */
#include <stdlib.h>

#include "schemas/alert.h"
#include "schemas/base64.h"
#include "schemas/live.h"
#include "schemas/message_time.h"
#include "schemas/rejected.h"
#include "schemas/service_metrics.h"
#include "schemas/status.h"
#include "schemas/topics.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Encodes the message, reads that again and encodes it once more. */
static void there_and_back(const struct fields_table *table, const void *message)
{
    struct value_document *document = value_document_new();
    struct value root;
    struct buf first = {0}, second = {0};
    void *again = calloc(1, table->size);
    if (document && again) {
        fields_encode(table, message, &first);
        require(value_parse(document, VALUE_JSON, buf_view(&first), &root, NULL) == ERR_OK);
        require(fields_decode(table, root, again, NULL) == ERR_OK);
        fields_encode(table, again, &second);
        require(text_equal(buf_view(&first), buf_view(&second)));
    }
    free(again);
    buf_free(&first);
    buf_free(&second);
    value_document_free(document);
}

static void try_table(const struct fields_table *table, struct value root)
{
    struct err_reason why = {""};
    void *message = calloc(1, table->size);
    if (!message)
        return;
    if (fields_decode(table, root, message, &why) == ERR_OK)
        there_and_back(table, message);
    else
        require(why.text[0] != '\0');
    free(message);
}

static void try_messages(struct value_document *document, enum value_encoding encoding,
                         struct text payload)
{
    static const struct fields_table *const tables[] = {&status_table,       &service_metrics_table,
                                                        &live_message_table, &rejected_table,
                                                        &alert_table,        &silence_table};
    struct err_reason why = {""};
    struct value root;
    bool present = false;
    int64_t time_ns;
    if (value_parse(document, encoding, payload, &root, NULL) != ERR_OK)
        return;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        try_table(tables[i], root);
    if (message_time(root, &present, &time_ns, &why) != ERR_OK)
        require(why.text[0] != '\0' && !present);
}

static void try_base64(struct text payload)
{
    struct buf bytes = {0}, text = {0};
    if (base64_decode(payload, &bytes) == ERR_OK) {
        base64_encode(buf_view(&bytes), &text);
        require(text_equal(buf_view(&text), payload));
    } else {
        require(bytes.len == 0);
    }
    buf_free(&bytes);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text payload = {(const char *)data, size};
    struct value_document *document = value_document_new();
    struct buf form = {0};
    int64_t time_ns;
    if (!document)
        return 0;
    try_messages(document, VALUE_JSON, payload);
    try_messages(document, VALUE_MSGPACK, payload);
    try_base64(payload);
    enum err err = message_time_rfc3339(payload, &time_ns, NULL);
    require(err == ERR_OK || err == ERR_INVALID);
    struct topic topic = topic_parse("hearthline", payload);
    require(topic.name.len <= size && topic.metric.len <= size);
    topic_nearest("hearthline", payload, &form);
    require(form.len > 0);
    buf_free(&form);
    value_document_free(document);
    return 0;
}
