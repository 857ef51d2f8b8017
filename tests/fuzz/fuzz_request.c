/* Any bytes as a request of each endpoint: it is read or refused in words; what was read, written
 * and read again is the same request, and has the same key. */
#include <stdlib.h>

#include "schemas/request.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void there_and_back(const struct fields_table *table, const struct request *request)
{
    struct value_document *document = value_document_new();
    struct request again;
    struct value root;
    struct buf written = {0}, key = {0}, key_again = {0};
    if (!document)
        return;
    fields_encode(table, request, &written);
    require(value_parse(document, VALUE_JSON, buf_view(&written), &root, NULL) == ERR_OK);
    require(request_decode(table, root, &again, NULL) == ERR_OK);
    request_key(table, request, &key);
    request_key(table, &again, &key_again);
    require(text_equal(buf_view(&key), buf_view(&key_again)));
    require(value_parse(document, VALUE_JSON, buf_view(&key), &root, NULL) == ERR_OK);
    require(request_decode(table, root, &again, NULL) == ERR_OK);
    require(again.transaction.len == 0 && again.reply_to.len == 0 && !again.fresh);
    buf_free(&written);
    buf_free(&key);
    buf_free(&key_again);
    value_document_free(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text payload = {(const char *)data, size};
    struct value_document *document = value_document_new();
    struct value root;
    if (!document)
        return 0;
    if (value_parse(document, value_encoding_of((struct text){0}, payload), payload, &root, NULL) ==
        ERR_OK) {
        for (size_t i = 0; request_tables[i]; i++) {
            struct request request;
            struct err_reason why = {""};
            if (request_decode(request_tables[i], root, &request, &why) == ERR_OK)
                there_and_back(request_tables[i], &request);
            else
                require(why.text[0] != '\0');
        }
    }
    value_document_free(document);
    return 0;
}
