/* msgpack announces each container with its count and then lists the elements, which is the
 * order in which the nodes of a document lie: writing is one walk along them. */
#include "base/msgpack.h"

#include "base/value_node.h"

enum {
    NIL = 0xC0,
    FALSE = 0xC2,
    TRUE = 0xC3,
    BIN_8 = 0xC4,
    EXT_8 = 0xC7,
    FLOAT_64 = 0xCB,
    UINT_8 = 0xCC, /* 16, 32 and 64 bits behind it */
    INT_8 = 0xD0,  /* the same */
    FIXEXT_4 = 0xD6,
    FIXEXT_8 = 0xD7,
    STR_8 = 0xD9,
    ARRAY_16 = 0xDC,
    MAP_16 = 0xDE,
    TIMESTAMP = 0xFF, /* extension type -1 */
    NS_PER_S = 1000000000,
};

/* The lowest `size` bytes of `number`, big-endian. */
static void put_number(struct buf *out, uint64_t number, unsigned size)
{
    char bytes[8];
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (char)(number >> 8 * (size - 1 - i));
    buf_append(out, bytes, size);
}

static void put_byte(struct buf *out, unsigned byte)
{
    buf_char(out, (char)byte);
}

/* A number of 1, 2, 4 or 8 bytes behind the first byte of its size; those of one form follow
 * each other. */
static void put_sized(struct buf *out, unsigned first_of_8, uint64_t number, unsigned size)
{
    put_byte(out, first_of_8 + (size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3));
    put_number(out, number, size);
}

static unsigned unsigned_size(uint64_t number)
{
    return number <= UINT8_MAX ? 1 : number <= UINT16_MAX ? 2 : number <= UINT32_MAX ? 4 : 8;
}

static unsigned negative_size(int64_t number)
{
    return number >= INT8_MIN ? 1 : number >= INT16_MIN ? 2 : number >= INT32_MIN ? 4 : 8;
}

static void put_integer(struct buf *out, int64_t integer)
{
    if (integer >= -32 && integer <= 127)
        put_byte(out, (unsigned)integer & 0xFF);
    else if (integer >= 0)
        put_sized(out, UINT_8, (uint64_t)integer, unsigned_size((uint64_t)integer));
    else
        put_sized(out, INT_8, (uint64_t)integer, negative_size(integer));
}

static void put_double(struct buf *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    put_byte(out, FLOAT_64);
    put_number(out, bits, 8);
}

/* Lengths fit 32 bits: no payload is larger than 256 MiB. */
static void put_text(struct buf *out, struct text text)
{
    if (text.len < 32)
        put_byte(out, 0xA0 | (unsigned)text.len);
    else
        put_sized(out, STR_8, text.len, unsigned_size(text.len));
    buf_text(out, text);
}

static void put_bytes(struct buf *out, struct text bytes)
{
    put_sized(out, BIN_8, bytes.len, unsigned_size(bytes.len));
    buf_text(out, bytes);
}

static void put_time(struct buf *out, int64_t time_ns)
{
    int64_t seconds = time_ns / NS_PER_S, ns = time_ns % NS_PER_S;
    if (ns < 0) {
        ns += NS_PER_S;
        seconds--;
    }
    bool small = seconds >= 0 && seconds < INT64_C(1) << 34;
    bool whole = small && ns == 0 && seconds <= UINT32_MAX;
    put_byte(out, whole ? FIXEXT_4 : small ? FIXEXT_8 : EXT_8);
    if (!small)
        put_byte(out, 12);
    put_byte(out, TIMESTAMP);
    if (whole) {
        put_number(out, (uint64_t)seconds, 4);
    } else if (small) {
        put_number(out, (uint64_t)ns << 34 | (uint64_t)seconds, 8);
    } else {
        put_number(out, (uint64_t)ns, 4);
        put_number(out, (uint64_t)seconds, 8);
    }
}

static void put_count(struct buf *out, unsigned fixed, unsigned first_of_16, uint64_t count)
{
    if (count < 16)
        put_byte(out, fixed | (unsigned)count);
    else
        put_sized(out, first_of_16 - 1, count, count <= UINT16_MAX ? 2 : 4);
}

static void put_node(struct buf *out, const struct value_node *node)
{
    switch (node->kind) {
    case VALUE_NULL:
        put_byte(out, NIL);
        return;
    case VALUE_BOOL:
        put_byte(out, node->truth ? TRUE : FALSE);
        return;
    case VALUE_INTEGER:
        put_integer(out, node->integer);
        return;
    case VALUE_NUMBER:
        put_double(out, node->number);
        return;
    case VALUE_TEXT:
        put_text(out, node->text);
        return;
    case VALUE_BYTES:
        put_bytes(out, node->text);
        return;
    case VALUE_TIME:
        put_time(out, node->time_ns);
        return;
    case VALUE_ARRAY:
        put_count(out, 0x90, ARRAY_16, node->count);
        return;
    case VALUE_MAP:
        put_count(out, 0x80, MAP_16, node->count);
        return;
    }
}

void msgpack_write(struct value root, struct buf *out)
{
    if (!root.node) {
        put_byte(out, NIL);
        return;
    }
    for (const struct value_node *node = root.node; node < root.node + root.node->span; node++)
        put_node(out, node);
}
