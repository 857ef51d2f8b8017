#include "base/value.h"

#include <stdlib.h>
#include <strings.h>

#include "base/value_node.h"

enum {
    FIRST_NODES = 64,
    KEPT_NODES = 65536, /* a larger list is given back before the next message */
    KEPT_BYTES = 1 << 20,
    PAYLOAD_MAX_BYTES = 268435456,
};

struct value_document *value_document_new(void)
{
    return calloc(1, sizeof(struct value_document));
}

void value_document_free(struct value_document *document)
{
    if (!document)
        return;
    free(document->nodes);
    buf_free(&document->unescaped);
    free(document);
}

enum err value_node_add(struct value_document *document, struct value_node node)
{
    if (document->count == document->capacity) {
        size_t capacity = document->capacity ? document->capacity * 2 : FIRST_NODES;
        struct value_node *nodes = realloc(document->nodes, capacity * sizeof *nodes);
        if (!nodes)
            return ERR_NOMEM;
        document->nodes = nodes;
        document->capacity = capacity;
    }
    node.span = 1;
    document->nodes[document->count++] = node;
    return ERR_OK;
}

void value_node_close(struct value_document *document, size_t index)
{
    document->nodes[index].span = (uint32_t)(document->count - index);
}

static void document_reset(struct value_document *document)
{
    if (document->capacity > KEPT_NODES) {
        free(document->nodes);
        document->nodes = NULL;
        document->capacity = 0;
    }
    if (document->unescaped.capacity > KEPT_BYTES)
        buf_free(&document->unescaped);
    document->count = 0;
    buf_reset(&document->unescaped);
}

enum value_encoding value_encoding_of(struct text content_type, struct text payload)
{
    static const struct {
        struct text type;
        enum value_encoding encoding;
    } known[] = {
        {{"application/json", 16}, VALUE_JSON},
        {{"application/msgpack", 19}, VALUE_MSGPACK},
        {{"application/x-msgpack", 21}, VALUE_MSGPACK},
        {{"application/vnd.msgpack", 23}, VALUE_MSGPACK},
    };
    const char *semicolon =
        content_type.len ? memchr(content_type.at, ';', content_type.len) : NULL;
    if (semicolon)
        content_type.len = (size_t)(semicolon - content_type.at);
    content_type = text_trim(content_type);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (content_type.len == known[i].type.len &&
            strncasecmp(content_type.at, known[i].type.at, content_type.len) == 0)
            return known[i].encoding;
    bool high = payload.len > 0 && (unsigned char)payload.at[0] >= 0x80;
    return high && !text_starts(payload, TEXT("\xEF\xBB\xBF")) ? VALUE_MSGPACK : VALUE_JSON;
}

enum err value_parse(struct value_document *document, enum value_encoding encoding,
                     struct text payload, struct value *ret_root, struct err_reason *why)
{
    document_reset(document);
    if (payload.len > PAYLOAD_MAX_BYTES)
        return err_explain(why, ERR_TOO_LARGE, "%zu bytes; MQTT carries at most %d", payload.len,
                           PAYLOAD_MAX_BYTES);
    enum err err = encoding == VALUE_JSON ? value_json_read(document, payload, why)
                                          : value_msgpack_read(document, payload, why);
    if (err != ERR_OK)
        return err == ERR_NOMEM ? err_explain(why, err, "out of memory") : err;
    ret_root->node = document->nodes;
    return ERR_OK;
}

enum value_kind value_kind(struct value v)
{
    return v.node ? v.node->kind : VALUE_NULL;
}

const char *value_kind_name(enum value_kind kind)
{
    static const char *const names[] = {
        [VALUE_NULL] = "null",
        [VALUE_BOOL] = "true or false",
        [VALUE_INTEGER] = "a whole number",
        [VALUE_NUMBER] = "a number",
        [VALUE_TEXT] = "text",
        [VALUE_BYTES] = "bytes",
        [VALUE_TIME] = "a time",
        [VALUE_ARRAY] = "an array",
        [VALUE_MAP] = "an object",
    };
    size_t index = (size_t)kind;
    return index < sizeof names / sizeof *names ? names[index] : "an unknown kind";
}

bool value_bool(struct value v)
{
    return value_kind(v) == VALUE_BOOL && v.node->truth;
}

int64_t value_integer(struct value v)
{
    return value_kind(v) == VALUE_INTEGER ? v.node->integer : 0;
}

double value_number(struct value v)
{
    if (value_kind(v) == VALUE_NUMBER)
        return v.node->number;
    return (double)value_integer(v);
}

struct text value_text(struct value v)
{
    enum value_kind kind = value_kind(v);
    return kind == VALUE_TEXT || kind == VALUE_BYTES ? v.node->text : (struct text){0};
}

int64_t value_time_ns(struct value v)
{
    return value_kind(v) == VALUE_TIME ? v.node->time_ns : 0;
}

size_t value_count(struct value v)
{
    enum value_kind kind = value_kind(v);
    return kind == VALUE_ARRAY || kind == VALUE_MAP ? v.node->count : 0;
}

struct value_walk value_walk(struct value v)
{
    size_t count = value_count(v);
    return (struct value_walk){
        .at = count > 0 ? v.node + 1 : NULL, .left = count, .of_map = value_kind(v) == VALUE_MAP};
}

bool value_next(struct value_walk *walk, struct text *ret_key, struct value *ret_value)
{
    while (walk->left > 0) {
        const struct value_node *key = walk->at;
        const struct value_node *element = walk->of_map ? key + key->span : key;
        walk->at = element + element->span;
        walk->left--;
        if (walk->of_map && key->kind != VALUE_TEXT)
            continue;
        *ret_key = walk->of_map ? key->text : (struct text){0};
        ret_value->node = element;
        return true;
    }
    return false;
}

bool value_get(struct value v, struct text key, struct value *ret_value)
{
    if (value_kind(v) != VALUE_MAP)
        return false;
    struct value_walk walk = value_walk(v);
    struct text name;
    struct value element;
    while (value_next(&walk, &name, &element)) {
        if (text_equal(name, key)) {
            *ret_value = element;
            return true;
        }
    }
    return false;
}
