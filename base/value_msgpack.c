/* msgpack into nodes: one pass over the bytes, no recursion. A declared length or count is
 * believed only as far as there are bytes left for it (an element is at least one byte). */
#include "base/value_node.h"

/* What a first byte from 0xC0 to 0xDF announces, and how many bytes of number or
 * length follow it. */
enum form { NEVER, NIL, FALSE, TRUE, UINT, INT, FLOAT, STR, BIN, EXT, FIXEXT, ARRAY, MAP };

static const struct head {
    uint8_t form;
    uint8_t size; /* bytes; of FIXEXT: of the data itself */
} heads[32] = {
    [0x00] = {NIL, 0},     [0x01] = {NEVER, 0},  [0x02] = {FALSE, 0},  [0x03] = {TRUE, 0},
    [0x04] = {BIN, 1},     [0x05] = {BIN, 2},    [0x06] = {BIN, 4},    [0x07] = {EXT, 1},
    [0x08] = {EXT, 2},     [0x09] = {EXT, 4},    [0x0A] = {FLOAT, 4},  [0x0B] = {FLOAT, 8},
    [0x0C] = {UINT, 1},    [0x0D] = {UINT, 2},   [0x0E] = {UINT, 4},   [0x0F] = {UINT, 8},
    [0x10] = {INT, 1},     [0x11] = {INT, 2},    [0x12] = {INT, 4},    [0x13] = {INT, 8},
    [0x14] = {FIXEXT, 1},  [0x15] = {FIXEXT, 2}, [0x16] = {FIXEXT, 4}, [0x17] = {FIXEXT, 8},
    [0x18] = {FIXEXT, 16}, [0x19] = {STR, 1},    [0x1A] = {STR, 2},    [0x1B] = {STR, 4},
    [0x1C] = {ARRAY, 2},   [0x1D] = {ARRAY, 4},  [0x1E] = {MAP, 2},    [0x1F] = {MAP, 4},
};

/* A container we are inside of. */
struct level {
    uint32_t index; /* of its node */
    uint64_t left;  /* nodes still to come; a pair is two */
};

struct reader {
    struct value_document *document;
    const unsigned char *bytes;
    size_t len, at;
    struct err_reason *why;
    unsigned depth;
    struct level open[VALUE_MSGPACK_LEVELS];
};

static enum err fail_short(const struct reader *r, size_t at, uint64_t wanted)
{
    return err_explain(r->why, ERR_INVALID,
                       "msgpack: what begins at byte %zu needs at least %llu bytes more, "
                       "there are %zu",
                       at, (unsigned long long)wanted, r->len - r->at);
}

/* Big-endian; the caller has seen that the bytes are there. */
static uint64_t take(struct reader *r, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | r->bytes[r->at++];
    return number;
}

static int64_t sign_extend(uint64_t number, unsigned size)
{
    unsigned shift = 64 - 8 * size;
    return (int64_t)(number << shift) >> shift;
}

static struct value_node number_node(enum form form, unsigned size, uint64_t raw)
{
    struct value_node node = {.kind = VALUE_INTEGER};
    if (form == INT) {
        node.integer = sign_extend(raw, size);
    } else if (form == UINT && raw <= INT64_MAX) {
        node.integer = (int64_t)raw;
    } else if (form == UINT) {
        node.kind = VALUE_NUMBER;
        node.number = (double)raw;
    } else if (size == 4) {
        uint32_t bits = (uint32_t)raw;
        float single;
        memcpy(&single, &bits, sizeof single);
        node.kind = VALUE_NUMBER;
        node.number = (double)single;
    } else {
        node.kind = VALUE_NUMBER;
        memcpy(&node.number, &raw, sizeof raw);
    }
    return node;
}

static enum err read_bytes(struct reader *r, enum value_kind kind, uint64_t length, size_t start)
{
    if (length > r->len - r->at)
        return fail_short(r, start, length);
    struct text text = {(const char *)r->bytes + r->at, (size_t)length};
    if (kind == VALUE_TEXT && !text_utf8_valid(text))
        return err_explain(r->why, ERR_INVALID, "msgpack: the text at byte %zu is not UTF-8",
                           start);
    r->at += text.len;
    return value_node_add(r->document, (struct value_node){.kind = kind, .text = text});
}

/* Seconds and nanoseconds as int64 ns, at its ends where they do not fit. */
static int64_t time_of(int64_t seconds, uint32_t ns)
{
    int64_t total;
    if (__builtin_mul_overflow(seconds, INT64_C(1000000000), &total) ||
        __builtin_add_overflow(total, (int64_t)ns, &total))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    return total;
}

/* The timestamp extension in its three sizes (msgpack specification, "Timestamp
 * extension type"). */
