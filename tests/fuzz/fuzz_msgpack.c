/* Any bytes as JSON and as msgpack; what can be read is written as msgpack, read again and found
 * the same, and msgpack-c takes it too. */
#include <msgpack.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/msgpack.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* msgpack-c's own bound of depth is near ours; deeper JSON is only written. */
static unsigned depth_of(struct value v)
{
    unsigned deepest = 0;
    struct value_walk walk = value_walk(v);
    struct text key;
    for (struct value element; value_next(&walk, &key, &element);) {
        unsigned below = depth_of(element);
        deepest = below > deepest ? below : deepest;
    }
    return value_kind(v) == VALUE_ARRAY || value_kind(v) == VALUE_MAP ? deepest + 1 : 0;
}

static void compare(struct value a, struct value b)
{
    double x = value_number(a), y = value_number(b);
    require(value_kind(a) == value_kind(b) && value_count(a) == value_count(b));
    require(value_bool(a) == value_bool(b) && value_integer(a) == value_integer(b));
    require(memcmp(&x, &y, sizeof x) == 0 || (x != x && y != y));
    require(text_equal(value_text(a), value_text(b)));
    require(value_time_ns(a) == value_time_ns(b));
    struct value_walk walk_a = value_walk(a), walk_b = value_walk(b);
    struct text key_a, key_b;
    struct value below_a, below_b;
    while (value_next(&walk_a, &key_a, &below_a)) {
        require(value_next(&walk_b, &key_b, &below_b) && text_equal(key_a, key_b));
        compare(below_a, below_b);
    }
    require(!value_next(&walk_b, &key_b, &below_b));
}

static void judge(struct text written)
{
    msgpack_unpacked other;
    msgpack_unpacked_init(&other);
    size_t used = 0;
    msgpack_unpack_return got = msgpack_unpack_next(&other, written.at, written.len, &used);
    require(got == MSGPACK_UNPACK_SUCCESS && used == written.len);
    msgpack_unpacked_destroy(&other);
}

static void try_encoding(enum value_encoding encoding, struct text payload,
                         struct value_document *document, struct value_document *second)
{
    struct value root, again;
    struct buf out = {0}, twice = {0};
    if (value_parse(document, encoding, payload, &root, NULL) != ERR_OK)
        return;
    msgpack_write(root, &out);
    require(!out.failed && out.len > 0);
    enum err err = value_parse(second, VALUE_MSGPACK, buf_view(&out), &again, NULL);
    /* A map's keys may themselves be containers in msgpack, which depth_of does not walk. */
    require((err == ERR_OK) ==
            (encoding == VALUE_MSGPACK || depth_of(root) <= VALUE_MSGPACK_LEVELS));
    if (err == ERR_OK) {
        compare(root, again);
        msgpack_write(again, &twice);
        require(text_equal(buf_view(&out), buf_view(&twice)));
        judge(buf_view(&out));
    }
    buf_free(&out);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text payload = {(const char *)data, size};
    struct value_document *document = value_document_new(), *second = value_document_new();
    if (document && second) {
        try_encoding(VALUE_JSON, payload, document, second);
        try_encoding(VALUE_MSGPACK, payload, document, second);
    }
    value_document_free(document);
    value_document_free(second);
    return 0;
}
