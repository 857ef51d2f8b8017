/* What the tests of messages share: one document that JSON and msgpack are parsed into, and all
 * tables. */
#ifndef TESTS_UNIT_SCHEMAS_MESSAGES_H
#define TESTS_UNIT_SCHEMAS_MESSAGES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schemas/alert.h"
#include "schemas/event.h"
#include "schemas/live.h"
#include "schemas/reading.h"
#include "schemas/rejected.h"
#include "schemas/request.h"
#include "schemas/service_metrics.h"
#include "schemas/status.h"

static struct value_document *messages_document;

static inline int messages_open(void **state)
{
    (void)state;
    messages_document = value_document_new();
    return messages_document ? 0 : -1;
}

static inline int messages_close(void **state)
{
    (void)state;
    value_document_free(messages_document);
    return 0;
}

/* Fails the test when the payload is not well-formed. */
static inline struct value messages_parse(struct text payload)
{
    struct value root = {0};
    struct err_reason why = {""};
    enum value_encoding encoding = value_encoding_of((struct text){0}, payload);
    if (value_parse(messages_document, encoding, payload, &root, &why) != ERR_OK)
        fail_msg("%.*s: %s", TEXT_ARGS(payload), why.text);
    return root;
}

/* The file below the root of the sources; fails the test when there is none. */
static inline void messages_read_file(const char *path, struct buf *ret_content)
{
    char whole[1024], piece[4096];
    snprintf(whole, sizeof whole, "%s/%s", HEARTHLINE_SOURCE_DIR, path);
    FILE *file = fopen(whole, "rb");
    if (!file)
        fail_msg("cannot open %s", whole);
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        buf_append(ret_content, piece, got);
    fclose(file);
    assert_false(ret_content->failed);
}

static const struct fields_table *const messages_tables[] = {
    &status_table,   &service_metrics_table, &live_message_table,
    &rejected_table, &alert_table,           &silence_table};
static const struct keys_table *const messages_keys[] = {&reading_keys, &event_keys};

#define MESSAGES_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