static enum err read_extension(struct reader *r, uint64_t length, size_t start)
{
    if (r->at == r->len || length > r->len - r->at - 1)
        return fail_short(r, start, length + 1);
    int type = (int)sign_extend(take(r, 1), 1);
    if (type != -1)
        return err_explain(r->why, ERR_INVALID,
                           "msgpack: extension type %d at byte %zu; only the timestamp (-1) is "
                           "known",
                           type, start);
    uint32_t ns = 0;
    int64_t seconds;
    if (length == 4) {
        seconds = (int64_t)take(r, 4);
    } else if (length == 8) {
        uint64_t both = take(r, 8);
        ns = (uint32_t)(both >> 34);
        seconds = (int64_t)(both & UINT64_C(0x3FFFFFFFF));
    } else if (length == 12) {
        ns = (uint32_t)take(r, 4);
        seconds = (int64_t)take(r, 8);
    } else {
        return err_explain(r->why, ERR_INVALID,
                           "msgpack: timestamp of %llu bytes at byte %zu; 4, 8 or 12 are right",
                           (unsigned long long)length, start);
    }
    if (ns > 999999999)
        return err_explain(r->why, ERR_INVALID,
                           "msgpack: timestamp at byte %zu with %u nanoseconds, more than a second",
                           start, ns);
    return value_node_add(r->document,
                          (struct value_node){.kind = VALUE_TIME, .time_ns = time_of(seconds, ns)});
}

static enum err open_container(struct reader *r, enum value_kind kind, uint64_t count, size_t start)
{
    uint64_t nodes = kind == VALUE_MAP ? 2 * count : count;
    if (nodes > r->len - r->at)
        return fail_short(r, start, nodes);
    if (r->depth == VALUE_MSGPACK_LEVELS)
        return err_explain(r->why, ERR_INVALID, "msgpack: more than %d levels deep at byte %zu",
                           VALUE_MSGPACK_LEVELS, start);
    if (nodes > 0)
        r->open[r->depth++] = (struct level){(uint32_t)r->document->count, nodes};
    return value_node_add(r->document, (struct value_node){.kind = kind, .count = (size_t)count});
}

/* A first byte from 0xC0 to 0xDF; `start` is where it stands. */
static enum err read_headed(struct reader *r, struct head head, size_t start)
{
    struct value_document *document = r->document;
    if (head.form == FIXEXT)
        return read_extension(r, head.size, start);
    if (head.size > r->len - r->at)
        return fail_short(r, start, head.size);
    uint64_t raw = take(r, head.size);
    switch ((enum form)head.form) {
    case NIL:
        return value_node_add(document, (struct value_node){.kind = VALUE_NULL});
    case FALSE:
    case TRUE:
        return value_node_add(document,
                              (struct value_node){.kind = VALUE_BOOL, .truth = head.form == TRUE});
    case UINT:
    case INT:
    case FLOAT:
        return value_node_add(document, number_node(head.form, head.size, raw));
    case STR:
        return read_bytes(r, VALUE_TEXT, raw, start);
    case BIN:
        return read_bytes(r, VALUE_BYTES, raw, start);
    case EXT:
        return read_extension(r, raw, start);
    case ARRAY:
        return open_container(r, VALUE_ARRAY, raw, start);
    case MAP:
        return open_container(r, VALUE_MAP, raw, start);
    case NEVER:
    case FIXEXT:
        break;
    }
    return err_explain(r->why, ERR_INVALID, "msgpack: byte 0x%02X at byte %zu is never used",
                       r->bytes[start], start);
}

static enum err read_one(struct reader *r)
{
    if (r->at == r->len)
        return fail_short(r, r->at, 1);
    size_t start = r->at;
    unsigned char first = r->bytes[r->at++];
    if (first < 0x80 || first >= 0xE0)
        return value_node_add(r->document, number_node(INT, 1, first));
    if (first < 0x90)
        return open_container(r, VALUE_MAP, first & 0x0F, start);
    if (first < 0xA0)
        return open_container(r, VALUE_ARRAY, first & 0x0F, start);
    if (first < 0xC0)
        return read_bytes(r, VALUE_TEXT, first & 0x1F, start);
    return read_headed(r, heads[first - 0xC0], start);
}

enum err value_msgpack_read(struct value_document *document, struct text payload,
                            struct err_reason *why)
{
    struct reader r = {.document = document,
                       .bytes = (const unsigned char *)payload.at,
                       .len = payload.len,
                       .why = why};
    do {
        if (r.depth > 0)
            r.open[r.depth - 1].left--;
        enum err err = read_one(&r);
        if (err != ERR_OK)
            return err;
        while (r.depth > 0 && r.open[r.depth - 1].left == 0)
            value_node_close(document, r.open[--r.depth].index);
    } while (r.depth > 0);
    if (r.at != r.len)
        return err_explain(why, ERR_INVALID,
                           "msgpack: %zu bytes behind the one value, from byte %zu", r.len - r.at,
                           r.at);
    return ERR_OK;
}
