/* Any bytes as JSON and as msgpack: read, walked to the end, and held against cJSON and
 * msgpack-c, which must accept what is accepted here (but for what the header says). */
#include <cjson/cJSON.h>
#include <math.h>
#include <msgpack.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/value.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Reads every byte and number below `v`; gives how many values there are. At most as deep
 * as the format may be. */
static size_t visit(struct value v)
{
    struct text text = value_text(v);
    require(value_kind(v) != VALUE_TEXT || text_utf8_valid(text));
    volatile double sum = value_number(v) + (double)value_integer(v) + (double)value_time_ns(v);
    (void)sum;
    require(value_kind_name(value_kind(v))[0] != '\0');
    size_t count = 1, walked = 0;
    struct value_walk walk = value_walk(v);
    struct text key;
    for (struct value element; value_next(&walk, &key, &element); walked++) {
        struct value found;
        if (value_kind(v) == VALUE_MAP && walked < 16)
            require(value_get(v, key, &found));
        count += visit(element);
    }
    require(walked <= value_count(v));
    require(value_kind(v) == VALUE_MAP || walked == value_count(v));
    return count;
}

static void compare_cjson(struct value v, const cJSON *item)
{
    switch (value_kind(v)) {
    case VALUE_INTEGER:
    case VALUE_NUMBER:
        require(cJSON_IsNumber(item) && item->valuedouble == value_number(v));
        return;
    case VALUE_TEXT: {
        struct text text = value_text(v);
        require(cJSON_IsString(item) && strncmp(item->valuestring, text.at, text.len) == 0);
        return;
    }
    case VALUE_ARRAY:
    case VALUE_MAP:
        require((size_t)cJSON_GetArraySize(item) == value_count(v));
        break;
    default:
        return;
    }
    struct value_walk walk = value_walk(v);
    struct text key;
    const cJSON *below = item->child;
    for (struct value element; value_next(&walk, &key, &element); below = below->next)
        compare_cjson(element, below);
}

/* cJSON cuts numbers at 63 bytes, so only payloads without such a run of digits are compared; it
 * ends a text at a NUL, which strncmp above follows. */
static bool has_long_number(struct text payload)
{
    size_t run = 0;
    for (size_t i = 0; i < payload.len; i++) {
        char c = payload.at[i];
        run = (c >= '0' && c <= '9') || strchr("+-.eE", c) ? run + 1 : 0;
        if (run > 60)
            return true;
    }
    return false;
}

static void try_json(struct value_document *document, struct text payload)
{
    struct value root;
    struct err_reason why = {""};
    if (value_parse(document, VALUE_JSON, payload, &root, &why) != ERR_OK) {
        require(why.text[0] != '\0');
        return;
    }
    visit(root);
    if (text_starts(payload, TEXT("\xEF\xBB\xBF"))) { /* cJSON wants five bytes with a mark */
        payload.at += 3;
        payload.len -= 3;
    }
    if (has_long_number(payload))
        return;
    cJSON *item = cJSON_ParseWithLength(payload.at, payload.len);
    require(item != NULL);
    compare_cjson(root, item);
    cJSON_Delete(item);
}

static void compare_msgpack(struct value v, const msgpack_object *object)
{
    switch (object->type) {
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        require(value_integer(v) == object->via.i64);
        break;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        require(value_number(v) == object->via.f64 || isnan(object->via.f64));
        break;
    case MSGPACK_OBJECT_STR:
    case MSGPACK_OBJECT_BIN:
        require(value_text(v).len == object->via.str.size);
        break;
    case MSGPACK_OBJECT_ARRAY:
        require(value_kind(v) == VALUE_ARRAY && value_count(v) == object->via.array.size);
        break;
    case MSGPACK_OBJECT_MAP:
        require(value_kind(v) == VALUE_MAP && value_count(v) == object->via.map.size);
        return;
    default:
        return;
    }
    if (object->type != MSGPACK_OBJECT_ARRAY)
        return;
    struct value_walk walk = value_walk(v);
    struct text key;
    struct value element;
    for (size_t i = 0; value_next(&walk, &key, &element); i++)
        compare_msgpack(element, &object->via.array.ptr[i]);
}

static void try_msgpack(struct value_document *document, struct text payload)
{
    struct value root;
    struct err_reason why = {""};
    if (value_parse(document, VALUE_MSGPACK, payload, &root, &why) != ERR_OK) {
        require(why.text[0] != '\0');
        return;
    }
    visit(root);
    msgpack_unpacked other;
    msgpack_unpacked_init(&other);
    size_t used = 0;
    msgpack_unpack_return got = msgpack_unpack_next(&other, payload.at, payload.len, &used);
    require(got == MSGPACK_UNPACK_SUCCESS && used == payload.len);
    compare_msgpack(root, &other.data);
    msgpack_unpacked_destroy(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text payload = {(const char *)data, size};
    struct value_document *document = value_document_new();
    if (!document)
        return 0;
    value_encoding_of(payload, payload);
    try_json(document, payload);
    try_msgpack(document, payload);
    value_document_free(document);
    return 0;
}
